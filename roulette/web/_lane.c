/* The way of an ordinary message, from the bytes of one connection to those of the other.
 *
 * It does what Python does with a message that nothing is to be said against, on the same objects,
 * and nothing else: see lane.py. All is decided, and every new object made, before any is changed.
 * Whatever is not as expected is left to Python, with all that was read after it.
 *
 * Slots of our own classes are read where they are in memory. Where that is, is looked up once, and
 * only used on objects of just that class. No code in Python runs between what is decided and what
 * is done but destructors, and all that is used after them is held.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include "_lane_bytes.h"

#ifdef Py_GIL_DISABLED
#error "it relies on nobody changing anything meanwhile"
#endif

/* What a lane is made with, in the order of lane.py: classes, dicts, and others. */
enum { GUEST, LEG, BUCKET, TALLY, ACK, DEQUE, CONNECTION, OF_LOBBY, CONNECTED, GUESTS, NUMBERS, NODE,
       AFTER, CONFIRM, NOW, SET_ALARM, FACTORY, OPEN, MESSAGES, PLAIN, V1, ACKS_EVERY,
       ACKS_RIDE, APPEND, POPLEFT, NOTHING, GIVEN };

/* Attributes of a connection, its own or of its class; and names of others. */
enum { STATE, DATA, CURRENT_FRAME, INSIDE_MESSAGE, PING, FRAMES, WIRE, UNSENT, READER, TRANSPORT,
       ATTRIBUTES, TOLD = ATTRIBUTES, WRITE, EPOCH, NAMES };
static const char *const NAME[NAMES] = {
    "state", "data", "current_frame", "inside_message", "autoPingTimeoutCall", "_frames", "wire",
    "_unsent", "_awaiting_reader", "transport", "told", "write", "epoch",
};

enum { G_CONNECTION, G_RESUME, G_LEG, G_BUCKETS, CHAT, ME, PARTNER, TYPING, SAID, UNCONFIRMED,
       CONFIRM_AT, IDS, OLDER_IDS, HEARD, HANDED, KEPT, KEPT_SIZE, RATE, BURST, TOKENS, AT, COUNTED,
       A_CHAT, A_ID, A_SEQ, SLOTS };
static const struct {
    int of;
    const char *name;
} SLOT[SLOTS] = {
    {GUEST, "connection"}, {GUEST, "resume"}, {GUEST, "leg"}, {GUEST, "buckets"},
    {LEG, "chat"}, {LEG, "me"}, {LEG, "partner"}, {LEG, "partner_typing_until"}, {LEG, "said"},
    {LEG, "unconfirmed"}, {LEG, "confirm_at"}, {LEG, "_ids"}, {LEG, "_older_ids"},
    {LEG, "heard"}, {LEG, "_handed"}, {LEG, "_kept"}, {LEG, "_kept_bytes"},
    {BUCKET, "rate"}, {BUCKET, "burst"}, {BUCKET, "_tokens"}, {BUCKET, "_at"},
    {TALLY, "messages"}, {ACK, "chat"}, {ACK, "id"}, {ACK, "seq"},
};

typedef struct {
    PyObject_HEAD
    PyObject *its[GIVEN];
    PyObject *name[NAMES];
    PyObject *of_class[ATTRIBUTES]; /* NULL if the class has none */
    Py_ssize_t offset[SLOTS];
    Py_ssize_t attributes_of_lobby;
    unsigned long long taken;
} Lane;

#define IN(object, slot) (*(PyObject **)((char *)(object) + lane->offset[slot]))
#define IS(object, of) ((object) != NULL && Py_TYPE(object) == (PyTypeObject *)lane->its[of])

/* One read, from one guest to another. */
typedef struct {
    PyObject *now;
    double time, epoch;
    PyObject *guest, *leg, *chat, *bucket, *frames; /* the bucket of the connection, or None */
    PyObject *to, *to_guest, *to_leg;
    int v1, to_v1, ring;
    Py_ssize_t size; /* of out */
    byte out[WAITING_BYTES];
} Turn;

/* Functions that return an int return 1 for yes, 0 for no, which is "leave it to Python", and -1
 * with an exception set. */

