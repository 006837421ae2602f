"""What Twisted's own tests do not ask of the reactor on uvloop."""

import errno
import socket

import pytest
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.logger import ILogObserver, LogEvent, Logger, eventAsText
from twisted.python.failure import Failure
from zope.interface import implementer

pytest.importorskip("uvloop")

from roulette import uvtransport
from roulette.uvsocket import RESET
from tests.uvworld import Recorder, World, serving


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have the logged failures in a list, and not in the log."""
    logged: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        logged.append(eventAsText(event))

    monkeypatch.setattr(uvtransport, "log", Logger(observer=observe))
    return logged


@pytest.mark.parametrize("error", [ValueError("mistake"), OSError(errno.EPIPE, "mistake")])
def test_a_failure_is_logged_once_and_ends_the_connection(
    error: Exception, failures: list[str]
) -> None:
    class Failing(Recorder):
        def dataReceived(self, data: bytes) -> None:
            raise error

    server = Failing()

    async def story(world: World) -> None:
        client = world.client()
        client.send(b"anything")
        assert await world.heard(client) == b""
        await server.until(type(error))

    serving(server, story)
    [failure] = failures
    assert "mistake" in failure
    assert "127.0.0.1" not in failure
    assert server.told == ["made", type(error)]


def test_a_failure_in_being_connected_or_lost_is_logged(failures: list[str]) -> None:
    class Failing(Recorder):
        def connectionMade(self) -> None:
            raise ValueError("made")

        def connectionLost(self, reason: Failure = connectionDone) -> None:
            raise ValueError("lost")

    async def story(world: World) -> None:
        assert await world.heard(world.client()) == b""

    serving(Failing(), story)
    assert ["made" in failures[0], "lost" in failures[1]] == [True, True]


def test_a_factory_may_refuse_or_fail(failures: list[str]) -> None:
    async def story(world: World) -> None:
        assert await world.heard(world.client()) == b""

    serving(None, story)
    assert failures == []

    def fail() -> None:
        raise ValueError("no protocol")

    World(fail, "127.0.0.1").run(story)
    assert "no protocol" in failures[0]


def test_a_port_that_closes_leaves_its_connections() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        await maybeDeferred(world.port.stopListening)
        client.send(b"still here")
        await server.until(b"still here")
        client.close()
        await server.until(ConnectionDone)

    serving(server, story)


def test_a_reactor_that_stops_tells_all() -> None:
    server = Recorder()
    world = World(lambda: server, "127.0.0.1")

    async def story() -> None:
        world.client()
        await server.until("made")
        world.reactor.stop()

    world.reactor.callWhenRunning(lambda: Deferred.fromCoroutine(story()))
    world.go()
    assert server.told == ["made", ConnectionLost]


def test_a_protocol_may_be_exchanged() -> None:
    server, other = Recorder(), Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.protocol = other
        other.makeConnection(server.transport)
        client.send(b"hello")
        await other.until(b"hello")
        client.close()
        await other.until(ConnectionDone)

    serving(server, story)
    assert server.told == ["made"]


def test_who_is_gone_before_being_accepted_leaves_no_trace(failures: list[str]) -> None:
    server = Recorder()

    async def story(world: World) -> None:
        for _ in range(3):
            client = world.client()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
        last = world.client()
        await server.until("made")
        last.close()
        await server.until(ConnectionDone)

    serving(server, story)
    assert failures == []
