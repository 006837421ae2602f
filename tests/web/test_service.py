"""The whole service in memory: what guests hear, on both wires."""

import gc
import time
from math import inf

import pytest
from twisted.web.http import HTTPChannel, Request

from roulette.core.events import Reason
from roulette.wire import plain
from tests.memory import Make, MemoryClient, World

SEARCHING = "* Looking for a stranger..."
MET = "* A stranger has come. Say hello!"


def kinds(client: MemoryClient) -> list[str]:
    return [frame["type"] for frame in client.take()]


def pair(world: World) -> tuple[MemoryClient, MemoryClient, str]:
    """Return two clients on the JSON wire who have met, and the chat."""
    ada, bob = world.hello(), world.hello()
    ada.say({"type": "start"})
    bob.say({"type": "start"})
    ada.take()
    return ada, bob, bob.take()[-1]["chat"]


# The seed's promises, and what it left broken.


def test_two_plain_guests_meet_and_talk(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    assert ada.take() == [SEARCHING, MET]
    assert bob.take() == [MET]
    ada.say("Cześć! مرحبا 👋🏽")
    assert bob.take() == ["Cześć! مرحبا 👋🏽"]
    assert ada.take() == []


def test_without_a_partner_the_seed_is_sorry(bring_up: Make) -> None:
    ada = bring_up().connect()
    ada.take()
    ada.say("is anybody there?")
    assert ada.take() == [plain.NO_PARTNER]


def test_a_third_guest_hears_nothing(bring_up: Make) -> None:
    world = bring_up()
    ada, bob, eve = world.connect(), world.connect(), world.connect()
    eve.take()
    ada.say("between us")
    assert eve.take() == []
    assert "between us" in bob.take()


def test_who_is_left_is_told_and_meets_the_next_who_comes(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    ada.take()
    bob.leave(1000)
    assert ada.take() == [f"* {plain.WHY[Reason.LEFT]}", SEARCHING]
    eve = world.connect()
    assert eve.take() == [MET]
    eve.say("hi")
    assert ada.take() == [MET, "hi"]


def test_a_dropped_plain_guest_is_gone_at_once(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    ada.take()
    bob.drop()
    assert ada.take() == [f"* {plain.WHY[Reason.LEFT]}", SEARCHING]


def test_next_leaves_and_searches(bring_up: Make) -> None:
    world = bring_up()
    ada, bob, eve = world.connect(), world.connect(), world.connect()
    for client in (ada, bob, eve):
        client.take()
    ada.say("/next")
    assert ada.take() == [MET]
    assert eve.take() == [MET]
    assert bob.take() == [f"* {plain.WHY[Reason.NEXT]}", SEARCHING]


def test_two_alone_meet_again_after_a_while(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    ada.say("/next")
    ada.take()
    bob.take()
    world.advance(19.9)
    assert ada.take() == bob.take() == []
    world.advance(0.2)
    assert ada.take() == bob.take() == ["* A stranger has come. You have met before."]


def test_stop_ends_the_chat_and_next_begins_again(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    ada.take()
    ada.say("/stop")
    assert ada.take() == ["* You are alone now. /next looks for a stranger."]
    assert SEARCHING in bob.take()
    ada.say("hello?")
    assert ada.take() == [plain.NO_PARTNER]
    ada.say("/next")
    assert ada.take() == [SEARCHING]


def test_help_and_unknown_commands_are_answered_by_the_server_alone(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    ada.take()
    bob.take()
    ada.say("/help")
    ada.say("/dance")
    assert len(ada.take()) == 2
    assert bob.take() == []


def test_too_long_a_line_is_refused_and_nothing_else(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    ada.take()
    bob.take()
    ada.say("x" * 2001)
    assert ada.take() == ["* a message has at most 2000 characters"]
    ada.say("x" * 2000)
    assert bob.take() == ["x" * 2000]


def test_nobody_speaks_as_the_server(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    bob.take()
    ada.say("* The server loves you.\n* Really.")
    assert bob.take() == [" * The server loves you.\n * Really."]


@pytest.mark.parametrize("json_wire", [False, True])
def test_binary_frames_close(bring_up: Make, json_wire: bool) -> None:
    client = bring_up().connect(json_wire=json_wire)
    client.say(b"\x00\x01")
    assert client.closed == (1003, "text frames only")


# Both wires together, and the JSON wire through the whole service.


def test_a_plain_and_a_json_guest_meet(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.hello()
    ada.take()
    bob.say({"type": "start"})
    chat = bob.take()[-1]["chat"]
    assert ada.take() == [MET]
    ada.say("from the old world")
    [message] = bob.take()
    assert (message["chat"], message["seq"], message["text"]) == (chat, 1, "from the old world")
    bob.say({"type": "message", "chat": chat, "id": "1", "text": "from the new"})
    assert ada.take() == ["from the new"]
    ada.leave()
    assert bob.take()[-1] == {
        "type": "strangerDisconnected",
        "chat": chat,
        "reason": "left",
        "rematch": False,
    }


def test_acks_are_gathered_for_50_ms(bring_up: Make) -> None:
    world = bring_up()
    ada, bob, chat = pair(world)
    for n in range(5):
        ada.say({"type": "message", "chat": chat, "id": str(n), "text": "x"})
    assert ada.take() == []
    world.advance(0.05)
    assert ada.take() == [{"type": "ack", "chat": chat, "id": "4", "seq": 5}]
    assert [frame["seq"] for frame in bob.take()] == [1, 2, 3, 4, 5]


def test_a_dropped_connection_resumes_and_finds_what_it_missed(bring_up: Make) -> None:
    world = bring_up()
    ada, bob, chat = pair(world)
    bob.drop()
    talk(ada, chat, "one", "two")
    frames = world.hello(resume=bob.resume, seq=0).take()
    assert frames[0]["resumed"] is True
    assert (frames[0]["state"], frames[0]["chat"]) == ("chatting", chat)
    assert [frame["text"] for frame in frames[1:]] == ["one", "two"]
    assert kinds(ada) == ["strangerReconnecting", "strangerBack"]


def talk(client: MemoryClient, chat: str, *texts: str) -> None:
    for text in texts:
        client.say({"type": "message", "chat": chat, "id": text, "text": text})


def test_messages_tell_the_time_by_the_clock_though_it_was_set(bring_up: Make) -> None:
    world = bring_up()
    # An hour passes, of which the clock on the wall knows nothing.
    world.advance(3600)
    ada, bob, chat = pair(world)
    talk(ada, chat, "one", "two")
    assert [round(frame["at"] - time.time(), -1) for frame in bob.take()] == [0, 0]


def test_a_second_connection_with_the_token_closes_the_first(bring_up: Make) -> None:
    world = bring_up()
    first = world.hello()
    second = world.hello(resume=first.resume)
    assert second.take()[0]["resumed"] is True
    assert first.closed == (4001, "replaced by a resume")


def test_after_the_grace_the_partner_is_told(bring_up: Make) -> None:
    world = bring_up("--grace", "7")
    ada, bob, _ = pair(world)
    bob.drop()
    assert kinds(ada) == ["strangerReconnecting"]
    world.advance(6.9)
    assert kinds(ada) == []
    world.advance(0.2)
    [gone] = ada.take()
    assert (gone["type"], gone["reason"], gone["rematch"]) == (
        "strangerDisconnected",
        "timeout",
        False,
    )


def test_a_goodbye_shortens_the_grace(bring_up: Make) -> None:
    world = bring_up()
    ada, bob, _ = pair(world)
    bob.leave(1001)
    ada.take()
    world.advance(4.9)
    assert ada.take() == []
    world.advance(0.2)
    assert ada.take()[0]["reason"] == "timeout"


def test_hello_must_come_within_ten_seconds(bring_up: Make) -> None:
    world = bring_up()
    late, prompt = world.connect(json_wire=True), world.hello()
    world.advance(10)
    assert late.closed == (4008, "no hello in time")
    assert prompt.closed is None


def test_a_verb_before_hello_is_refused(bring_up: Make) -> None:
    client = bring_up().connect(json_wire=True)
    client.say({"type": "start"})
    [error] = client.take()
    assert (error["code"], error["ref"]) == ("invalid_state", "start")


def test_frames_that_make_no_sense_are_answered_up_to_a_limit(bring_up: Make) -> None:
    client = bring_up().hello()
    client.take()
    for _ in range(10):
        client.say("{")
        assert client.take()[0]["code"] == "invalid_json"
        assert client.closed is None
    client.say("{")
    assert client.closed == (1008, "too many frames that make no sense")


def test_a_refused_message_names_its_id(bring_up: Make) -> None:
    client = bring_up().hello()
    client.take()
    client.say({"type": "message", "chat": "over", "id": "7", "text": "late"})
    [error] = client.take()
    assert (error["code"], error["ref"], error["id"]) == ("stale_chat", "message", "7")


def test_how_many_are_here_is_told_every_ten_seconds(bring_up: Make) -> None:
    world = bring_up()
    ada = world.hello()
    assert ada.take()[0]["guests"] == 1
    world.advance(5)
    world.hello()
    assert ada.take() == []
    world.advance(5)
    assert ada.take() == [{"type": "guests", "count": 2}]
    world.advance(10)
    assert ada.take() == []


def test_when_all_have_left_nothing_is_kept(bring_up: Make) -> None:
    world = bring_up()
    clients = [world.connect() for _ in range(3)] + [world.hello() for _ in range(3)]
    for client in clients:
        client.drop()
    world.advance(31)
    assert not world.lobby.guests
    assert not len(world.lobby.pool)
    world.advance(30)
    assert world.lobby.next_deadline() == inf


# Who may connect.


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (None, True),
        ("http://localhost:8080", True),
        ("https://LOCALHOST:8080", True),
        ("http://localhost:8081", False),
        ("http://localhost", False),
        ("http://localhost:8080.evil.example", False),
        ("http://evil.example", False),
        ("http://evil@localhost:8080", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_only_pages_from_here_may_connect(bring_up: Make, origin: str | None, let_in: bool) -> None:
    client = bring_up().connect(origin=origin)
    assert (client.take() == [SEARCHING]) is let_in
    assert (client.closed is None) is let_in


def test_the_request_that_opened_a_connection_is_let_go(bring_up: Make) -> None:
    def of_http() -> set[int]:
        gc.collect()
        return {id(held) for held in gc.get_objects() if isinstance(held, HTTPChannel | Request)}

    before = of_http()
    clients = [bring_up().hello() for _ in range(2)]
    assert of_http() <= before
    assert all(client.closed is None for client in clients)
