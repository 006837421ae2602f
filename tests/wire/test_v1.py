import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.core import events, verbs
from roulette.core.events import Code, Reason, Stage, State
from roulette.wire import v1, v1_frames
from roulette.wire.closing import BY_EVENT


def decode(frame: object) -> verbs.Verb | events.Event:
    return v1.decode(json.dumps(frame))


def all_events() -> set[type[events.Event]]:
    return {
        kind
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, events.Event) and kind is not events.Event
    }


def encode(event: events.Event) -> Any:
    payload = v1.encode(event)
    assert payload is not None
    return json.loads(payload)


@pytest.mark.parametrize(
    ("frame", "verb"),
    [
        ({"type": "hello"}, verbs.Hello()),
        ({"type": "hello", "resume": "t", "seq": 7}, verbs.Hello("t", 7)),
        ({"type": "start"}, verbs.Start()),
        (
            {"type": "start", "topics": ["jazz", "بحر"], "languages": ["pl"], "only": True},
            verbs.Start(("jazz", "بحر"), ("pl",), True),
        ),
        ({"type": "cancel"}, verbs.Cancel()),
        (
            {"type": "message", "chat": "c", "id": "1", "text": "hi"},
            verbs.Message("c", "1", "hi"),
        ),
        ({"type": "typing", "chat": "c"}, verbs.Typing("c")),
        ({"type": "stoppedTyping", "chat": "c"}, verbs.StoppedTyping("c")),
        ({"type": "seen", "chat": "c", "seq": 3}, verbs.Seen("c", 3)),
        ({"type": "next"}, verbs.Next()),
        ({"type": "next", "chat": "c"}, verbs.Next("c")),
        ({"type": "disconnect"}, verbs.Disconnect()),
        ({"type": "block", "chat": "c"}, verbs.Block("c")),
        ({"type": "away"}, verbs.Away()),
        ({"type": "back"}, verbs.Back()),
        ({"type": "rematch", "chat": "c"}, verbs.Rematch("c")),
        ({"type": "cancel", "from": "the future"}, verbs.Cancel()),
    ],
)
def test_what_a_client_sends(frame: object, verb: verbs.Verb) -> None:
    assert decode(frame) == verb


@pytest.mark.parametrize(
    ("event", "frame"),
    [
        (
            events.Welcome("g", "t", True, State.CHATTING, "c", 12, 30.0),
            {
                "type": "welcome",
                "guest": "g",
                "resume": "t",
                "resumed": True,
                "state": "chatting",
                "chat": "c",
                "guests": 12,
                "grace": 30.0,
                "limits": {
                    "frame": 16384,
                    "text": 2000,
                    "id": 64,
                    "topics": 10,
                    "topic": 32,
                    "languages": 10,
                    "unacknowledged": 256,
                },
            },
        ),
        (
            events.Waiting(1.5, Stage.TOPICS, None),
            {"type": "waiting", "since": 1.5, "stage": "topics"},
        ),
        (
            events.Waiting(0, Stage.ANYONE, 4.0),
            {"type": "waiting", "since": 0, "stage": "anyone", "estimate": 4.0},
        ),
        (events.Idle(), {"type": "idle"}),
        (
            events.Connected("c", ("Jazz",), ("pl",), False),
            {
                "type": "connected",
                "chat": "c",
                "commonLikes": ["Jazz"],
                "languages": ["pl"],
                "seenBefore": False,
            },
        ),
        (
            events.GotMessage("c", 3, "ł", 1.25),
            {"type": "gotMessage", "chat": "c", "seq": 3, "text": "ł", "at": 1.25},
        ),
        (events.Ack("c", "i", 3), {"type": "ack", "chat": "c", "id": "i", "seq": 3}),
        (events.Typing("c"), {"type": "typing", "chat": "c"}),
        (events.StoppedTyping("c"), {"type": "stoppedTyping", "chat": "c"}),
        (events.Seen("c", 2), {"type": "seen", "chat": "c", "seq": 2}),
        (events.StrangerAway("c"), {"type": "strangerAway", "chat": "c"}),
        (events.StrangerBack("c"), {"type": "strangerBack", "chat": "c"}),
        (events.StrangerReconnecting("c"), {"type": "strangerReconnecting", "chat": "c"}),
        (
            events.StrangerDisconnected("c", Reason.NEXT, True),
            {"type": "strangerDisconnected", "chat": "c", "reason": "next", "rematch": True},
        ),
        (
            events.RematchOffered("c", 60.0),
            {"type": "rematchOffered", "chat": "c", "expires": 60.0},
        ),
        (events.Guests(5), {"type": "guests", "count": 5}),
        (events.ServerMessage("x"), {"type": "serverMessage", "text": "x"}),
        (
            events.Error(Code.RATE_LIMITED, "wait", "message", 0.5, "i"),
            {
                "type": "error",
                "code": "rate_limited",
                "message": "wait",
                "ref": "message",
                "retryAfter": 0.5,
                "id": "i",
            },
        ),
        (
            events.Error(Code.INVALID_JSON, "no"),
            {"type": "error", "code": "invalid_json", "message": "no"},
        ),
    ],
)
def test_what_a_server_sends(event: events.Event, frame: object) -> None:
    assert encode(event) == frame


