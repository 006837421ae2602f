"""How much is too much."""

from dataclasses import dataclass, field


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
        self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1.0:
            return (1.0 - self._tokens) / self.rate
        self._tokens -= 1.0
        return 0.0
