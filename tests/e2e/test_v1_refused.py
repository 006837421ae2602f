"""The JSON wire: what is refused, and what ends the connection."""

import json
from time import monotonic

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.e2e.guests import PATIENCE, V1, Door, Guest, door
from tests.e2e.wire_rows import covered_by, covers
from tests.service import Service, running

DEEP = '{"type":' * 1500 + "1" + "}" * 1500


def works(guest: Guest) -> None:
    """Check that a guest can go on as if nothing had been."""
    guest.send("start")
    guest.told("waiting")
    guest.told_nothing()


@covers("error invalid_json")
@pytest.mark.parametrize("line", ["", "{", "hello", '{"type": "start"} x', DEEP, "NaN", "\ufeff{}"])
def test_what_is_no_json_is_refused(entrance: Door, line: str) -> None:
    ada = entrance.guest()
    ada.say(line)
    ada.refused("invalid_json", None)
    works(ada)


@covers("< error", "error invalid_type")
@pytest.mark.parametrize("line", ["1", "[]", "null", "{}", '{"type": 1}', '{"type": "dance"}'])
def test_what_has_no_type_that_is_known_is_refused(entrance: Door, line: str) -> None:
    ada = entrance.guest()
    ada.say(line)
    ada.refused("invalid_type", None)
    works(ada)


@covers("error invalid_field")
@pytest.mark.parametrize(
    "frame",
    [
        {"type": "message"},
        {"type": "message", "chat": "c", "id": "1"},
        {"type": "message", "chat": "c", "id": 1, "text": "x"},
        {"type": "message", "chat": "c", "id": "", "text": "x"},
        {"type": "message", "chat": "c", "id": "1" * 65, "text": "x"},
        {"type": "message", "chat": None, "id": "1", "text": "x"},
        {"type": "start", "topics": "tea"},
        {"type": "start", "topics": [1]},
        {"type": "start", "languages": ["pl"] * 11},
        {"type": "start", "languages": ["x" * 36]},
        {"type": "start", "only": 1},
        {"type": "hello", "resume": 1},
        {"type": "hello", "seq": -1},
        {"type": "seen", "chat": "c", "seq": "1"},
        {"type": "seen", "chat": "c", "seq": 1.5},
        {"type": "typing"},
        {"type": "rematch"},
        {"type": "block"},
    ],
)
def test_a_field_that_does_not_fit_is_refused(entrance: Door, frame: dict[str, object]) -> None:
    ada = entrance.guest()
    ada.say(json.dumps(frame))
    ada.refused("invalid_field", str(frame["type"]))
    works(ada)


@covers("error invalid_field")
@pytest.mark.parametrize("text", ["", " \n\t", "\x00\u202e"])
def test_nothing_is_no_message(entrance: Door, text: str) -> None:
    ada, bob, chat = entrance.pair()
    message_id = ada.tell(chat, text)
    assert ada.refused("invalid_field", "message")["id"] == message_id
    bob.told_nothing()


