"""A guest with a client: it knows what it was told, and objects to whatever can't be.

Two things are apart: what was handed to the connection, which must make sense event by event,
and what the client has read of it, which a lost connection may cut short.
"""

from roulette.core import events, verbs
from roulette.core.chats import ACKS_EVERY, ACKS_RIDE
from roulette.core.events import Event, State
from tests.core.world import Line, World

LAG = 1e-6
"""Seconds within which two times are the same."""

FAREWELLS = (events.Restarting, events.ShuttingDown)
LEAVING = (verbs.Next, verbs.Disconnect, verbs.Block)


class Watched(World):
    """A world that knows what was accepted: by chat and sender, every text in its order."""

    said: dict[tuple[str, str], list[str]]
    ids: dict[tuple[str, str], dict[int, str | None]]
    partners: dict[tuple[str, str], str]


class PersonLine(Line):
    """A connection of a person's."""

    def __init__(self, person: "Person", number: int) -> None:
        super().__init__(f"{person.name}/{number}")
        self.person = person
        self.closed = False

    def tell(self, event: Event) -> None:
        assert not self.closed, f"{self} is told {event} after its end"
        self.closed = isinstance(event, (events.Replaced, events.Kicked, *FAREWELLS))
        if not isinstance(event, events.Replaced):
            assert self is self.person.line, f"{self} was replaced, and is told {event}"
            self.person.handed(event)