static int
whole(PyObject *object, long long *value)
{
    int overflow;

    if (object == NULL || !PyLong_CheckExact(object))
        return 0;
    *value = PyLong_AsLongLongAndOverflow(object, &overflow);
    return !overflow && *value >= 0 && *value < 1LL << 53;
}

static int
real(PyObject *object, double *value)
{
    if (object == NULL || !PyFloat_CheckExact(object))
        return 0;
    *value = PyFloat_AS_DOUBLE(object);
    return 1;
}

static int
same(PyObject *one, PyObject *other)
{
    return one == other
           || (PyUnicode_CheckExact(one) && PyUnicode_CheckExact(other)
               && PyUnicode_Compare(one, other) == 0);
}

static int
is_address(PyObject *object)
{
    return object != NULL && PyTuple_Check(object) && PyTuple_GET_SIZE(object) == 2;
}

/* Say whether a string is short, and goes into JSON as it is but for quotes and backslashes. */
static int
is_simple(PyObject *object, Py_ssize_t most, String *value)
{
    Py_ssize_t at = 0;

    if (object == NULL || !PyUnicode_CheckExact(object) || !PyUnicode_IS_COMPACT_ASCII(object))
        return 0;
    value->at = PyUnicode_1BYTE_DATA(object);
    value->size = PyUnicode_GET_LENGTH(object);
    while (at < value->size && value->at[at] >= ' ' && value->at[at] < 0x7f)
        at++;
    return at == value->size && at <= most;
}

static PyObject *
attribute(Lane *lane, PyObject *dict, int which)
{
    PyObject *value = PyDict_GetItemWithError(dict, lane->name[which]);

    return value != NULL ? value : lane->of_class[which];
}

static void
set(PyObject **slot, PyObject *value)
{
    PyObject *before = *slot;

    *slot = Py_NewRef(value);
    Py_XDECREF(before);
}

/* TokenBucket.take, but for what it sets: find how many tokens are left, -1 if there is no limit. */
static int
affords(Lane *lane, PyObject *bucket, double now, double *left)
{
    double rate, burst, tokens, at;

    *left = -1.0;
    if (!real(IN(bucket, RATE), &rate))
        return 0;
    if (rate == 0.0)
        return 1;
    if (!real(IN(bucket, BURST), &burst) || !real(IN(bucket, TOKENS), &tokens)
        || !real(IN(bucket, AT), &at))
        return 0;
    if (now > at) {
        tokens += (now - at) * rate;
        if (tokens > burst)
            tokens = burst;
    }
    *left = tokens - 1.0;
    return tokens >= 1.0;
}

static void
spend(Lane *lane, PyObject *bucket, PyObject *now, PyObject *left)
{
    if (PyFloat_AS_DOUBLE(left) >= 0.0) {
        set(&IN(bucket, TOKENS), left);
        set(&IN(bucket, AT), now);
    }
}

