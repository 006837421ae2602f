"""When to try again: exponential back-off with full jitter.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Backoff:
    """The delays between attempts: random, below a ceiling that doubles each time.

    ``first`` is the first ceiling, ``busy`` the first where the server asked for time, and
    ``cap`` the highest, all in seconds.
    """

    random: Random
    first: float = 1.0
    busy: float = 5.0
    cap: float = 30.0
    _attempts: int = field(init=False, default=0)

    def delay(self, *, busy: bool = False) -> float:
        """Return the seconds to wait before the next attempt."""
        # Doubled twenty times over, no ceiling is below the cap, and no float overflows.
        doubled = 2.0 ** min(self._attempts, 20)
        self._attempts += 1
        return self.random.uniform(
            0.0, min(self.cap, (self.busy if busy else self.first) * doubled)
        )

    def reset(self) -> None:
        """Begin anew, since an attempt went well."""
        self._attempts = 0
