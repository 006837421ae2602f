"""What one leg of a chat sends to the other, on this node or on another.

A frame is accepted only if the receiver's leg names the sender as its partner and the chat
is the same. That one rule settles every race between leaving, matching and late frames. The
two frames of a rematch have no leg to speak to: for them the chat that has ended counts.
"""

from typing import ClassVar, NamedTuple

from roulette.core.events import Reason
from roulette.core.facts import Fact


class Address(NamedTuple):
    """Where a guest can be reached: the node that it is on, and its id."""

    node: str
    guest: str


class Frame(Fact, frozen=True):
    """Something that ``sender``'s leg of ``chat`` sends to the leg of ``to``."""

    to: Address
    sender: Address
    chat: str


class Text(Frame, frozen=True):
    """Message number ``seq``, accepted at ``at`` (Unix seconds)."""

    hidden: ClassVar = frozenset({"text"})

    seq: int
    text: str
    at: float


class Typing(Frame, frozen=True):
    """The sender is writing, or no longer."""

    on: bool


class Seen(Frame, frozen=True):
    """The sender was shown the receiver's messages up to ``seq``."""

    seq: int


class Away(Frame, frozen=True):
    """The sender looks elsewhere, or here again."""

    on: bool


class Absent(Frame, frozen=True):
    """The sender has lost its connection, or found it again."""

    on: bool


class Bye(Frame, frozen=True):
    """The sender has left; ``again`` says whether it can be asked for a rematch."""

    reason: Reason
    again: bool


class Again(Frame, frozen=True):
    """The sender would meet again; ``proposal`` is the id it would give the new chat."""

    proposal: str


class Met(Frame, frozen=True):
    """The sender has opened the chat ``agreed``, since both have asked for it."""

    agreed: str
