"""One WebSocket connection of a client: thin, as on the server's side."""

from dataclasses import dataclass
from typing import Any, Protocol

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.websocket.types import ConnectionResponse
from twisted.internet.defer import Deferred

from roulette.core.events import Event
from roulette.core.verbs import Verb
from roulette.wire import FRAME_BYTES, v1, v1_client

FINAL = frozenset({1003, 1007, 1008, 4001, 4003})
"""The close codes after which to come back is of no use: one would be sent away again."""

BUSY = frozenset({1001, 1012, 1013, 4029})
"""The close codes of a server that needs time; the first two everybody gets at once."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why there is no connection; ``final`` if to come back is of no use.

    ``busy`` says that the server asked for time.
    """

    why: str
    final: bool = False
    busy: bool = False


class Owner(Protocol):
    """Whom a connection is for."""

    def opened(self, connection: "Connection") -> None:
        """Take up a connection whose handshake is done."""

    def receive(self, event: Event) -> None:
        """Take what the server tells."""


class Connection(WebSocketClientProtocol):
    """Decodes, hands to its owner, and encodes. ``ended`` fires once it is gone."""

    factory: "Connections"
    _refusal: Ending | None = None
    _opened = False

    def __init__(self) -> None:
        super().__init__()
        self.ended: Deferred[Ending] = Deferred()

    def onConnect(self, response: ConnectionResponse) -> None:
        """Insist on the wire."""
        if response.protocol != v1.SUBPROTOCOL:
            self._refusal = Ending(f"the server does not speak {v1.SUBPROTOCOL}", final=True)
            self.dropConnection(abort=True)

    def onOpen(self) -> None:
        """Begin to speak."""
        if self._refusal is None:
            self._opened = True
            self.factory.owner.opened(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Take a frame."""
        event = v1_client.decode(payload)
        if event is not None and self.state == self.STATE_OPEN:
            self.factory.owner.receive(event)

    def failHandshake(self, reason: str) -> None:
        """Note what the server said instead of yes; Autobahn keeps no status."""
        words = getattr(self, "http_status_line", "").split()
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        if status not in (0, 101):
            later = status in (408, 429, 503)
            final = 400 <= status < 500 and not later
            self._refusal = Ending(f"the server answered {status}", final, later)
        super().failHandshake(reason)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Say how it ended."""
        # 1006 is Autobahn's own, its reason a long one; what came of TLS is in brackets.
        why = "the connection was lost"
        if code != 1006:
            why = reason or f"the server closed the connection with {code}"
        elif reason and not self._opened:
            why = reason.partition("(")[2].removesuffix(")") or reason
        self.ended.callback(self._refusal or Ending(why, code in FINAL, code in BUSY))

    def send(self, verb: Verb) -> None:
        """Ask the server for something, if the connection still can."""
        if self.state == self.STATE_OPEN:
            self.sendMessage(v1_client.encode(verb))

    def leave(self) -> None:
        """End the connection, politely where there is one."""
        if self.state == self.STATE_OPEN:
            self.sendClose(1000)
        else:
            self.dropConnection(abort=True)


class Connections(WebSocketClientFactory):
    """Makes the connections of one client.

    Raises ValueError if ``url`` is no WebSocket URL.
    """

    # Autobahn types this attribute for any factory, not for this one.
    protocol = Connection  # type: ignore[assignment]

    def __init__(self, owner: Owner, url: str, reactor: Any) -> None:
        super().__init__(url, protocols=[v1.SUBPROTOCOL], reactor=reactor)
        if ":" in self.host:
            # Autobahn names it in the Host header, and leaves out what makes it IPv6 there.
            self.host = f"[{self.host}]"
        self.setProtocolOptions(
            failByDrop=False,
            maxFramePayloadSize=4 * FRAME_BYTES,
            maxMessagePayloadSize=4 * FRAME_BYTES,
            openHandshakeTimeout=10,
            closeHandshakeTimeout=5,
            autoPingInterval=20,
            autoPingTimeout=20,
            tcpNoDelay=True,
        )
        self.owner = owner
