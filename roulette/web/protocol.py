"""The seed's protocol: one connection, as Autobahn sees it.

Autobahn's traps that shape this file: ``sendClose`` refuses the codes 1001 to 1014, so
``sendCloseFrame`` is used; ``onClose`` can come without ``onOpen``; messages still come in
after a close frame was sent; the attribute names ``log``, ``state`` and ``peer`` are taken. What
a hook raises is swallowed, or logged by the reactor with the address of the peer.
"""

from collections.abc import Callable, Hashable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from autobahn.websocket.utf8validator import Utf8Validator
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from txaio.tx import make_logger

from roulette.core.events import Error, Event
from roulette.core.limits import FRAMES_AT_ONCE, TokenBucket
from roulette.core.verbs import Hello
from roulette.web.frames import text_frame, whole_text
from roulette.web.handshake import Handshake, answer
from roulette.web.outgoing import OPEN, Outgoing
from roulette.wire import Wire, plain
from roulette.wire.closing import BY_EVENT, GOODBYES, Closing

if TYPE_CHECKING:
    from roulette.web.door import Visit
    from roulette.web.factory import ChatRouletteFactory

HELLO_WITHIN = 10.0
"""Seconds in which a client that speaks JSON must say hello."""

BAD_FRAMES = 10
"""How many frames that make no sense are answered; one more is forgiven each minute."""

FRAGMENTS = 256
"""The most frames that a message may come in."""


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
            self.fail()

    return guarded_hook


class Nobody:
    """Is told, in place of a Deferred, that a connection is closed."""

    def callback(self, result: object) -> None:
        """Do nothing."""


