"""Who does not read what is waiting: held for a while, up to a size, and then cut."""

import json
from typing import Any
from weakref import ref

import pytest

from roulette.core.events import Idle, Kicked
from roulette.web.outgoing import CLOSES_WITHIN, READS_WITHIN, WAITING_BYTES
from roulette.wire.closing import Closing
from tests.faults.crowd import CLOSE, masked
from tests.faults.crowd import TEXT as TEXT_FRAME
from tests.memory import Make, MemoryClient, World
from tests.service import AS_FAST
from tests.web import caller

TEXT = "x" * 2000
TOO_SLOW = (4009, "too slow a reader")


HIGH_WATER = 64 * 1024
"""What waits when transports on sockets pause their producer."""


class Transport(caller.Transport):
    """Sends nothing, and pauses its producer."""

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.producer is not None and len(self.value()) > HIGH_WATER:
            self.producer.pauseProducing()


def pair(world: World) -> tuple[MemoryClient, MemoryClient, Any]:
    """Return two who chat, and the server's connection of the first."""
    ada = world.hello()
    [connection] = world.factory.clients
    bob = world.hello()
    for client in (ada, bob):
        client.say({"type": "start"})
        client.take()
    return ada, bob, connection


def unread(connection: Any) -> Transport:
    """Let nothing that a connection is told be read any more; return where it is written."""
    before, connection.transport = connection.transport, Transport()
    before.unregisterProducer()
    before.protocol = None
    connection.transport.registerProducer(connection, True)
    transport: Transport = connection.transport
    return transport


@pytest.fixture
def lifted(bring_up: Make) -> World:
    return bring_up(*AS_FAST)


def test_who_does_not_catch_up_in_time_is_cut_and_the_partner_is_told(lifted: World) -> None:
    ada, bob, connection = pair(lifted)
    connection.pauseProducing()
    lifted.advance(READS_WITHIN - 1)
    assert ada.closed is None
    lifted.advance(1)
    assert ada.closed == TOO_SLOW
    assert bob.take()[-1]["type"] == "strangerReconnecting"


def test_who_catches_up_in_time_stays(lifted: World) -> None:
    ada, _, connection = pair(lifted)
    for _ in range(3):
        connection.pauseProducing()
        lifted.advance(READS_WITHIN - 11)
        connection.resumeProducing()
    lifted.advance(10)
    assert ada.closed is None


def test_what_waits_is_bounded_and_so_are_pongs(lifted: World) -> None:
    ada, _, connection = pair(lifted)
    connection.pauseProducing()
    frame_bytes = 2 + 125
    for _ in range(WAITING_BYTES // frame_bytes):
        connection.onPing(b"p" * 125)
    assert connection.state == connection.STATE_OPEN
    connection.onPing(b"p" * 125)
    lifted.flush()
    assert ada.closed == TOO_SLOW


@pytest.mark.parametrize("told", [0, 1], ids=["the frame", "what is before it"])
def test_who_is_cut_by_a_close_frame_is_closed_and_counted_once(lifted: World, told: int) -> None:
    *_, connection = pair(lifted)
    transport = unread(connection)
    connection.pauseProducing()
    for _ in range(WAITING_BYTES // 127):
        connection.onPing(b"p" * 125)
    transport.clear()
    lifted.factory.deliver([(connection, Idle())] * told + [(connection, Kicked())])
    assert sum(lifted.factory.closed.values()) == 1
    [size] = transport.value()[1:2]
    assert transport.value()[0] == 0x80 | CLOSE
    assert len(transport.value()) == 2 + size


def test_who_is_cut_can_come_back_for_what_was_missed(lifted: World) -> None:
    ada, bob, connection = pair(lifted)
    chat = lifted.lobby.guests[lifted.lobby.who(connection) or ""].its_leg().chat
    connection.pauseProducing()
    sent = 0
    while connection.state == connection.STATE_OPEN:
        sent += 1
        bob.say({"type": "message", "chat": chat, "id": str(sent), "text": TEXT})
    assert sent * len(TEXT) <= WAITING_BYTES + len(TEXT)
    back = lifted.hello(resume=ada.resume, chat=chat, seq=sent - 1)
    assert [frame["seq"] for frame in back.take() if frame["type"] == "gotMessage"] == [sent]


@pytest.mark.parametrize("first", ["client", "server"])
def test_after_the_close_frames_it_ends_in_order_but_not_for_ever(
    lifted: World, first: str
) -> None:
    _, bob, connection = pair(lifted)
    transport = unread(connection)
    if first == "server":
        connection.close(Closing.TOO_FAST)
    connection.dataReceived(masked(CLOSE, b"\x03\xe8"))
    assert (transport.disconnecting, transport.disconnected) == (True, False)
    lifted.advance(CLOSES_WITHIN - 0.1)
    assert not transport.disconnected
    lifted.advance(0.1)
    assert transport.disconnected
    connection.connectionLost()
    lifted.flush()
    assert bob.take()[-1]["type"] == "strangerReconnecting"


def test_a_connection_that_ended_in_order_is_not_ended_again(lifted: World) -> None:
    _, _, connection = pair(lifted)
    transport = unread(connection)
    connection.dataReceived(masked(CLOSE, b"\x03\xe8"))
    connection.connectionLost()
    lifted.advance(CLOSES_WITHIN)
    assert not transport.disconnected


def test_what_waits_is_bounded_though_one_read_brings_it_all(lifted: World) -> None:
    *_, connection = pair(lifted)
    chat = lifted.lobby.guests[lifted.lobby.who(connection) or ""].its_leg().chat
    transport = unread(connection)
    [partner] = lifted.factory.clients - {connection}
    said = [
        {"type": "message", "chat": chat, "id": f"{number}", "text": TEXT} for number in range(128)
    ]
    partner.dataReceived(b"".join(masked(TEXT_FRAME, json.dumps(each).encode()) for each in said))
    assert connection.state == connection.STATE_CLOSING
    assert len(transport.value()) < HIGH_WATER + 2 * WAITING_BYTES + 2 * len(TEXT)


def test_who_comes_back_is_given_all_that_was_kept(lifted: World) -> None:
    ada, bob, connection = pair(lifted)
    chat = lifted.lobby.guests[lifted.lobby.who(connection) or ""].its_leg().chat
    ada.drop()
    for number in range(100):
        bob.say({"type": "message", "chat": chat, "id": f"{number}", "text": TEXT})
    before = set(lifted.factory.clients)
    back = lifted.connect(json_wire=True)
    [again] = lifted.factory.clients - before
    transport = unread(again)
    hello = {"type": "hello", "resume": ada.resume, "chat": chat, "seq": 0}
    again.dataReceived(masked(TEXT_FRAME, json.dumps(hello).encode()))
    assert back.closed is None
    assert again.state == again.STATE_OPEN
    assert transport.value().count(TEXT.encode()) == 100


def test_nothing_holds_a_reader_that_was_cut_and_what_it_did_not_read(lifted: World) -> None:
    _, _, connection = pair(lifted)
    lifted._pumps.clear()
    transport = unread(connection)
    transport.write(b"x" * (HIGH_WATER + 1))
    lifted.reactor.advance(READS_WITHIN)
    assert connection.state == connection.STATE_CLOSING
    connection.connectionLost()
    gone = ref(connection)
    del connection, transport
    assert gone() is None
