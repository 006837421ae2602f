"""The seed's factory and protocol: a thin skin over the lobby.

Autobahn's traps that shape this file: ``sendClose`` refuses the codes 1001 to 1014, so
``sendCloseFrame`` is used; ``onClose`` can come without ``onOpen``; messages still come in
after a close frame was sent; the attribute names ``log``, ``state`` and ``peer`` are taken. What
a hook raises is swallowed, or logged by the reactor with the address of the peer.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from txaio.tx import make_logger

from roulette.core.chats import Delivery
from roulette.core.events import Error, Event
from roulette.core.frames import Frame
from roulette.core.limits import TokenBucket
from roulette.core.lobby import Lobby
from roulette.core.verbs import Hello, Start, Verb
from roulette.web.alarm import Alarm
from roulette.wire import FRAME_BYTES, Wire, plain, v1
from roulette.wire.closing import BY_EVENT, GOODBYES, Closing

HELLO_WITHIN = 10.0
"""Seconds in which a client that speaks JSON must say hello."""

BAD_FRAMES = 10
"""How many frames that make no sense are answered; one more is forgiven each minute."""


P = ParamSpec("P")


def guarded(
    hook: Callable[Concatenate["ChatProtocol", P], None],
) -> Callable[Concatenate["ChatProtocol", P], None]:
    """Let whatever ``hook`` raises, which is our fault, end this connection and no other."""

    @wraps(hook)
    def guarded_hook(self: "ChatProtocol", /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hook(self, *args, **kwargs)
        except Exception:
            guest = self.factory.lobby.who(self)
            self.failures.failure("The connection of guest {guest} has failed", guest=guest)
            self.close(Closing.ERROR)

    return guarded_hook


class ChatProtocol(WebSocketServerProtocol):
    """One connection: decodes, hands to the factory, and encodes what it is told.

    ``network`` says where it comes from, for comparing; ``left`` is called when it is gone.
    """

    # In its warnings Autobahn writes down who was at fault, by address.
    log = make_logger(level="error")
    failures = Logger()
    factory: "ChatRouletteFactory"
    wire: Wire = plain
    network = ""
    left: Callable[[], None] = staticmethod(lambda: None)
    _awaiting_hello: IDelayedCall | None = None

    def onConnect(self, request: ConnectionRequest) -> str | None:
        """Choose the wire."""
        try:
            self.wire, subprotocol = self.factory.wire_for(request.protocols)
        except Exception:
            self.failures.failure("A handshake has failed")
            raise ConnectionDeny(ConnectionDeny.INTERNAL_SERVER_ERROR, "our mistake") from None
        return subprotocol

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Make room, whatever the hooks do."""
        try:
            super().connectionLost(reason)
        finally:
            self.left()

    @guarded
    def onOpen(self) -> None:
        """Come in: a plain guest searches at once, any other says hello first."""
        self._bad_frames = TokenBucket(rate=1 / 60, burst=BAD_FRAMES)
        self.factory.clients.add(self)
        if self.wire is plain:
            self.factory.register(self, Hello(lasting=False, roams=True))
            self.factory.findPartner(self)
        else:
            self._awaiting_hello = self.factory.clock.callLater(
                HELLO_WITHIN, self.close, Closing.NO_HELLO
            )

    @guarded
    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Do what a frame asks for."""
        if self.state == self.STATE_OPEN:
            self.factory.communicate(self, payload, isBinary)

    @guarded
    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Let the factory know that this connection is gone."""
        self.hello_came()
        self.factory.clients.discard(self)
        self.factory.unregister(self, goodbye=code in GOODBYES)

    @guarded
    def tell(self, event: Event) -> None:
        """Send an event, if this wire tells it; some end the connection."""
        if self.state != self.STATE_OPEN:
            return
        payload = self.wire.encode(event)
        if payload is not None:
            self.sendMessage(payload)
        closing = BY_EVENT.get(type(event))
        if closing is not None:
            self.close(closing)

    def close(self, closing: Closing) -> None:
        """End the connection for one of our reasons."""
        self.sendCloseFrame(closing.code, closing.reason.encode(), isReply=False)

    def hello_came(self) -> None:
        """Wait for a hello no longer."""
        if self._awaiting_hello is not None and self._awaiting_hello.active():
            self._awaiting_hello.cancel()
        self._awaiting_hello = None

    def answer(self, event: Event, now: float) -> None:
        """Answer a frame that is no verb; too many that make no sense end the connection."""
        self.tell(event)
        if isinstance(event, Error) and self._bad_frames.take(now):
            self.close(Closing.POLICY)


