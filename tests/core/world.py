"""Lobbies without a network: a clock, connections that remember, and frames that travel.

Real lobbies in a real order of events; nothing here decides what the rules are.
"""

from collections import deque
from collections.abc import Iterable
from itertools import count
from random import Random

from roulette.core import verbs
from roulette.core.chats import Delivery
from roulette.core.events import Connected, Event, GotMessage, Stage, Welcome
from roulette.core.frames import Frame
from roulette.core.guest import Guest
from roulette.core.lobby import Lobby
from roulette.core.pool import SameAddress
from roulette.core.ticket import Ticket

Wire = tuple[str, str]
"""From one node to another, or to itself."""


class Line:
    """A connection: what it was told, oldest first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.told: list[Event] = []
        self.guest = self.resume = ""

    def __repr__(self) -> str:
        return self.name

    def tell(self, event: Event) -> None:
        self.told.append(event)
        if isinstance(event, Welcome):
            self.guest, self.resume = event.guest, event.resume

    def take(self) -> list[Event]:
        """Return what was told since the last time."""
        told, self.told = self.told, []
        return told


class World:
    """Some nodes and one clock.

    Frames reach their leg at once, in order; or, if ``delayed``, when :meth:`carry` says so.
    """

    def __init__(
        self,
        *nodes: str,
        delayed: bool = False,
        grace: float = 30.0,
        same_address: SameAddress = SameAddress.ALLOW,
    ) -> None:
        self.now = 0.0
        self.delayed = delayed
        ids = count(1)
        self.nodes = {
            node: Lobby(
                Random(seed),
                grace=grace,
                same_address=same_address,
                node=node,
                token=lambda: f"t{next(ids)}",
            )
            for seed, node in enumerate(nodes or ("local",))
        }
        self.lobby = next(iter(self.nodes.values()))
        self.wires: dict[Wire, deque[Frame]] = {}

    def hello(self, line: Line, verb: verbs.Hello | None = None, address: str = "") -> None:
        self.post(self.lobby, self.lobby.hello(line, verb or verbs.Hello(), address, self.now))

    def do(self, line: Line, verb: verbs.Verb) -> list[Event]:
        """Do a verb; return what the line was told by it, forgetting what it was told before."""
        line.take()
        self.post(self.lobby, self.lobby.do(line, verb, self.now))
        return line.take()

    def lost(self, line: Line, *, goodbye: bool = False) -> None:
        self.post(self.lobby, self.lobby.lost(line, self.now, goodbye=goodbye))

    def guest(self, line: Line) -> Guest:
        return self.lobby.guests[line.guest]

    def post(self, lobby: Lobby, deliveries: Iterable[Delivery]) -> None:
        queue = deque(deliveries)
        while queue:
            delivery = queue.popleft()
            if not isinstance(delivery, Frame):
                connection, event = delivery
                connection.tell(event)
                continue
            self.sent(delivery)
            if self.delayed:
                self.wires.setdefault((lobby.node, delivery.to.node), deque()).append(delivery)
            else:
                queue.extend(self.received(self.nodes[delivery.to.node], delivery))

    def carry(self, wire: Wire) -> None:
        """Bring the oldest frame on a wire to its leg."""
        frame, node = self.wires[wire].popleft(), self.nodes[wire[1]]
        self.post(node, self.received(node, frame))

    def sent(self, frame: Frame) -> None:
        """Note that a frame goes out; a place to watch it from."""

    def received(self, node: Lobby, frame: Frame) -> list[Delivery]:
        """Let a frame come in."""
        return node.receive(frame, self.now)

    def next_deadline(self) -> float:
        return min(lobby.next_deadline() for lobby in self.nodes.values())

    def pass_time(self, seconds: float) -> None:
        """Let time pass with a timer that is never late."""
        end = self.now + seconds
        while (at := self.next_deadline()) <= end:
            assert at >= self.now, "what was due was left undone"
            self.now = at
            self.tick()
            assert self.next_deadline() > self.now, "a timer would never rest"
        self.now = end

    def oversleep(self, seconds: float) -> None:
        """Let time pass with a timer that goes off at the end only."""
        self.now += seconds
        self.tick()

    def tick(self) -> None:
        for lobby in self.nodes.values():
            self.post(lobby, lobby.tick(self.now))

    def arrive(self, name: str, verb: verbs.Hello | None = None, address: str = "") -> Line:
        """Let a new guest in; what it is welcomed with is taken."""
        line = Line(name)
        self.hello(line, verb, address)
        line.take()
        return line

    def back(self, name: str, old: Line, seq: int | None = None, chat: str | None = None) -> Line:
        """Let the guest of an old line back in on a new one."""
        line = Line(name)
        self.hello(line, verbs.Hello(old.resume, seq, chat))
        return line

    def meet(self, *lines: Line) -> str:
        """Let two guests meet; return their chat."""
        for line in lines:
            self.do(line, verbs.Start())
        leg = self.guest(lines[0]).leg
        assert leg is not None
        assert leg.partner.guest == lines[1].guest
        for line in lines:
            line.take()
        return leg.chat


def insists(one: Ticket, other: Ticket) -> bool:
    """Say whether a guest at its stage still insists on what another does not have."""
    topics, languages = set(one.wishes.topics), one.wishes.languages
    if one.stage is Stage.TOPICS and not topics & set(other.wishes.topics):
        return True
    both_name = bool(languages and other.wishes.languages)
    return one.stage is not Stage.ANYONE and both_name and not languages & other.wishes.languages


def couple(world: World) -> tuple[Line, Line, str]:
    """Return two guests who have just met, and their chat."""
    one, other = world.arrive("one"), world.arrive("other")
    return one, other, world.meet(one, other)


def chat_of(told: Iterable[Event]) -> str:
    """Return the chat that these events say has begun."""
    return next(event.chat for event in told if isinstance(event, Connected))


def texts(told: Iterable[Event]) -> list[str]:
    """Return the texts that are among these events."""
    return [event.text for event in told if isinstance(event, GotMessage)]


def of(kind: type[Event], told: Iterable[Event]) -> list[Event]:
    """Return those of these events that are of a kind."""
    return [event for event in told if isinstance(event, kind)]