/* Return a string of UTF-8, NULL if it is not that, or also for an error. */
static PyObject *
decoded(String text)
{
    PyObject *found = PyUnicode_DecodeUTF8((const char *)text.at, text.size, NULL);

    if (found == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
        PyErr_Clear();
    return found;
}

/* Say whether a text may be said, and text.clean() would leave it as it is. */
static int
is_clean(String text)
{
    PyObject *found;
    Py_ssize_t at, length;
    int blank = 1, clean;

    for (at = 0; at < text.size && text.at[at] >= ' ' && text.at[at] < 0x7f; at++)
        blank &= text.at[at] == ' ';
    if (at == text.size)
        return !blank && text.size <= MESSAGE_CHARACTERS;
    if (text.at[at] < 0x80)
        return 0;
    found = decoded(text);
    if (found == NULL)
        return PyErr_Occurred() ? -1 : 0;
    length = PyUnicode_GET_LENGTH(found);
    clean = length <= MESSAGE_CHARACTERS; /* not blank: of all spaces only " " is printable */
    for (at = 0; clean && at < length; at++)
        clean = Py_UNICODE_ISPRINTABLE(PyUnicode_READ_CHAR(found, at));
    Py_DECREF(found);
    return clean;
}

/* Say whether a connection is between two messages, and its guest in a chat whose partner, too, is
 * on this node and has a connection. */
static int
begins(Lane *lane, Turn *turn, PyObject *connection, PyObject *dict)
{
    PyObject *wire = attribute(lane, dict, WIRE), *buckets, *partner, *back;

    if (PyDict_GET_SIZE(lane->its[OF_LOBBY]) != lane->attributes_of_lobby
        || attribute(lane, dict, STATE) != lane->its[OPEN]
        || attribute(lane, dict, DATA) != lane->its[NOTHING]
        || attribute(lane, dict, CURRENT_FRAME) != Py_None
        || attribute(lane, dict, INSIDE_MESSAGE) != Py_False
        || attribute(lane, dict, PING) != Py_None)
        return 0;
    turn->v1 = wire == lane->its[V1];
    turn->frames = attribute(lane, dict, FRAMES);
    turn->guest = PyDict_GetItemWithError(lane->its[CONNECTED], connection);
    if ((!turn->v1 && wire != lane->its[PLAIN])
        || (turn->frames != Py_None && !IS(turn->frames, BUCKET)) || !IS(turn->guest, GUEST))
        return 0;
    turn->leg = IN(turn->guest, G_LEG);
    buckets = IN(turn->guest, G_BUCKETS);
    if (!IS(turn->leg, LEG) || buckets == NULL || !PyDict_CheckExact(buckets))
        return 0;
    turn->bucket = PyDict_GetItemWithError(buckets, lane->its[MESSAGES]);
    partner = IN(turn->leg, PARTNER);
    if (!IS(turn->bucket, BUCKET) || !is_address(partner)
        || !same(PyTuple_GET_ITEM(partner, 0), lane->its[NODE]))
        return 0;
    turn->to_guest = PyDict_GetItemWithError(lane->its[GUESTS], PyTuple_GET_ITEM(partner, 1));
    if (!IS(turn->to_guest, GUEST))
        return 0;
    turn->to = IN(turn->to_guest, G_CONNECTION);
    turn->to_leg = IN(turn->to_guest, G_LEG);
    turn->chat = IN(turn->leg, CHAT);
    if (!IS(turn->to, CONNECTION) || !IS(turn->to_leg, LEG) || turn->chat == NULL
        || IN(turn->to_leg, CHAT) == NULL || !same(IN(turn->to_leg, CHAT), turn->chat))
        return 0;
    partner = IN(turn->to_leg, PARTNER);
    back = IN(turn->leg, ME);
    return is_address(partner) && is_address(back)
           && same(PyTuple_GET_ITEM(partner, 0), PyTuple_GET_ITEM(back, 0))
           && same(PyTuple_GET_ITEM(partner, 1), PyTuple_GET_ITEM(back, 1));
}

/* Say whether who is told can be written to at once, and was told nothing yet in this turn. */
static int
listens(Lane *lane, Turn *turn, PyObject *dict)
{
    PyObject *wire = attribute(lane, dict, WIRE);

    turn->to_v1 = wire == lane->its[V1];
    return (turn->to_v1 || wire == lane->its[PLAIN])
           && attribute(lane, dict, STATE) == lane->its[OPEN]
           && attribute(lane, dict, READER) == Py_None
           && attribute(lane, dict, UNSENT) == lane->its[NOTHING]
           && attribute(lane, dict, TRANSPORT) != NULL;
}

/* Leg.repeated and Leg.say: return the id of a message if it is a new one, that goes into the dict
 * that there is; NULL otherwise, or for an error. */
static PyObject *
new_id(Lane *lane, PyObject *leg, String value)
{
    PyObject *ids = IN(leg, IDS), *older = IN(leg, OLDER_IDS), *id;

    if (ids == NULL || older == NULL || !PyDict_CheckExact(ids) || !PyDict_CheckExact(older)
        || PyDict_GET_SIZE(ids) >= REMEMBERED_IDS || (id = decoded(value)) == NULL)
        return NULL;
    if (PyUnicode_GET_LENGTH(id) < 1 || PyUnicode_GET_LENGTH(id) > ID_CHARACTERS
        || PyDict_Contains(ids, id) != 0 || PyDict_Contains(older, id) != 0)
        Py_CLEAR(id);
    return id;
}

/* Leg.hear: say whether there is room for a message, at once or when the oldest that is kept is
 * dropped, which then is found; it must have been handed over. `size` becomes that of all. */
static int
has_room(Lane *lane, PyObject *leg, long long *size, PyObject **oldest)
{
    PyObject *kept = IN(leg, KEPT);
    long long before, seq, handed;
    Py_ssize_t count;

    if (!IS(kept, DEQUE) || !whole(IN(leg, KEPT_SIZE), &before)
        || !whole(IN(leg, HANDED), &handed))
        return 0;
    *size += before;
    count = PySequence_Size(kept);
    if (count < KEPT_MESSAGES && *size <= KEPT_BYTES)
        return 1;
    *oldest = PySequence_GetItem(kept, 0);
    if (*oldest == NULL)
        return -1;
    if (!PyTuple_CheckExact(*oldest) || PyTuple_GET_SIZE(*oldest) != 3
        || !PyBytes_CheckExact(PyTuple_GET_ITEM(*oldest, 2))
        || !whole(PyTuple_GET_ITEM(*oldest, 0), &seq) || seq > handed)
        return 0;
    *size -= PyBytes_GET_SIZE(PyTuple_GET_ITEM(*oldest, 2));
    return count <= KEPT_MESSAGES && *size <= KEPT_BYTES;
}

/* Chats.confirm: find the acknowledgement that goes along with a message, if there is one. */
static int
rides_along(Lane *lane, Turn *turn, PyObject **ack, Said *values, long long *seq)
{
    PyObject *due = IN(turn->to_leg, UNCONFIRMED);
    double by;

    if (due == Py_None)
        return 1;
    if (!real(IN(turn->to_leg, CONFIRM_AT), &by))
        return 0;
    if (by > turn->time + PyFloat_AS_DOUBLE(lane->its[ACKS_RIDE]))
        return 1;
    if (!turn->to_v1 || !IS(due, ACK) || !is_simple(IN(due, A_CHAT), CHAT_BYTES, &values->chat)
        || !is_simple(IN(due, A_ID), ID_CHARACTERS, &values->id) || !whole(IN(due, A_SEQ), seq))
        return 0;
    *ack = Py_NewRef(due);
    return 1;
}

/* Chats.acknowledge: note that a message is accepted, and when to say so. */
static int
acknowledge(Lane *lane, Turn *turn, PyObject *ack, PyObject *by)
{
    PyObject *called;
    int first = IN(turn->leg, UNCONFIRMED) == Py_None;

    set(&IN(turn->leg, UNCONFIRMED), ack);
    if (!first)
        return 1;
    set(&IN(turn->leg, CONFIRM_AT), by);
    turn->ring = 1;
    called = PyObject_CallFunctionObjArgs(lane->its[AFTER], turn->now, lane->its[ACKS_EVERY],
                                          lane->its[CONFIRM], turn->guest, NULL);
    Py_XDECREF(called);
    return called == NULL ? -1 : 1;
}

/* Keep a message in place of the oldest, or of none. */
static int
keep(Lane *lane, PyObject *leg, PyObject *message, PyObject *oldest, PyObject *size)
{
    PyObject *both[] = {IN(leg, KEPT), message}, *done = Py_NewRef(Py_None);

    if (oldest != NULL)
        Py_SETREF(done, PyObject_CallOneArg(lane->its[POPLEFT], both[0]));
    if (done != NULL)
        Py_SETREF(done, PyObject_Vectorcall(lane->its[APPEND], both, 2, NULL));
    set(&IN(leg, KEPT_SIZE), size);
    Py_XDECREF(done);
    return done == NULL ? -1 : 1;
}

/* Take one message, whose frame is unmasked: decide, make, and do. */
static int
say(Lane *lane, Turn *turn, String payload)
{
    enum { SEQ, COUNT, LEFT, FRAMES_LEFT, OLDEST, DUE, STAMP, SIZE, UTF8, HEARS, ID, ACKED, BY, MADE };
    PyObject *made[MADE] = {NULL}, *leg = turn->leg, *to_leg = turn->to_leg;
    int lasting = IN(turn->to_guest, G_RESUME) != Py_None, v1 = turn->v1, done;
    double left, frames_left = -1.0, stamp = (turn->epoch + turn->time) * 1000;
    long long seq, heard, count, size, due_seq = 0;
    Said said = {.text = payload}, due;
    String chat;
    byte *end;

#define MAKE(which, object) ((made[which] = (object)) != NULL)

    if (!is_simple(turn->chat, CHAT_BYTES, &chat))
        return 0;
    if (v1 ? !message(payload.at, payload.at + payload.size, &said)
                 || said.chat.size != chat.size
                 || memcmp(said.chat.at, chat.at, (size_t)chat.size) != 0
           : *payload.at == '/')
        return 0;
    if ((done = is_clean(said.text)) <= 0)
        return done;
    if ((!turn->to_v1 && memmem(said.text.at, (size_t)said.text.size, "* ", 2) != NULL)
        || turn->size + MOST_TOLD >= WAITING_BYTES
        || !whole(IN(leg, SAID), &seq) || !whole(IN(to_leg, HEARD), &heard) || seq++ != heard
        || !whole(IN(lane->its[NUMBERS], COUNTED), &count)
        || !affords(lane, turn->bucket, turn->time, &left)
        || (turn->frames != Py_None && !affords(lane, turn->frames, turn->time, &frames_left))
        || !(stamp >= 0 && stamp < 1e15)
        || !rides_along(lane, turn, &made[DUE], &due, &due_seq))
        return 0;
    size = said.text.size;
    if (lasting && (done = has_room(lane, to_leg, &size, &made[OLDEST])) <= 0)
        goto out;
    done = 0;
    if (v1 && !MAKE(ID, new_id(lane, leg, said.id)))
        goto out;
    if (!MAKE(SEQ, PyLong_FromLongLong(seq)) || !MAKE(COUNT, PyLong_FromLongLong(count + 1))
        || !MAKE(LEFT, PyFloat_FromDouble(left))
        || !MAKE(FRAMES_LEFT, PyFloat_FromDouble(frames_left))
        || !MAKE(STAMP, PyFloat_FromDouble((double)(long long)stamp / 1000))
        || !MAKE(SIZE, PyLong_FromLongLong(size))
        || (lasting
            && (!MAKE(UTF8, PyBytes_FromStringAndSize((char *)said.text.at, said.text.size))
                || !MAKE(HEARS, PyTuple_Pack(3, made[SEQ], made[STAMP], made[UTF8]))))
        || (v1
            && (!MAKE(ACKED, PyObject_CallFunctionObjArgs(lane->its[ACK], turn->chat, made[ID],
                                                          made[SEQ], NULL))
                || !MAKE(BY, PyFloat_FromDouble(
                                 turn->time + PyFloat_AS_DOUBLE(lane->its[ACKS_EVERY]))))))
        goto out;

    /* From here on nothing fails but for want of memory. */
    end = turn->out + turn->size;
    end = turn->to_v1 ? got_message(end, chat, seq, said.text, (long long)stamp)
                      : line(end, said.text);
    if (made[DUE] != NULL) {
        end = acknowledged(end, due.chat, due.id, due_seq);
        set(&IN(to_leg, UNCONFIRMED), Py_None);
    }
    turn->size = end - turn->out;
    spend(lane, turn->bucket, turn->now, made[LEFT]);
    if (turn->frames != Py_None)
        spend(lane, turn->frames, turn->now, made[FRAMES_LEFT]);
    set(&IN(lane->its[NUMBERS], COUNTED), made[COUNT]);
    set(&IN(leg, SAID), made[SEQ]);
    set(&IN(to_leg, HEARD), made[SEQ]);
    set(&IN(to_leg, HANDED), made[SEQ]);
    set(&IN(to_leg, TYPING), Py_None);
    lane->taken++;
    done = 1;
    if (lasting)
        done = keep(lane, to_leg, made[HEARS], made[OLDEST], made[SIZE]);
    if (v1 && done > 0)
        done = PyDict_SetItem(IN(leg, IDS), made[ID], made[SEQ]) < 0
                   ? -1
                   : acknowledge(lane, turn, made[ACKED], made[BY]);
out:
    for (int each = 0; each < MADE; each++)
        Py_XDECREF(made[each]);
    return PyErr_Occurred() ? -1 : done;
}

/* Write what was told, and set the alarm, if the turn ends here; else leave both to its end. */
static int
ends(Lane *lane, Turn *turn, PyObject *dict, int last)
{
    PyObject *out, *told, *transport, *done = Py_NewRef(Py_None);

    if (turn->size == 0)
        goto out;
    out = PyBytes_FromStringAndSize((const char *)turn->out, turn->size);
    if (out != NULL && last && (transport = attribute(lane, dict, TRANSPORT)) != NULL) {
        Py_INCREF(transport); /* it may be lost by what it writes */
        Py_SETREF(done, PyObject_CallMethodOneArg(transport, lane->name[WRITE], out));
        Py_DECREF(transport);
    }
    else if (out != NULL
             && (told = PyObject_GetAttr(lane->its[FACTORY], lane->name[TOLD])) != NULL) {
        if (PyList_Append(told, turn->to) == 0)
            PyDict_SetItem(dict, lane->name[UNSENT], out);
        Py_DECREF(told);
    }
    Py_XDECREF(out);
    if (done != NULL && last && turn->ring)
        Py_SETREF(done, PyObject_CallNoArgs(lane->its[SET_ALARM]));
out:
    Py_XDECREF(done);
    return PyErr_Occurred() ? -1 : 1;
}

static PyObject *
take(Lane *lane, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *dict = NULL, *to_dict = NULL, *epoch, *type, *error, *trace;
    Py_ssize_t size, length, at, start = 0;
    byte unmasked[FRAME_BYTES];
    const byte *data;
    Turn turn;
    int more = 0;

    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "take() takes a connection, and bytes");
        return NULL;
    }
    if (!IS(arguments[0], CONNECTION) || !PyBytes_CheckExact(arguments[1]))
        return PyLong_FromSsize_t(0);
    data = (const byte *)PyBytes_AS_STRING(arguments[1]);
    size = PyBytes_GET_SIZE(arguments[1]);
    at = payload_at(data, size, 0, &length);
    if (at == 0)
        return PyLong_FromSsize_t(0);
    turn.size = turn.ring = 0;
    turn.now = PyObject_CallNoArgs(lane->its[NOW]);
    dict = PyObject_GenericGetDict(arguments[0], NULL);
    epoch = PyDict_GetItemWithError(lane->its[OF_LOBBY], lane->name[EPOCH]);
    if (dict == NULL || !real(turn.now, &turn.time) || !real(epoch, &turn.epoch)
        || begins(lane, &turn, arguments[0], dict) <= 0
        || (to_dict = PyObject_GenericGetDict(turn.to, NULL)) == NULL
        || listens(lane, &turn, to_dict) <= 0)
        goto out;
    PyObject *held[] = {turn.guest, turn.leg, turn.chat, turn.bucket, turn.frames,
                        turn.to, turn.to_guest, turn.to_leg};
    const size_t all = sizeof held / sizeof *held;
    for (size_t each = 0; each < all; each++)
        Py_INCREF(held[each]);
    do {
        unmask(unmasked, data + at, length, data + at - 4);
        more = say(lane, &turn, (String){unmasked, length});
        if (more > 0)
            start = at + length;
    } while (more > 0 && (at = payload_at(data, size, start, &length)) > 0);
    PyErr_Fetch(&type, &error, &trace); /* what was said until then is told all the same */
    ends(lane, &turn, to_dict, more < 0 || start == size);
    if (type != NULL)
        PyErr_Restore(type, error, trace);
    for (size_t each = 0; each < all; each++)
        Py_DECREF(held[each]);