class ChatRouletteFactory(WebSocketServerFactory):
    """Every connection, and the lobby behind them.

    :param lobby: decides everything.
    :param reactor: tells the time and calls later; must be monotonic.
    """

    # Autobahn types this attribute for any factory, not for this one.
    protocol = ChatProtocol  # type: ignore[assignment]

    def __init__(self, lobby: Lobby, reactor: IReactorTime) -> None:
        super().__init__(reactor=reactor)
        self.setProtocolOptions(
            versions=[13],
            webStatus=False,
            failByDrop=False,
            maxFramePayloadSize=FRAME_BYTES,
            maxMessagePayloadSize=FRAME_BYTES,
            openHandshakeTimeout=10,
            closeHandshakeTimeout=5,
            autoPingInterval=20,
            autoPingTimeout=20,
            tcpNoDelay=True,
        )
        self.server = ""
        self.lobby = lobby
        self.clients: set[ChatProtocol] = set()
        self.clock = reactor
        self._alarm = Alarm(reactor, lobby.next_deadline, self._tick)

    def wire_for(self, offered: Sequence[str]) -> tuple[Wire, str | None]:
        """Return the wire to speak with who offers these subprotocols, and which of them it is."""
        return (v1, v1.SUBPROTOCOL) if v1.SUBPROTOCOL in offered else (plain, None)

    def register(self, client: ChatProtocol, hello: Hello) -> None:
        """Let the guest behind a connection in, or back in."""
        client.hello_came()
        self.deliver(self.lobby.hello(client, hello, client.network, self.now()))

    def unregister(self, client: ChatProtocol, *, goodbye: bool = False) -> None:
        """Note that a connection is gone; what becomes of its guest the lobby knows."""
        self.deliver(self.lobby.lost(client, self.now(), goodbye=goodbye))

    def findPartner(self, client: ChatProtocol) -> None:
        """Search a partner for a client, without any wishes."""
        self.act(client, Start())

    def communicate(self, client: ChatProtocol, payload: bytes, isBinary: bool) -> None:
        """Do what a client's frame asks for; most often: bring it to the partner."""
        if isBinary:
            client.close(Closing.BINARY)
            return
        asked = client.wire.decode(payload)
        if isinstance(asked, Event):
            client.answer(asked, self.now())
        elif isinstance(asked, Hello):
            self.register(client, asked)
        else:
            self.act(client, asked)

    def act(self, client: ChatProtocol, verb: Verb) -> None:
        """Let a guest do something."""
        self.deliver(self.lobby.do(client, verb, self.now()))

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        """Bring events to their connections, and frames to their legs.

        A frame for another node would leave here; as yet there is only this one.
        """
        queue = deque(deliveries)
        try:
            while queue:
                delivery = queue.popleft()
                if isinstance(delivery, Frame):
                    queue.extend(self.lobby.receive(delivery, self.now()))
                else:
                    connection, event = delivery
                    connection.tell(event)
        finally:
            self._alarm.set()

    def now(self) -> float:
        """Return the monotonic time, in seconds."""
        return self.clock.seconds()

    def _tick(self) -> None:
        self.deliver(self.lobby.tick(self.now()))
