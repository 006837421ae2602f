"""A TCP proxy that cuts connections, as networks do."""

from enum import Enum, auto
from typing import Any, Self

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure


class Cut(Enum):
    """How a connection is cut."""

    FIN = auto()
    """Both ends read an end of file."""
    RST = auto()
    """Both ends are reset; what they had not read is gone."""
    MID_FRAME = auto()
    """Half of the next bytes arrive, then an end of file."""
    HALF_OPEN = auto()
    """The client is reset; the server hears nothing of it, and what it sends is gone."""


class End(Protocol):
    """One end of a link: what comes in here goes out at the other."""

    transport: Any
    other: "End"

    def __init__(self, link: "Link") -> None:
        self.link = link
        self.early: list[bytes] = []
        self.gone: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.link.carry(self, data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.link.lost(self)
        self.gone.callback(None)

    def write(self, data: bytes) -> None:
        if self.transport is None:
            self.early.append(data)
        else:
            self.transport.write(data)

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self.transport.writeSequence(self.early)


class Link:
    """A connection of a client's, and the one to the server that belongs to it."""

    def __init__(self) -> None:
        self.client, self.server = End(self), End(self)
        self.client.other, self.server.other = self.server, self.client
        self.cut_next = False
        self.silent = False

    def carry(self, end: End, data: bytes) -> None:
        if self.silent:
            return
        if self.cut_next:
            self.silent = True
            end.other.write(data[: len(data) // 2])
            self._close(abort=False)
        else:
            end.other.write(data)

    def lost(self, end: End) -> None:
        if not (self.silent and end is self.client):
            self._close(abort=False)

    def cut(self, how: Cut) -> None:
        match how:
            case Cut.MID_FRAME:
                self.cut_next = True
            case Cut.HALF_OPEN:
                self.silent = True
                self.client.transport.abortConnection()
            case _:
                self._close(abort=how is Cut.RST)

    def _close(self, *, abort: bool) -> None:
        for end in (self.client, self.server):
            if end.transport is not None:
                (end.transport.abortConnection if abort else end.transport.loseConnection)()


class Proxy(Factory):
    """Brings everything from a port of 127.0.0.1, if 0 any, to the port of a server."""

    noisy = False

    def __init__(self, reactor: Any, server: int, port: int = 0) -> None:
        self._listens_at = TCP4ServerEndpoint(reactor, port, interface="127.0.0.1")
        self._server = TCP4ClientEndpoint(reactor, "127.0.0.1", server)
        self._links: list[Link] = []

    async def __aenter__(self) -> Self:
        self._listening: Any = await self._listens_at.listen(self)
        self.port: int = self._listening.getHost().port
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._listening.stopListening()
        await gatherResults(
            [end.gone for link in self._links for end in (link.client, link.server)]
        )

    def buildProtocol(self, addr: object) -> End:
        link = Link()
        self._links.append(link)
        connectProtocol(self._server, link.server)
        return link.client

    def cut(self, how: Cut) -> None:
        """Cut the latest connection."""
        self._links[-1].cut(how)
