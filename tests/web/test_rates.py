"""How fast a connection may be, frame by frame, and what somebody is told who is too fast."""

import pytest

from roulette.core.limits import BURSTS, FRAMES_AT_ONCE, Kind
from roulette.web.protocol import FRAGMENTS
from tests.faults.attacker import frame
from tests.memory import Make, MemoryClient, World

TOO_FAST = (4029, "too fast")
EMPTY, TEXT, PING, PONG = 0x0, 0x1, 0x9, 0xA


def flood(client: MemoryClient, data: bytes) -> None:
    """Send bytes past the client's own rules; let them arrive."""
    assert client.transport is not None
    client.transport.write(data)
    client.world.flush()


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_pings_and_pongs_are_limited(bring_up: Make, opcode: int) -> None:
    client = bring_up().connect(json_wire=True)
    flood(client, frame(opcode) * int(FRAMES_AT_ONCE))
    assert client.closed is None
    flood(client, frame(opcode))
    assert client.closed == TOO_FAST


def test_so_are_frames_before_the_hello_and_those_that_are_taken_by_the_short_way(
    bring_up: Make,
) -> None:
    client = bring_up().connect(json_wire=True)
    for _ in range(int(FRAMES_AT_ONCE) + 1):
        flood(client, frame(TEXT, b'{"type": "cancel"}'))
    assert client.closed == TOO_FAST


def test_who_goes_on_after_the_close_frame_is_dropped(bring_up: Make) -> None:
    world = bring_up()
    client = world.connect(json_wire=True)
    [connection] = world.factory.clients
    flood(client, frame(PONG) * (3 * int(FRAMES_AT_ONCE)))
    assert connection.droppedByMe
    assert not connection.wasClean
    assert not world.factory.clients


def test_time_gives_frames_back(bring_up: Make) -> None:
    world = bring_up("--frame-rate", "100")
    client = world.connect(json_wire=True)
    flood(client, frame(PONG) * int(FRAMES_AT_ONCE))
    world.advance(1.0)
    flood(client, frame(PONG) * 100)
    assert client.closed is None
    flood(client, frame(PONG))
    assert client.closed == TOO_FAST


def test_nought_lifts_the_limit(bring_up: Make) -> None:
    client = bring_up("--frame-rate", "0").connect(json_wire=True)
    flood(client, frame(PING) * 2_000)
    assert client.closed is None


def test_a_message_has_a_number_of_parts_whatever_comes_in_between(bring_up: Make) -> None:
    client = bring_up().connect(json_wire=True)
    part = frame(EMPTY, fin=False)
    flood(client, frame(TEXT, fin=False) + part * (FRAGMENTS - 1) + frame(PONG) + part)
    assert client.closed == (1008, "too many frames that make no sense")


def test_a_message_in_nearly_as_many_parts_arrives(bring_up: Make) -> None:
    client = bring_up().connect(json_wire=True)
    parts = frame(EMPTY, fin=False) * (FRAGMENTS - 2)
    flood(client, frame(TEXT, b'{"type": "hello"', fin=False) + parts + frame(EMPTY, b"}"))
    assert client.take()[0]["type"] == "welcome"


def too_fast(world: World, **fields: object) -> list[dict[str, object]]:
    """Say more than may be said at once; return the errors that answer it."""
    ada, bob = world.hello(), world.hello()
    for client in (ada, bob):
        client.say({"type": "start"})
    chat = bob.take()[-1]["chat"]
    ada.take()
    for number in range(int(BURSTS[Kind.MESSAGES]) + 1):
        ada.say({"type": "message", "chat": chat, "id": str(number), "text": "hello"})
    return [each for each in ada.take() if each["type"] == "error"]


def test_too_many_messages_are_answered_with_when_to_try_again(bring_up: Make) -> None:
    [error] = too_fast(bring_up())
    assert error == {
        "type": "error",
        "code": "rate_limited",
        "message": "too fast: wait for a moment",
        "ref": "message",
        "retryAfter": 0.2,
        "id": "20",
    }


def test_a_rate_of_nought_lets_everybody_talk(bring_up: Make) -> None:
    assert too_fast(bring_up("--message-rate", "0")) == []


def test_a_plain_guest_is_told_in_a_line(bring_up: Make) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.connect()
    bob.take()
    ada.take()
    for _ in range(int(BURSTS[Kind.MESSAGES]) + 1):
        ada.say("hello")
    assert ada.take() == ["* too fast: wait for a moment"]
