"""The seed's factory: a thin skin over the lobby."""

from collections.abc import Callable, Iterable, Sequence

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.interfaces import IReactorTime

from roulette.core.chats import Delivery
from roulette.core.lobby import Lobby
from roulette.core.verbs import Hello, Start, Verb
from roulette.web import lane
from roulette.web.alarm import Alarm
from roulette.web.outgoing import CLOSES_WITHIN, Outgoing
from roulette.web.protocol import HELLO_WITHIN, ChatProtocol
from roulette.web.timeouts import Timeouts, Timers
from roulette.wire import FRAME_BYTES, Wire, plain, v1
from roulette.wire.closing import Closing


class ChatRouletteFactory(WebSocketServerFactory):
    """Every connection, and the lobby behind them.

    :param lobby: decides everything.
    :param reactor: tells the time and calls later; must be monotonic.
    :param protocol: what each connection is made from.
    :param message_bytes: the longest message that is taken.

    The lobby's limits count for the frames of each connection as well. ``closed`` says how many
    connections were closed from here, and why; ``left`` is called with each one that is gone.
    """

    protocol: type[ChatProtocol]  # type: ignore[assignment]  # Autobahn has any of its own

    def __init__(
        self,
        lobby: Lobby,
        reactor: IReactorTime,
        protocol: type[ChatProtocol] = ChatProtocol,
        message_bytes: int = FRAME_BYTES,
    ) -> None:
        super().__init__(reactor=reactor)
        self.setProtocolOptions(
            versions=[13],
            webStatus=False,
            failByDrop=False,
            maxFramePayloadSize=message_bytes,
            maxMessagePayloadSize=message_bytes,
            openHandshakeTimeout=0,  # the whole request was there before
            closeHandshakeTimeout=CLOSES_WITHIN,
            autoPingInterval=20,
            autoPingTimeout=20,
        )
        self._batched_timer = Timers(reactor)
        self.protocol = self._opened(protocol)
        self.lobby = lobby
        self.clients: set[ChatProtocol] = set()
        self.closed = {closing.name.lower(): 0 for closing in Closing}
        self.clock = reactor
        self.now = reactor.seconds
        self.told: list[Outgoing] = []
        self.left: Callable[[ChatProtocol], None] = lambda client: None
        self.expected = Timeouts(reactor, HELLO_WITHIN, ChatProtocol.no_hello)
        self._alarm = Alarm(reactor, lobby.next_deadline, self._tick)
        ours = type(self) is ChatRouletteFactory and protocol is ChatProtocol
        self.take = lane.take(self) if ours else lane.nothing

    def wire_for(self, offered: Sequence[str]) -> tuple[Wire, str | None]:
        """Return the wire to speak with who offers these subprotocols, and which of them it is."""
        return (v1, v1.SUBPROTOCOL) if v1.SUBPROTOCOL in offered else (plain, None)

    def register(self, client: ChatProtocol, hello: Hello) -> None:
        """Let the guest behind a connection in, or back in."""
        client.hello_came()
        client.coming = True
        self._bring(self.lobby.hello(client, hello, client.network, self.now(), client.pseudonym))
        client.coming = False

    def unregister(self, client: ChatProtocol, *, goodbye: bool = False) -> None:
        """Note that a connection is gone; what becomes of its guest the lobby knows."""
        self.deliver(self.lobby.lost(client, self.now(), goodbye=goodbye))

    def forget(self, guest: str) -> None:
        """Let go of a guest whose connection could not be noted as gone; the partner is told."""
        self.deliver(self.lobby.forget(guest, self.now()))

    def findPartner(self, client: ChatProtocol) -> None:
        """Search a partner for a client, without any wishes."""
        self._bring(self.lobby.do(client, Start(), self.now()))

    def communicate(self, client: ChatProtocol, text: str) -> None:
        """Do what a client's message asks for; most often: bring it to the partner."""
        asked = client.wire.decode(text)
        if not isinstance(asked, Verb):
            client.answer(asked, self.now())
        elif isinstance(asked, Hello):
            self.register(client, asked)
        else:
            self._bring(self.lobby.do(client, asked, self.now()))

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        """Bring events to their connections, and frames to their legs, in a turn of their own."""
        try:
            self._bring(list(deliveries))
        finally:
            self.end_turn()

    def end_turn(self) -> None:
        """Send to each connection in one write all that it was told, and set the alarm."""
        told, self.told = self.told, []
        for connection in told:
            connection.flush()
        self._alarm.set()

    def _bring(self, deliveries: list[Delivery]) -> None:
        # A frame for another node would leave here; as yet there is only this one.
        for delivery in deliveries:
            if isinstance(delivery, tuple):
                connection, event = delivery
                connection.tell(event)
            else:
                # What is appended to a list while a loop goes through it is met too.
                deliveries += self.lobby.receive(delivery, self.now())

    def _tick(self) -> None:
        self.deliver(self.lobby.tick(self.now()))

    def _opened(self, protocol: type[ChatProtocol]) -> type[ChatProtocol]:
        # What Autobahn would set for each connection until it is open, its options among it, is
        # the same for all of ours: so one is made, and all have what that one has.
        example = protocol()
        example.factory = self
        WebSocketServerProtocol._connectionMade(example)
        self.countConnections = 0
        same = {
            name: staticmethod(value) if callable(value) else value
            for name, value in vars(example).items()
            if name not in vars(ChatProtocol)
        }
        return type(protocol.__name__, (protocol,), same)