class ChatProtocol(Outgoing):
    """One connection: decodes, hands to the factory, and encodes what it is told.

    Text messages that come whole are taken here, ordinary ones by the factory's lane if it has one;
    everything else is left to Autobahn.
    ``network`` says where it comes from, for comparing, ``pseudonym`` the same as the bans know it;
    ``visit`` is for who lets it in. What Autobahn sets for each connection, and is the same for
    all, the factory makes attributes of the class; what is here differs from that.
    """

    # In its warnings Autobahn writes down who was at fault, by address.
    log = make_logger(level="error")
    failures = Logger()
    factory: "ChatRouletteFactory"
    autoPingInterval: float
    wire: Wire = plain
    network = ""
    pseudonym: Hashable = None
    visit: "Visit"

    # What Autobahn sets while it shakes hands.
    state = OPEN
    websocket_version = 13
    inside_message = False
    current_frame: Any = None
    # For frames in pieces, which nobody here sends; an empty deque has 760 bytes.
    send_queue = ()  # type: ignore[assignment]
    is_closed: Any = Nobody()

    _bad_frames: TokenBucket | None = None
    _frames: TokenBucket | None = None
    _fragments = 0

    def __init__(self) -> None:
        """Be open."""

    @cached_property
    def utf8validator(self) -> Utf8Validator:  # type: ignore[override]  # it can be set as well
        """Return what checks texts that come in pieces; hardly anybody needs it."""
        return Utf8Validator()

    def connectionMade(self) -> None:
        """Begin; nothing of Autobahn's is to be done."""
        self.registerProducer(self, True)

    def open(self, asked: Handshake) -> None:
        """Choose the wire, answer the handshake, and come in."""
        self.factory.countConnections += 1
        try:
            self.wire, subprotocol = self.factory.wire_for(asked.offers)
        except Exception:
            self.failures.failure("A handshake has failed")
            self.failHandshake("our mistake", 500)
            return
        self.put(answer(asked.key, subprotocol))
        self.autoPingPendingCall = self.factory._batched_timer.call_later(
            self.autoPingInterval, self._sendAutoPing
        )
        self.onOpen()
        self.factory.end_turn()

    @guarded
    def onOpen(self) -> None:
        """Come in: a plain guest searches at once, any other says hello first."""
        if rate := self.factory.lobby.limits.frames:
            self._frames = TokenBucket(rate, FRAMES_AT_ONCE)
        self.factory.clients.add(self)
        if self.wire is plain:
            self.factory.register(self, Hello(lasting=False, roams=True))
            self.factory.findPartner(self)
        else:
            self.factory.expected.add(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Make room, whatever the hooks do, and leave nothing for the collector."""
        try:
            super().connectionLost(reason)
        finally:
            # Autobahn's last timer holds this connection, and what it has not sent.
            if self.closeHandshakeTimeoutCall is not None:
                self.closeHandshakeTimeoutCall.cancel()
                self.closeHandshakeTimeoutCall = None
            self.unregisterProducer()
            self.factory.left(self)

    def dataReceived(self, data: bytes) -> None:
        """Take what came: whole text messages here, from anything else on in Autobahn."""
        start, size = self.factory.take(self, data), len(data)
        # TLS hands over what comes until the client has closed as well, and Autobahn would keep it.
        if start == size or self.state == self.STATE_CLOSED:
            return
        try:
            while start < size and self._between_messages():
                found = whole_text(data, start)
                if found is None:
                    break
                text, start = found
                if self._frames is None or self._may_come():
                    self.onText(text)
            if start < size:
                # Its caller does nothing but to spell out a line for the log.
                self._dataReceived(data[start:])
        finally:
            self.factory.end_turn()

    def _between_messages(self) -> bool:
        # Autobahn holds no part of a frame or of a message, and no ping is to be answered:
        # it counts whatever comes in meanwhile as an answer.
        return (
            self.state == OPEN
            and not self.data
            and self.current_frame is None
            and not self.inside_message
            and self.autoPingTimeoutCall is None
        )

    def _may_come(self) -> bool:
        """Count a frame; return False if the connection ends, since they come too fast.

        As many again are dropped unread before the close frame is given up.
        """
        if self._frames is None or not self._frames.take(self.factory.now()):
            return True
        if self.state == self.STATE_OPEN:
            self.close(Closing.TOO_FAST)
            self._frames = TokenBucket(self._frames.rate, self._frames.burst)
        else:
            self.dropConnection(abort=True)
        return False

    def onFrameBegin(self) -> None:
        """Count a frame of which Autobahn has read the head."""
        if self._may_come():
            if self.current_frame.opcode == 0:
                self._fragments += 1
                if self._fragments == FRAGMENTS + 1:
                    self.close(Closing.POLICY)
            elif self.current_frame.opcode < 8:  # a ping may come in between
                self._fragments = 1
        super().onFrameBegin()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Take a message that Autobahn has put together; after a close frame it is dropped."""
        if self.state != OPEN:
            return
        if isBinary:
            self.close(Closing.BINARY)
        else:
            self.onText(payload.decode())

    def onText(self, text: str) -> None:
        """Do what a text message asks for."""
        try:
            self.factory.communicate(self, text)
        except Exception:
            self.fail()

    @guarded
    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Let the factory know that this connection is gone."""
        self.hello_came()
        self.resumeProducing()
        self.factory.clients.discard(self)
        guest = self.factory.lobby.who(self)
        try:
            self.factory.unregister(self, goodbye=code in GOODBYES)
        except Exception:
            self.fail()
            # Not tried again: some of it may be done.
            if guest is not None:
                self.factory.forget(guest)

    def tell(self, event: Event) -> None:
        """Send an event in the end of this turn, if this wire tells it; some end the connection."""
        if self.state != OPEN:
            return
        try:
            payload = self.wire.encode(event)
            if payload is not None:
                self.put(text_frame(payload))
            if (closing := BY_EVENT.get(type(event))) is not None:
                self.close(closing)
        except Exception:
            self.fail()

    def fail(self) -> None:
        """End the connection since something of ours, being handled right now, has failed."""
        guest = self.factory.lobby.who(self)
        self.failures.failure("The connection of guest {guest} has failed", guest=guest)
        self.close(Closing.ERROR)

    def hello_came(self) -> None:
        """Wait for a hello no longer."""
        self.factory.expected.take(self)

    def no_hello(self) -> None:
        """End a connection on which no hello has come."""
        self.close(Closing.NO_HELLO)

    def answer(self, event: Event, now: float) -> None:
        """Answer a frame that is no verb; too many that make no sense end the connection."""
        self.tell(event)
        if isinstance(event, Error):
            self.factory.lobby.tally.refused[event.code] += 1
            if self._bad_frames is None:
                self._bad_frames = TokenBucket(rate=1 / 60, burst=BAD_FRAMES)
            if self._bad_frames.take(now):
                self.close(Closing.POLICY)
