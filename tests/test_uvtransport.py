"""What Twisted's own tests do not ask of a connection on uvloop."""

import socket

import pytest
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IConsumer, ITCPTransport
from zope.interface.verify import verifyObject

pytest.importorskip("uvloop")

from roulette.uvsocket import RESET
from tests.uvworld import Half, Recorder, World, serving

MUCH = b"much" * 2_000_000
"""More than the buffers of a connection hold."""


def test_a_connection_is_what_twisted_asks_for() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        verifyObject(ITCPTransport, server.transport)
        verifyObject(IConsumer, server.transport)
        assert (server.transport.connected, server.transport.disconnected) == (True, False)
        peer, host = server.transport.getPeer(), server.transport.getHost()
        assert (peer.host, peer.port) == client.getsockname()[:2]
        assert host == world.port.getHost()
        assert server.transport.getTcpNoDelay() is True
        server.transport.setTcpNoDelay(False)
        assert server.transport.getTcpNoDelay() is False
        assert server.transport.getTcpKeepAlive() is False
        server.transport.setTcpKeepAlive(True)
        assert server.transport.getTcpKeepAlive() is True
        client.close()
        await server.until(ConnectionDone)
        assert (server.transport.connected, server.transport.disconnected) == (False, True)
        assert server.transport.getPeer() == peer

    serving(server, story)


def test_ipv6() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        peer = server.transport.getPeer()
        assert (peer.host, peer.port) == client.getsockname()[:2]
        assert server.transport.getHost() == world.port.getHost()
        server.transport.loseConnection()
        await server.until(ConnectionDone)

    serving(server, story, "::1")


def test_what_is_written_is_sent_before_the_connection_is_lost() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.write(MUCH)
        server.transport.loseConnection()
        assert server.transport.get_write_buffer_size() > 0
        assert await world.heard(client) == MUCH
        await server.until(ConnectionDone)
        assert server.transport.get_write_buffer_size() == 0

    serving(server, story)


def test_an_abort_resets_the_connection_whatever_is_not_sent() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.write(MUCH)
        server.transport.abortConnection()
        assert server.told == ["made"]
        await server.until(ConnectionAborted)
        with pytest.raises(ConnectionResetError):
            await world.heard(client)

    serving(server, story)


def test_a_reset_is_a_lost_connection() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        await server.until(ConnectionLost)

    serving(server, story)


def test_the_end_of_a_client_that_does_not_read_is_not_waited_for() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.write(MUCH)
        client.shutdown(socket.SHUT_WR)
        await server.until(ConnectionDone)

    serving(server, story)


def test_a_client_may_close_its_half_first() -> None:
    server = Half()

    async def story(world: World) -> None:
        client = world.client()
        client.send(b"question")
        client.shutdown(socket.SHUT_WR)
        await server.until("read lost")
        server.transport.write(b"answer")
        server.transport.loseConnection()
        assert await world.heard(client) == b"answer"
        await server.until(ConnectionDone)

    serving(server, story)
    assert server.told == ["made", b"question", "read lost", ConnectionDone]


@pytest.mark.parametrize("said", [b"", b"little", MUCH])
def test_the_server_may_close_its_half_first(said: bytes) -> None:
    server = Half()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.write(said)
        server.transport.loseWriteConnection()
        server.transport.write(b"too late")
        assert server.told == ["made"]
        assert await world.heard(client) == said
        await server.until("write lost")
        client.send(b"still heard")
        await server.until(b"still heard")
        server.transport.loseConnection()
        await server.until(ConnectionDone)

    serving(server, story)
    assert server.told == ["made", "write lost", b"still heard", ConnectionDone]


CHUNK = b"chunk" * 10_000


class Pulled:
    """Writes a chunk when it is asked to."""

    def __init__(self, server: Recorder, chunks: int) -> None:
        self.server, self.left = server, chunks

    def resumeProducing(self) -> None:
        if self.left == 0:
            self.server.transport.unregisterProducer()
        else:
            self.left -= 1
            self.server.transport.write(CHUNK)

    def stopProducing(self) -> None:
        self.server.tell("stop")


class Pushing(Pulled):
    """Writes chunks until it is paused."""

    paused = False

    def resumeProducing(self) -> None:
        self.paused = False
        while not self.paused and self.server.transport.producer is self:
            super().resumeProducing()

    def pauseProducing(self) -> None:
        self.paused = True


@pytest.mark.parametrize("kind", [Pulled, Pushing])
def test_a_producer_writes_as_fast_as_is_read_and_is_waited_for(kind: type[Pulled]) -> None:
    server = Recorder()
    producer = kind(server, 200)

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.registerProducer(producer, kind is Pushing)
        with pytest.raises(RuntimeError, match="cannot be registered"):
            server.transport.registerProducer(producer, True)
        server.transport.loseConnection()
        if kind is Pushing:
            producer.resumeProducing()
            assert producer.left > 0
        assert await world.heard(client) == CHUNK * 200
        await server.until(ConnectionDone)

    serving(server, story)
    assert server.told == ["made", ConnectionDone]


def test_a_producer_that_comes_when_too_much_is_written_waits() -> None:
    server = Recorder()
    producer = Pushing(server, 1)

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.write(MUCH)
        server.transport.registerProducer(producer, True)
        assert producer.paused
        server.transport.loseConnection()
        assert await world.heard(client) == MUCH + CHUNK

    serving(server, story)


def test_a_producer_is_told_that_the_connection_is_lost() -> None:
    server = Recorder()

    async def story(world: World) -> None:
        client = world.client()
        await server.until("made")
        server.transport.registerProducer(Pushing(server, 1), True)
        client.close()
        await server.until(ConnectionDone)
        server.transport.registerProducer(Pushing(server, 1), True)

    serving(server, story)
    assert server.told == ["made", "stop", ConnectionDone, "stop"]


class Shy(Recorder):
    """Does not want to hear anything at first."""

    def connectionMade(self) -> None:
        self.transport.pauseProducing()
        super().connectionMade()


@pytest.mark.parametrize("impatient", [False, True])
def test_a_protocol_may_pause_as_soon_as_it_is_connected(impatient: bool) -> None:
    server = Shy()

    async def story(world: World) -> None:
        client = world.client()
        client.send(b"at once")
        client.shutdown(socket.SHUT_WR)
        await server.until("made")
        for _ in range(0 if impatient else 5):
            await world.turn()
        assert server.told == ["made"]
        server.transport.resumeProducing()
        await server.until(ConnectionDone)

    serving(server, story)
    assert server.told == ["made", b"at once", ConnectionDone]