def test_the_structs_have_the_fields_of_the_verbs_and_the_events() -> None:
    for frame, verb in v1_frames.VERBS.items():
        extra = {"lasting", "roams"} if verb is verbs.Hello else set()
        assert list(frame.__struct_fields__) == [
            name for name in verb.__struct_fields__ if name not in extra
        ]
    for event, frame in v1_frames.EVENTS.items():
        extra = {"limits"} if frame is v1_frames.Welcome else set()
        names = set(event.__struct_fields__)
        assert set(frame.__struct_fields__) == names | extra


def test_every_event_is_told_or_closes() -> None:
    silent = set(BY_EVENT)
    assert set(v1_frames.EVENTS) | silent == all_events()
    assert v1.encode(events.Replaced()) is None


@pytest.mark.parametrize(
    ("text", "code", "ref"),
    [
        ("", Code.INVALID_JSON, None),
        ("hello", Code.INVALID_JSON, None),
        ('{"type": "cancel"', Code.INVALID_JSON, None),
        ('{"type": "cancel"} {}', Code.INVALID_JSON, None),
        ("[" * 16000, Code.INVALID_TYPE, None),
        ('{"type": "cancel", "x": ' + "[" * 16000, Code.INVALID_JSON, None),
        ('{"type": "cancel", "x": "\\ud', Code.INVALID_JSON, None),
        (r'{"type": "cancel", "x": [NaN, "\ud83d"]}', Code.INVALID_JSON, None),
        ("[]", Code.INVALID_TYPE, None),
        ("null", Code.INVALID_TYPE, None),
        ("{}", Code.INVALID_TYPE, None),
        ('{"type": 3}', Code.INVALID_TYPE, None),
        ('{"type": "Cancel"}', Code.INVALID_TYPE, None),
        ('{"type": "welcome"}', Code.INVALID_TYPE, None),
        ('{"type": "message"}', Code.INVALID_FIELD, "message"),
        ('{"type": "message", "chat": "c", "id": "", "text": "x"}', Code.INVALID_FIELD, "message"),
        ('{"type": "message", "chat": "c", "id": 7, "text": "x"}', Code.INVALID_FIELD, "message"),
        ('{"type": "hello", "seq": -1}', Code.INVALID_FIELD, "hello"),
        ('{"type": "hello", "seq": 1e400}', Code.INVALID_FIELD, "hello"),
        ('{"type": "seen", "chat": "c", "seq": 1.5}', Code.INVALID_FIELD, "seen"),
        ('{"type": "start", "topics": "jazz"}', Code.INVALID_FIELD, "start"),
        ('{"type": "start", "topics": [1]}', Code.INVALID_FIELD, "start"),
        ('{"type": "start", "only": "yes"}', Code.INVALID_FIELD, "start"),
    ],
)
def test_what_is_not_understood(text: str, code: Code, ref: str | None) -> None:
    answer = v1.decode(text)
    assert isinstance(answer, events.Error)
    assert (answer.code, answer.ref) == (code, ref)


def test_half_an_emoji_is_dropped_and_a_whole_one_stays() -> None:
    text = r'{"type": "message", "chat": "c", "id": "1", "text": "a\ud83d b\ud83d\ude00 \\ud83d"}'
    assert v1.decode(text) == verbs.Message("c", "1", "a b\U0001f600 \\ud83d")


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    assert isinstance(v1.decode(text), verbs.Verb | events.Error)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.text(max_size=5), max_size=12),
)
FIELDS = st.sampled_from(
    ["resume", "seq", "topics", "languages", "only", "chat", "id", "text", "\ud800"]
)


@given(st.sampled_from([*v1._TYPES, "nothing"]), st.dictionaries(FIELDS, VALUES))
def test_no_fields_raise(name: str, fields: dict[str, object]) -> None:
    assert isinstance(decode({"type": name, **fields}), verbs.Verb | events.Error)


@given(st.text(max_size=2000))
def test_any_text_that_the_core_lets_through_can_be_told(text: str) -> None:
    from roulette.core.text import clean

    said = clean(text)
    assert encode(events.GotMessage("c", 1, said, 0.0))["text"] == said


def test_the_longest_message_fits_into_a_frame() -> None:
    from roulette.core.text import MESSAGE_CHARACTERS

    for character in ("\U0001f600", '"', "\\", "\n", "\u2028"):
        payload = v1.encode(events.GotMessage("c" * 22, 10**6, character * MESSAGE_CHARACTERS, 1e9))
        assert payload is not None
        assert len(payload) < 16 * 1024


def test_error_messages_show_no_text_of_the_guest() -> None:
    answer = decode({"type": "message", "chat": ["secret"], "id": "i", "text": "secret"})
    assert isinstance(answer, events.Error)
    assert "secret" not in answer.message


def test_frames_are_frozen() -> None:
    with pytest.raises(AttributeError):
        v1_frames.Cancel().x = 1  # type: ignore[attr-defined]
    assert issubclass(v1_frames.Frame, msgspec.Struct)