class Person:
    """A guest with a client."""

    def __init__(self, world: Watched, node: str, name: str, *, lasting: bool, prompt: bool):
        self.world, self.node, self.name = world, node, name
        self.lasting, self.prompt = lasting, prompt
        self.line: PersonLine | None = None
        self.lines = 0
        self.guest = self.resume = ""
        self.leaves_at: float | None = None
        self.gone = False
        # What was handed to the connection.
        self.state = State.IDLE
        self.chat: str | None = None
        self.last: str | None = None
        self.lost_chat: str | None = None
        self.ended: str | None = None
        self.stranger = "here"
        self.writing = False
        self.renewed = 0.0
        self.counted = -10.0
        # What it does.
        self.doing: verbs.Verb | None = None
        self.errors = 0
        self.away = False
        self.blocked: set[str] = set()
        self.used_ids = 0
        # What it waits to have acknowledged: seq, and the time.
        self.unacknowledged: dict[int, float] = {}
        self.acked: list[tuple[str, float, float]] = []
        self.acked_at = self.heard_at = -1.0
        # What it has read.
        self.inbox: list[Event] = []
        self.reading: str | None = None
        self.believes: str | None = None
        self.position = 0
        self.confirmed = 0
        self.anywhere = False
        # The chat that it named when it came.
        self.named: str | None = None

    def __repr__(self) -> str:
        return self.name

    def connect(self) -> PersonLine:
        self.lines += 1
        self.line = PersonLine(self, self.lines)
        self.inbox.clear()
        return self.line

    def disconnect(self) -> None:
        self.line = None
        self.inbox.clear()
        self.unacknowledged.clear()
        self.writing = False

    # What is handed to the connection.

    def handed(self, event: Event) -> None:
        self.inbox.append(event)
        chat = getattr(event, "chat", None)
        match event:
            case events.Welcome():
                self.welcomed(event)
            case events.Idle() | events.Waiting():
                self.over()
                searched = self.state is State.WAITING
                self.state = State.IDLE if isinstance(event, events.Idle) else State.WAITING
                # Who searches lets go of the last chat; `next` while searching does nothing.
                again = isinstance(self.doing, verbs.Next) and not searched
                if again or isinstance(self.doing, verbs.Start):
                    self.ended = None
            case events.Connected():
                assert not self.away, "an away guest is matched"
                self.over()
                self.state, self.chat, self.last = State.CHATTING, chat, chat
                self.stranger, self.ended = "here", None
                leg = self.world.nodes[self.node].guests[self.guest].leg
                assert leg is not None
                self.world.partners[event.chat, self.guest] = leg.partner.guest
            case events.StrangerDisconnected():
                assert chat == (self.lost_chat or self.chat), "a chat ends that is none"
                self.chat, self.lost_chat, self.ended = None, None, chat
                self.over()
                self.state = State.IDLE if self.state is State.CHATTING else self.state
            case events.RematchOffered():
                assert (self.chat, chat) == (None, self.last)
                assert 0 < event.expires <= 60 + LAG
            case events.Guests():
                assert self.world.now >= self.counted + 10 - LAG, "counted too often"
                self.counted = self.world.now
            case events.Kicked():
                self.gone = True
            case events.Restarting() | events.ShuttingDown():
                self.over()
                self.gone = True
                self.disconnect()
            case events.Error():
                self.errors += 1
            case events.ServerMessage():
                pass
            case events.GotMessage():
                assert chat == (self.lost_chat or self.chat), f"{event} of an old chat"
                self.writing, self.heard_at = False, self.world.now
            case _:
                assert chat == self.chat, f"{event} of an old chat"
                self.in_chat(event)

    def welcomed(self, event: events.Welcome) -> None:
        if event.resumed:
            assert self.guest == event.guest, "somebody else came back"
            assert event.chat in (self.chat, None), "a chat began while nobody was here"
        self.guest, self.resume, self.state = event.guest, event.resume, event.state
        if event.chat is None:
            retold = self.ended if self.ended == self.named else None
            self.lost_chat, self.chat = self.chat or retold, None
        self.stranger, self.writing = "here", False

    def over(self) -> None:
        """Be in no chat any more: because one was told so, or because one left."""
        if self.chat is not None:
            assert isinstance(self.doing, LEAVING), "the end was not told"
        assert not self.unacknowledged, "accepted, and not acknowledged before the end"
        self.chat, self.writing = None, False

    def in_chat(self, event: Event) -> None:
        match event:
            case events.Typing():
                assert not self.writing, "told twice that the stranger writes"
                self.writing = True
            case events.StoppedTyping():
                assert self.writing, "told of the end of no writing"
                self.writing = False
            case events.Ack():
                assert self.ids()[event.seq] == event.id
                self.acked.append((event.chat, self.world.now, self.heard_at))
                self.acknowledged(event.seq)
            case events.Seen():
                assert event.seq in self.ids(), "what was never said is seen"
                self.acknowledged(event.seq)
            case events.StrangerAway():
                self.stranger = "away"
            case events.StrangerBack():
                self.stranger = "here"
            case events.StrangerReconnecting():
                self.stranger, self.writing = "reconnecting", False
            case _:
                raise AssertionError(f"what is {event}?")

    # Acknowledging.

    def ids(self) -> dict[int, str | None]:
        assert self.chat is not None
        return self.world.ids.get((self.chat, self.guest), {})

    def acknowledged(self, seq: int) -> None:
        for each in [each for each in self.unacknowledged if each <= seq]:
            del self.unacknowledged[each]

    def settle(self) -> None:
        """Look at what a whole call has told."""
        assert self.lost_chat is None, "came back, and was not told of the end"
        for chat, at, heard_at in self.acked:
            if chat == self.chat:
                # Only the end of a chat, and a message that it goes along with, hurry an ack.
                apart = ACKS_EVERY - ACKS_RIDE if heard_at == at else ACKS_EVERY
                assert at >= self.acked_at + apart - LAG, "acks too close"
                self.acked_at = at
        self.acked.clear()
        if self.prompt:
            self.read()

    # Reading.

    def read(self) -> None:
        for event in self.inbox:
            match event:
                case events.StrangerDisconnected() | events.Waiting() | events.Idle():
                    self.believes = None
                case events.Welcome() if event.chat is not None and event.chat != self.reading:
                    self.begin(event.chat)
                case events.Connected():
                    self.begin(event.chat)
                case events.GotMessage():
                    self.got(event)
        self.inbox.clear()

    def begin(self, chat: str) -> None:
        self.reading = self.believes = chat
        self.position = self.confirmed = 0

    def came_back(self, has: int | None) -> None:
        """Note what it says that it has; what it once confirmed it is not sent again."""
        self.named = self.believes
        self.anywhere = has is None
        if has is not None:
            self.position = self.confirmed = max(self.confirmed, has)

    def got(self, message: events.GotMessage) -> None:
        if message.chat != self.reading:
            self.begin(message.chat)
        if self.anywhere:
            # Who does not say what it has gets what is kept.
            self.anywhere = False
        else:
            assert message.seq == self.position + 1, f"{message} after {self.position}"
        self.position = message.seq
        partner = self.world.partners[message.chat, self.guest]
        assert message.text == self.world.said[message.chat, partner][message.seq - 1]

    def caught_up(self) -> bool:
        """Say whether nothing that was said to this person is missing."""
        if self.chat is None or self.inbox:
            return True
        partner = self.world.partners[self.chat, self.guest]
        said = len(self.world.said.get((self.chat, partner), ()))
        return self.reading == self.chat and self.position == said