@covers("error message_too_large")
def test_too_long_a_message_is_refused(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    message_id = ada.tell(chat, "x" * 2001)
    assert ada.refused("message_too_large", "message")["id"] == message_id
    ada.tell(chat, "x" * 2000 + "\x00")
    assert bob.told("gotMessage") | {"at": 0} == {
        "type": "gotMessage",
        "chat": chat,
        "seq": 1,
        "text": "x" * 2000,
        "at": 0,
    }


@covers("error too_many_topics", "error topic_too_long")
def test_too_many_and_too_long_topics_are_refused(entrance: Door) -> None:
    ada = entrance.guest()
    ada.send("start", topics=[str(n) for n in range(11)])
    ada.refused("too_many_topics", "start")
    ada.send("start", topics=["ż" * 33])
    ada.refused("topic_too_long", "start")
    ada.send("start", topics=["ż" * 32] * 10)
    ada.told("waiting")


@covers("error invalid_state")
def test_a_verb_at_the_wrong_time_is_refused(entrance: Door) -> None:
    eve = entrance.silent()
    for verb in ("start", "away"):
        eve.send(verb)
        eve.refused("invalid_state", verb)
    ada, _, chat = entrance.pair()
    for verb in ("hello", "start", "cancel"):
        ada.send(verb)
        ada.refused("invalid_state", verb)
    ada.send("rematch", chat=chat)
    ada.refused("invalid_state", "rematch")


@covers("error stale_chat")
def test_a_chat_that_is_over_is_stale(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    bob.send("disconnect")
    ada.told("strangerDisconnected")
    message_id = ada.tell(chat, "too late")
    assert ada.refused("stale_chat", "message")["id"] == message_id
    for verb in ("typing", "stoppedTyping"):
        ada.send(verb, chat=chat)
    ada.send("seen", chat=chat, seq=1)
    ada.told_nothing()
    for verb in ("next", "disconnect", "block", "rematch"):
        ada.send(verb, chat="never was")
        ada.refused("stale_chat", verb)


def test_unknown_fields_are_ignored(entrance: Door) -> None:
    ada = entrance.silent()
    ada.say('{"later": [{}], "type": "hello", "also": null}')
    ada.told("welcome")
    ada.say('{"type": "start", "topics": [], "colour": "green"}')
    assert ada.told("waiting")["stage"] == "anyone"


@covers("close 1008", "error invalid_json")
def test_too_many_frames_that_make_no_sense_end_the_connection(entrance: Door) -> None:
    ada, bob, _ = entrance.pair()
    for _ in range(10):
        bob.say("{")
        bob.refused("invalid_json", None)
    bob.say("{")
    assert bob.closed() == 1008
    ada.told("strangerReconnecting")


@covers("close 1003", "close 1007", "close 1009")
def test_what_is_no_text_frame_ends_the_connection(entrance: Door) -> None:
    for payload, as_text, code in (
        (b'{"type": "start"}', False, 1003),
        (b'{"type": "\xff"}', True, 1007),
        (b" " * (16 * 1024 + 1), True, 1009),
    ):
        ada = entrance.guest()
        ada.connection.send(payload, text=as_text)
        assert ada.closed() == code
        # It was the connection that was at fault; the guest may come back.
        assert entrance.guest(resume=ada.token).welcome["resumed"] is True


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "null", "http://[", "file://"]
)
def test_the_page_of_another_site_is_not_let_in(server: Service, origin: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(server.ws, origin=Origin(origin), proxy=None),
    ):
        pass
    assert refused.value.response.status_code in (400, 403)


def test_the_page_of_this_site_is(server: Service) -> None:
    with connect(server.ws, origin=Origin(server.url), subprotocols=[V1], proxy=None) as connection:
        assert connection.subprotocol == V1


def test_a_client_that_asks_for_another_subprotocol_too_gets_ours(server: Service) -> None:
    asked = [Subprotocol("chat"), V1]
    with connect(server.ws, subprotocols=asked, proxy=None) as connection:
        assert connection.subprotocol == V1


@covers("error server_full", "close 1013")
def test_in_a_full_house_only_who_is_known_finds_room(request: pytest.FixtureRequest) -> None:
    rows = covered_by(request.function)
    with running("--max-guests", "1") as server, door(server.ws, rows) as entrance:
        ada = entrance.guest()
        with pytest.raises(InvalidStatus) as refused:
            entrance.silent()
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "10"
        # Her place is kept, so there is a connection to spare, but no room for another guest.
        ada.drop()
        ada.closed()
        eve = silent_when_there_is_room(entrance)
        eve.send("hello")
        assert eve.refused("server_full", "hello")["retryAfter"] == 10
        assert eve.closed() == 1013
        again = silent_when_there_is_room(entrance)
        again.send("hello", resume=ada.token)
        assert again.told("welcome")["resumed"] is True


def silent_when_there_is_room(entrance: Door) -> Guest:
    """Come in; the server may not have noticed yet that somebody has gone."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            return entrance.silent()
        except InvalidStatus:
            assert monotonic() < deadline
