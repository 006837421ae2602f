"""One anonymous person, who outlives the connection."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

from roulette.core.events import Event, State, StrangerDisconnected
from roulette.core.facts import Fact
from roulette.core.frames import Address
from roulette.core.leg import Leg
from roulette.core.limits import Kind, TokenBucket
from roulette.core.ticket import Ticket, Wishes

REMEMBERED_PARTNERS = 64
"""How many of the latest partners a guest is kept from meeting again so soon."""

REMEMBERED_BLOCKS = 1000
"""How many blocked guests one guest can have; beyond that the oldest is forgotten."""

REMEMBERED_PSEUDONYMS = 4
"""How many of the latest addresses of a guest are known, by their pseudonyms."""


class Connection(Protocol):
    """What a guest speaks through right now; the core never calls it, only hands it back."""

    def tell(self, event: Event) -> None:
        """Tell the guest something."""


@dataclass(slots=True)
class Former:
    """The last chat that has ended, while it may still be asked for again."""

    chat: str
    partner: Address
    until: float
    asked: str | None = None
    offered: str | None = None


class Unheard(Fact, frozen=True):
    """The end of a chat that its guest may not know of: the leg, and the news.

    ``told`` if there was a connection to tell it; that may have been dead already.
    """

    leg: Leg
    event: StrangerDisconnected
    told: bool


@dataclass(slots=True, eq=False)
class Guest:
    """A guest: known by a random id, and by a secret token that lets it come back.

    ``state`` follows from what the guest holds: a ticket in the pool, a leg of a chat, or
    neither. Being ``away`` and having no connection are flags beside it. ``chats`` counts those
    that are over, ``said`` and ``heard`` the messages in them.
    """

    id: str
    resume: str | None
    roams: bool
    address: str
    connection: Connection | None
    arrived: float
    leaves_at: float | None = None
    away: bool = False
    ticket: Ticket | None = None
    leg: Leg | None = None
    former: Former | None = None
    unheard: Unheard | None = None
    skipped: bool = False
    wishes: Wishes = field(default_factory=Wishes)
    met: OrderedDict[str, float] = field(default_factory=OrderedDict)
    blocked: OrderedDict[str, None] = field(default_factory=OrderedDict)
    told_count: int = 0
    pseudonyms: tuple[Hashable, ...] = ()
    chats: int = 0
    said: int = 0
    heard: int = 0
    buckets: dict[Kind, TokenBucket] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Return where the guest stands."""
        if self.leg is not None:
            return State.CHATTING
        return State.IDLE if self.ticket is None else State.WAITING

    @property
    def present(self) -> bool:
        """Say whether the guest can be matched: it is here, and looks here."""
        return self.connection is not None and not self.away

    def came_from(self, pseudonym: Hashable) -> None:
        """Remember from where a guest has come; it is for the operator, and means nothing here."""
        if pseudonym is not None and pseudonym not in self.pseudonyms:
            self.pseudonyms = (*self.pseudonyms, pseudonym)[-REMEMBERED_PSEUDONYMS:]

    def its_leg(self) -> Leg:
        """Return the leg of a guest who is known to chat: whoever calls has made sure."""
        assert self.leg is not None
        return self.leg

    def meet(self, partner: str, now: float) -> bool:
        """Remember a partner; return whether it was met before."""
        before = self.met.pop(partner, None) is not None
        self.met[partner] = now
        if len(self.met) > REMEMBERED_PARTNERS:
            self.met.popitem(last=False)
        return before

    def withdraw(self) -> None:
        """Take back having asked for a rematch: who is not here is not met."""
        if self.former is not None:
            self.former.asked = None

    def block(self, partner: str) -> None:
        """Never meet ``partner`` again."""
        self.blocked[partner] = None
        if len(self.blocked) > REMEMBERED_BLOCKS:
            self.blocked.popitem(last=False)
