"""What one leg of a chat sends to the other, on this node or on another.

A frame is accepted only if the receiver's leg names the sender as its partner and the chat
is the same. That one rule settles every race between leaving, matching and late frames. The
two frames of a rematch have no leg to speak to: for them the chat that has ended counts.
"""

from dataclasses import field
from typing import NamedTuple

from roulette.core.events import Reason
from roulette.core.facts import fact


class Address(NamedTuple):
    """Where a guest can be reached: the node that it is on, and its id."""

    node: str
    guest: str


@fact
class Frame:
    """Something that ``sender``'s leg of ``chat`` sends to the leg of ``to``."""

    to: Address
    sender: Address
    chat: str


@fact
class Text(Frame):
    """Message number ``seq``, accepted at ``at`` (Unix seconds)."""

    seq: int
    text: str = field(repr=False)
    at: float


@fact
class Typing(Frame):
    """The sender is writing, or no longer."""

    on: bool


@fact
class Seen(Frame):
    """The sender was shown the receiver's messages up to ``seq``."""

    seq: int


@fact
class Away(Frame):
    """The sender looks elsewhere, or here again."""

    on: bool


@fact
class Absent(Frame):
    """The sender has lost its connection, or found it again."""

    on: bool


@fact
class Bye(Frame):
    """The sender has left; ``again`` says whether it can be asked for a rematch."""

    reason: Reason
    again: bool


@fact
class Again(Frame):
    """The sender would meet again; ``proposal`` is the id it would give the new chat."""

    proposal: str


@fact
class Met(Frame):
    """The sender has opened the chat ``agreed``, since both have asked for it."""

    agreed: str
