"""How much is too much."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What is limited for a guest, each by itself."""

    MESSAGES = "messages"
    SKIPS = "skips"
    OTHERS = "others"
    REFUSALS = "refusals"


@dataclass(frozen=True)
class Limits:
    """How many times a second a guest may do something in the long run; 0 lifts a limit.

    ``frames`` is for each connection.
    """

    messages: float = 5.0
    skips: float = 1.0
    others: float = 20.0
    refusals: float = 1.0
    frames: float = 50.0

    def bucket(self, kind: Kind) -> "TokenBucket":
        """Return a full bucket for a guest."""
        return TokenBucket(getattr(self, kind), BURSTS[kind])


BURSTS = {Kind.MESSAGES: 20.0, Kind.SKIPS: 5.0, Kind.OTHERS: 100.0, Kind.REFUSALS: 300.0}
"""How often at once. All that a client may have on its way can be refused: it has not heard yet."""

FRAMES_AT_ONCE = 400.0
"""Frames of a connection at once: whoever comes back repeats up to 256 messages."""

UNLIMITED = Limits(0.0, 0.0, 0.0, 0.0, 0.0)


def is_rate(rate: float) -> bool:
    """Say whether something may be limited to so many times a second; 0 lifts a limit."""
    return rate == 0 or 0.001 <= rate <= 1_000_000


@dataclass(slots=True)
class TokenBucket:
    """A token bucket: ``burst`` at once, ``rate`` per second in the long run.

    A rate of 0 lifts the limit.
    """

    rate: float
    burst: float
    _tokens: float = field(init=False)
    _at: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def take(self, now: float) -> float:
        """Take one token. Return 0 if there was one, else the seconds until there will be."""
        if not self.rate:
            return 0.0
        # Without min and max, which take longer than all the rest; each message asks twice.
        tokens = self._tokens
        if now > self._at:
            tokens += (now - self._at) * self.rate
            if tokens > self.burst:
                tokens = self.burst
        self._at = now
        if tokens < 1.0:
            self._tokens = tokens
            return (1.0 - tokens) / self.rate
        self._tokens = tokens - 1.0
        return 0.0
