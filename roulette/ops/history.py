"""The last hour, for the dashboard: who opens it at night wants to see how it began.

One row each two seconds. What happens now and then is looked at over a minute: how long guests
waited, how late the reactor was.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from twisted.application.service import Service
from twisted.internet.task import LoopingCall

from roulette.core.tally import Histogram
from roulette.ops import process
from roulette.ops.metrics import House

EVERY = 2.0
"""Seconds from one row to the next."""

ROWS = 1800
"""How many rows are kept: an hour, in less than a megabyte."""

WINDOW = 30
"""How many rows make a minute."""

COLUMNS = (
    "at",
    "guests",
    "pairs",
    "waiting",
    "messages",
    "wait_p50",
    "wait_p90",
    "lag_p99",
    "cpu",
    "memory",
    "descriptors",
)
"""Unix seconds; three numbers; messages a second; three times in seconds, over the last minute;
processors in use; bytes; a number. What is not known is None."""

Row = tuple[float | None, ...]


def quantile(part: float, bounds: Sequence[float], counts: Sequence[int]) -> float | None:
    """Return below what a part of some observations is, None if there are none.

    As PromQL's ``histogram_quantile``: even within a bucket, the last bound beyond them all.
    """
    total = sum(counts)
    if not total:
        return None
    rank = part * total
    low = below = 0.0
    for bound, upto in zip(bounds, accumulate(counts), strict=False):
        if upto >= rank:
            return round(low + (bound - low) * (rank - below) / (upto - below or 1), 4)
        low, below = bound, upto
    return low


class Lately:
    """What was observed over the last rows."""

    def __init__(self, histograms: Iterable[Histogram]) -> None:
        self._histograms = tuple(histograms)
        self._before = deque([self._counts()], maxlen=WINDOW)

    def look(self) -> tuple[Sequence[float], list[int]]:
        """Return the bounds, and how much was observed in each bucket, in all histograms."""
        now, then = self._counts(), self._before[0]
        self._before.append(now)
        return self._histograms[0].bounds, [new - old for new, old in zip(now, then, strict=True)]

    def _counts(self) -> list[int]:
        return [sum(each) for each in zip(*(it.counts for it in self._histograms), strict=True)]


class History(Service):
    """Writes a row every two seconds, and forgets what is older than an hour.

    :param house: what is measured.
    :param clock: the reactor.
    :param epoch: the Unix time at which its clock showed 0.
    """

    def __init__(self, house: House, clock: Any, epoch: float) -> None:
        self.rows: deque[Row] = deque(maxlen=ROWS)
        self._house = house
        self._clock = clock
        self._epoch = epoch
        self._waits = Lately(house.lobby.tally.waits.values())
        self._lags = Lately([house.lag])
        self._last = self._totals()
        self._loop = LoopingCall(self._write)
        self._loop.clock = clock

    def startService(self) -> None:
        """Begin once the reactor runs."""
        super().startService()
        self._clock.callWhenRunning(self._begin)

    def stopService(self) -> None:
        """End."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()

    def since(self, at: float) -> list[Row]:
        """Return the rows written later than ``at``, in Unix seconds, the oldest first."""
        found: list[Row] = []
        for row in reversed(self.rows):
            if (row[0] or 0.0) <= at:
                break
            found.append(row)
        return found[::-1]

    def _begin(self) -> None:
        if self.running:
            self._last = self._totals()
            self._loop.start(EVERY, now=False)

    def _totals(self) -> tuple[float, int, float]:
        return self._clock.seconds(), self._house.lobby.tally.messages, process.cpu_seconds()

    def _write(self) -> None:
        before, self._last = self._last, self._totals()
        seconds, messages, cpu = (new - old for new, old in zip(self._last, before, strict=True))
        lobby, waits, lags = self._house.lobby, self._waits.look(), self._lags.look()
        self.rows.append(
            (
                round(self._epoch + self._last[0], 3),
                len(lobby.guests),
                lobby.tally.pairs,
                len(lobby.pool),
                round(messages / seconds, 2),
                quantile(0.5, *waits),
                quantile(0.9, *waits),
                quantile(0.99, *lags),
                round(cpu / seconds, 3),
                process.memory_bytes(),
                self._house.descriptors(),
            )
        )
