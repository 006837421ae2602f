"""What the process takes from the machine, as the kernel tells it.

Not prometheus-client's own ProcessCollector: that tells nothing where ``/proc/stat`` is out of
sight, as it is under the unit in ``deploy/``, and lists every descriptor each time, which takes
ten milliseconds with 15,000 guests.
"""

import os
import resource
import time
from collections.abc import Callable

PROC = "/proc/self"

LISTED_FOR = 30.0
"""Seconds for which a count of descriptors that was expensive is good."""


def cpu_seconds() -> float:
    """Return how long all threads have used a processor."""
    return time.process_time()


def memory_bytes() -> float | None:
    """Return how much is resident; None where there is no proc(5)."""
    try:
        with open(f"{PROC}/statm", "rb") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return None


def most_descriptors() -> float:
    """Return how many descriptors there may be, ``inf`` where there is no limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return float("inf") if soft == resource.RLIM_INFINITY else float(soft)


class Descriptors:
    """Says how many descriptors are open; None where there is no proc(5).

    :param now: returns the monotonic time.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._listed: int | None = None
        self._again_at = 0.0

    def __call__(self) -> float | None:
        """Return the number."""
        try:
            # Linux says it here since 6.2, and 0 before.
            return os.stat(f"{PROC}/fd").st_size or self._list()
        except OSError:
            return None

    def _list(self) -> int:
        if self._listed is None or self._now() >= self._again_at:
            # But for the one that lists them.
            self._listed = len(os.listdir(f"{PROC}/fd")) - 1
            self._again_at = self._now() + LISTED_FOR
        return self._listed
