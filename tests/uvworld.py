"""A reactor of ours that runs for one test; the clients are plain sockets."""

import os
import socket
from collections.abc import Awaitable, Callable

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from roulette.uvreactor import UvloopReactor
from roulette.uvtransport import Connection

PATIENCE = 10.0
"""Seconds that a test may take."""


class Recorder(Protocol):
    """Keeps what it is told, and lets a test wait for it."""

    transport: Connection

    def __init__(self) -> None:
        self.told: list[object] = []
        self._awaited: dict[object, Deferred[None]] = {}

    def tell(self, what: object) -> None:
        self.told.append(what)
        awaited = self._awaited.pop(what, None)
        if awaited is not None:
            awaited.callback(None)

    async def until(self, what: object) -> None:
        if what not in self.told:
            self._awaited[what] = Deferred()
            await self._awaited[what]

    def connectionMade(self) -> None:
        self.tell("made")

    def dataReceived(self, data: bytes) -> None:
        self.tell(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.transport.write(b"to nobody")
        self.transport.writeSequence([b"to ", b"nobody"])
        self.tell(reason.type)


@implementer(IHalfCloseableProtocol)
class Half(Recorder):
    """Knows of half-closed connections."""

    def readConnectionLost(self) -> None:
        self.tell("read lost")

    def writeConnectionLost(self) -> None:
        self.tell("write lost")


class Building(Factory):
    """Has its protocols built by a function."""

    def __init__(self, build: Callable[[], Protocol | None]) -> None:
        self.build = build

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        return self.build()


def descriptors() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


class World:
    """A reactor that runs, and a port on it."""

    def __init__(self, build: Callable[[], Protocol | None], interface: str) -> None:
        self.reactor = UvloopReactor()
        self.port = self.reactor.listenTCP(0, Building(build), interface=interface)
        self._clients: list[socket.socket] = []

    def client(self) -> socket.socket:
        """Return a connection to the port."""
        address = self.port.getHost()
        client = socket.create_connection((address.host, address.port), PATIENCE)
        client.setblocking(False)
        self._clients.append(client)
        return client

    async def heard(self, client: socket.socket) -> bytes:
        """Return all that a client hears until the end."""
        loop, said = self.reactor.loop, bytearray()
        while data := await Deferred.fromFuture(loop.create_task(loop.sock_recv(client, 1 << 20))):
            said += data
        return bytes(said)

    async def turn(self) -> None:
        """Let the reactor do what is due."""
        turned: Deferred[None] = Deferred()
        self.reactor.callLater(0, turned.callback, None)
        await turned

    def run(self, story: Callable[["World"], Awaitable[None]]) -> None:
        """Run the reactor until the story has ended; nothing may be left over."""
        failures: list[Failure] = []

        async def whole() -> None:
            await self.turn()  # once it runs, uvloop opens something for signals
            before = descriptors()
            await story(self)
            await maybeDeferred(self.port.stopListening)
            while self._clients:
                self._clients.pop().close()
            await self.turn()
            assert self.reactor.opened == set()
            assert descriptors() == before - 2  # those of the port

        def begin() -> None:
            ended = Deferred.fromCoroutine(whole()).addTimeout(PATIENCE, self.reactor)
            ended.addErrback(failures.append).addBoth(lambda _: self.reactor.stop())

        self.reactor.callWhenRunning(begin)
        self.go()
        for failure in failures:
            failure.raiseException()

    def go(self) -> None:
        """Run the reactor until it is stopped."""
        self.reactor.run(installSignalHandlers=False)
        while self._clients:
            self._clients.pop().close()
        # Twisted's reactors are made to last.
        self.reactor.waker.connectionLost(connectionDone)
        self.reactor.loop.close()


def serving(
    protocol: Recorder | None,
    story: Callable[[World], Awaitable[None]],
    interface: str = "127.0.0.1",
) -> None:
    """Run a story around one connection that is served by a protocol."""
    World(lambda: protocol, interface).run(story)