out:
    Py_XDECREF(turn.now);
    Py_XDECREF(dict);
    Py_XDECREF(to_dict);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(start);
}

/* How a lane is made: it knows where the slots are, and what the class of connections has. */

static int
find(Lane *lane)
{
    for (int each = 0; each < SLOTS; each++) {
        PyObject *of = lane->its[SLOT[each].of];
        PyObject *slot = PyObject_GetAttrString(of, SLOT[each].name);
        if (slot == NULL)
            return -1;
        if (!Py_IS_TYPE(slot, &PyMemberDescr_Type) || PyDescr_TYPE(slot) != (PyTypeObject *)of
            || ((PyMemberDescrObject *)slot)->d_member->type != T_OBJECT_EX)
            PyErr_Format(PyExc_TypeError, "%s is no slot of %R", SLOT[each].name, of);
        else
            lane->offset[each] = ((PyMemberDescrObject *)slot)->d_member->offset;
        Py_DECREF(slot);
    }
    for (int each = 0; each < NAMES; each++) {
        lane->name[each] = PyUnicode_InternFromString(NAME[each]);
        if (lane->name[each] == NULL)
            return -1;
        if (each < ATTRIBUTES) {
            lane->of_class[each] = PyObject_GetAttr(lane->its[CONNECTION], lane->name[each]);
            if (lane->of_class[each] == NULL)
                PyErr_Clear();
            else if (Py_TYPE(lane->of_class[each])->tp_descr_set != NULL)
                PyErr_Format(PyExc_TypeError, "%s is more than a value", NAME[each]);
        }
    }
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *
make(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    Lane *lane = (Lane *)type->tp_alloc(type, 0);

    if (lane == NULL)
        return NULL;
    if (PyTuple_GET_SIZE(arguments) != GIVEN || keywords != NULL)
        PyErr_Format(PyExc_TypeError, "a lane is made with %d things", GIVEN);
    for (int each = 0; each < GIVEN && !PyErr_Occurred(); each++) {
        PyObject *given = lane->its[each] = Py_NewRef(PyTuple_GET_ITEM(arguments, each));
        if ((each <= CONNECTION && !PyType_Check(given))
            || (OF_LOBBY <= each && each <= GUESTS && !PyDict_CheckExact(given))
            || (each == NUMBERS && !IS(given, TALLY))
            || ((each == ACKS_EVERY || each == ACKS_RIDE) && !PyFloat_CheckExact(given)))
            PyErr_Format(PyExc_TypeError, "%R is not what was expected", given);
    }
    if (PyErr_Occurred() || find(lane) < 0)
        Py_CLEAR(lane);
    else
        lane->attributes_of_lobby = PyDict_GET_SIZE(lane->its[OF_LOBBY]);
    return (PyObject *)lane;
}

static int
traverse(Lane *lane, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(lane));
    for (int each = 0; each < GIVEN; each++)
        Py_VISIT(lane->its[each]);
    for (int each = 0; each < ATTRIBUTES; each++)
        Py_VISIT(lane->of_class[each]);
    return 0;
}

static int
clear(Lane *lane)
{
    for (int each = 0; each < GIVEN; each++)
        Py_CLEAR(lane->its[each]);
    for (int each = 0; each < ATTRIBUTES; each++)
        Py_CLEAR(lane->of_class[each]);
    for (int each = 0; each < NAMES; each++)
        Py_CLEAR(lane->name[each]);
    return 0;
}

static void
dealloc(Lane *lane)
{
    PyTypeObject *type = Py_TYPE(lane);

    PyObject_GC_UnTrack(lane);
    clear(lane);
    type->tp_free(lane);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"take", (PyCFunction)(void (*)(void))take, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"taken", T_ULONGLONG, offsetof(Lane, taken), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot type_slots[] = {
    {Py_tp_new, make},        {Py_tp_traverse, traverse}, {Py_tp_clear, clear},
    {Py_tp_dealloc, dealloc}, {Py_tp_methods, methods},   {Py_tp_members, members},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "roulette.web._lane.Lane",
    .basicsize = sizeof(Lane),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = type_slots,
};

static int
execute(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    int added = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);

    Py_XDECREF(type);
    return added;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "roulette.web._lane",
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__lane(void)
{
    return PyModuleDef_Init(&module);
}
