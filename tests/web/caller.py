"""Somebody who speaks HTTP, byte by byte, to the site in memory."""

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from tests.memory import World

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = {
    "Host": "chat.example.org",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


class Transport(StringTransport):
    """A transport that can be told that nobody reads."""

    aborted = False
    protocol: Any

    def unregisterProducer(self) -> None:
        # Where there is none, those that are not for tests do not complain.
        self.producer = None

    def abortConnection(self) -> None:
        self.aborted = True
        super().abortConnection()


def asking(path: str = "/", method: str = "GET", version: str = "1.1", **headers: str) -> bytes:
    """Return a request; in the names of headers ``_`` stands for ``-``."""
    lines = [f"{method} {path} HTTP/{version}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def handshake(**changes: str | None) -> bytes:
    """Return a handshake; a header that is None is left out."""
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {name: value for name, value in {**HANDSHAKE, **changed}.items() if value is not None}
    return asking("/ws", **headers)


class Caller:
    """A connection to a site, or to that of a world, from an address."""

    def __init__(self, called: Any, host: str = "192.0.2.1") -> None:
        site = called.site if isinstance(called, World) else called
        peer = IPv4Address("TCP", host, 50007)
        self.transport = Transport(peerAddress=peer)
        self.transport.protocol = site.buildProtocol(peer)
        self.transport.protocol.makeConnection(self.transport)

    def say(self, data: bytes) -> str:
        """Send bytes, and return what is answered to them."""
        self.transport.clear()
        self.transport.protocol.dataReceived(data)
        answer: str = self.transport.value().decode("latin-1")
        return answer

    @property
    def closed(self) -> bool:
        """Say whether the server has closed."""
        return self.transport.disconnecting

    def lose(self) -> None:
        """Let the server know that the connection is gone."""
        self.transport.protocol.connectionLost(Failure(ConnectionDone()))
