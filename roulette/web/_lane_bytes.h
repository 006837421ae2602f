/* Text frames and the JSON of a message, from bytes and to bytes. No object is changed here.
 *
 * What is read is whatever somebody on the internet has sent: payload_at() decides how much of it,
 * and what it lets through is unmasked into a buffer of FRAME_BYTES. What is written has a bound
 * that follows from the limits below, and goes where there is room for MOST_TOLD bytes.
 */
#include "_frames.h"

typedef unsigned char byte;

/* tests/web/test_lane.py compares these with Python's. */
enum {
    WAITING_BYTES = 32 * 1024,
    MESSAGE_CHARACTERS = 2000,
    ID_CHARACTERS = 64,
    REMEMBERED_IDS = 256,
    KEPT_MESSAGES = 200,
    KEPT_BYTES = 256 * 1024,
};

enum {
    CHAT_BYTES = 128,
    /* A message and an acknowledgement: what is escaped is one byte of UTF-8, and becomes two. */
    MOST_TOLD = 4 * MESSAGE_CHARACTERS + 2 * (CHAT_BYTES + ID_CHARACTERS + CHAT_BYTES + 128),
};

/* Strings that are not ended by a zero. */
typedef struct {
    byte *at;
    Py_ssize_t size;
} String;

typedef struct {
    String chat, id, text;
} Said;

/* Return what comes after `mark`, and white space on both sides of it; NULL if it is not there. */
static byte *
past(byte *at, const byte *end, byte mark)
{
    int found = mark == 0;

    for (; at != NULL && at < end; at++)
        if (*at == mark && !found)
            found = 1;
        else if (*at != ' ' && *at != '\n' && *at != '\r' && *at != '\t')
            break;
    return found ? at : NULL;
}

/* Read a JSON string, undoing where it is the escapes that stand for themselves; return what comes
 * after it. NULL if it is not there, or has any other escape. */
static byte *
string(byte *at, const byte *end, String *value)
{
    byte *to;

    if (at == NULL || at >= end || *at != '"')
        return NULL;
    to = value->at = ++at;
    for (; at < end && *at != '"'; at++) {
        if (*at < ' ')
            return NULL;
        if (*at == '\\' && (++at >= end || (*at != '"' && *at != '\\' && *at != '/')))
            return NULL;
        *to++ = *at;
    }
    value->size = to - value->at;
    return at < end ? at + 1 : NULL;
}

static int
is(String value, const char *expected)
{
    return value.size == (Py_ssize_t)strlen(expected)
           && memcmp(value.at, expected, (size_t)value.size) == 0;
}

/* Read {"type":"message","chat":...,"id":...,"text":...}, each of these once, in any order. */
static int
message(byte *at, const byte *end, Said *said)
{
    String key, value;
    int seen = 0, one;

    at = past(at, end, '{');
    for (;;) {
        at = past(string(at, end, &key), end, ':');
        at = past(string(at, end, &value), end, 0);
        if (at == NULL || at >= end)
            return 0;
        if (is(key, "type") && is(value, "message"))
            one = 1;
        else if (is(key, "chat")) {
            one = 2;
            said->chat = value;
        }
        else if (is(key, "id")) {
            one = 4;
            said->id = value;
        }
        else if (is(key, "text")) {
            one = 8;
            said->text = value;
        }
        else
            return 0;
        if (seen & one)
            return 0; /* each value is looked at, though the last one counts */
        seen |= one;
        if (*at == '}')
            return seen == 15 && past(at, end, '}') == end;
        at = past(at, end, ',');
    }
}

static byte *
literal(byte *to, const char *what)
{
    size_t size = strlen(what);

    memcpy(to, what, size);
    return to + size;
}

static byte *
digits(byte *to, long long number, int least)
{
    byte reversed[20];
    int count = 0;

    do
        reversed[count++] = (byte)('0' + number % 10);
    while ((number /= 10) > 0 || count < least);
    while (count > 0)
        *to++ = reversed[--count];
    return to;
}

/* A number of thousandths, as the shortest decimal that is the same float: of two that have 15
 * digits at most, none are. */
static byte *
thousandths(byte *to, long long number)
{
    byte *end = digits(to, number / 1000, 1);

    *end++ = '.';
    end = digits(end, number % 1000, 3);
    while (end[-1] == '0' && end[-2] != '.')
        end--;
    return end;
}

/* A string in which there is nothing to escape but quotes and backslashes. */
static byte *
quoted(byte *to, String value)
{
    *to++ = '"';
    for (Py_ssize_t at = 0; at < value.size; at++) {
        if (value.at[at] == '"' || value.at[at] == '\\')
            *to++ = '\\';
        *to++ = value.at[at];
    }
    *to++ = '"';
    return to;
}

/* Put the head of a text frame before a payload that begins 4 bytes after `to`; return its end. */
static byte *
framed(byte *to, byte *end)
{
    size_t size = (size_t)(end - (to + 4));

    to[0] = TEXT;
    if (size < SMALL) {
        to[1] = (byte)size;
        memmove(to + 2, to + 4, size);
        return end - 2;
    }
    to[1] = SMALL;
    to[2] = (byte)(size >> 8);
    to[3] = (byte)size;
    return end;
}

static byte *
got_message(byte *to, String chat, long long seq, String text, long long at)
{
    byte *end = literal(to + 4, "{\"type\":\"gotMessage\",\"chat\":");

    end = quoted(end, chat);
    end = digits(literal(end, ",\"seq\":"), seq, 1);
    end = quoted(literal(end, ",\"text\":"), text);
    end = thousandths(literal(end, ",\"at\":"), at);
    return framed(to, literal(end, "}"));
}

static byte *
acknowledged(byte *to, String chat, String id, long long seq)
{
    byte *end = literal(to + 4, "{\"type\":\"ack\",\"chat\":");

    end = quoted(end, chat);
    end = quoted(literal(end, ",\"id\":"), id);
    end = digits(literal(end, ",\"seq\":"), seq, 1);
    return framed(to, literal(end, "}"));
}

static byte *
line(byte *to, String text)
{
    memcpy(to + 4, text.at, (size_t)text.size);
    return framed(to, to + 4 + text.size);
}
