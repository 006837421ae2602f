"""What has happened so far, in numbers, for whoever watches over the house.

They only grow, but for the legs that are open. What they are counted by are enums, so there
are never more of them. A message costs one addition, and nothing else is counted for it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from roulette.core.events import Code, Reason, Stage
from roulette.core.limits import Kind

WAITS = (0.1, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300)
"""Seconds; the stages end at 5 and 10, and after 20 a recent partner will do."""

CHAT_SECONDS = (1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)

CHAT_MESSAGES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Of both sides; nobody has said a word in the first."""


class Histogram:
    """How many observations there were up to each bound, and the sum of them all.

    :param bounds: each is the highest value of its bucket, in order; there is one bucket more.
    """

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


@dataclass(slots=True)
class Tally:
    """The numbers of one node; a chat is counted where it is ended."""

    arrived: int = 0
    resumed: int = 0
    messages: int = 0
    legs: int = 0
    rematches: int = 0
    blocks: int = 0
    ended: dict[Reason, int] = field(default_factory=lambda: dict.fromkeys(Reason, 0))
    limited: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    refused: dict[Code, int] = field(default_factory=lambda: dict.fromkeys(Code, 0))
    waits: dict[Stage, Histogram] = field(
        default_factory=lambda: {stage: Histogram(WAITS) for stage in Stage}
    )
    chat_seconds: Histogram = field(default_factory=lambda: Histogram(CHAT_SECONDS))
    chat_messages: Histogram = field(default_factory=lambda: Histogram(CHAT_MESSAGES))

    @property
    def pairs(self) -> int:
        """Return how many chats there are."""
        return self.legs // 2
