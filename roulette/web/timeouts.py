"""What may take only so long, with one timer for all of it."""

from collections.abc import Callable
from itertools import takewhile
from typing import Generic, TypeVar

from twisted.internet.interfaces import IReactorTime

from roulette.web.alarm import REST

Item = TypeVar("Item")


class Timeouts(Generic[Item]):
    """Items that may each be here for equally long, from when it was added.

    A timer for each of them is most of what it costs to wait for something that comes at once.

    :param clock: tells the time and calls later.
    :param seconds: how long.
    :param late: is called with each item whose time is over.
    """

    def __init__(self, clock: IReactorTime, seconds: float, late: Callable[[Item], object]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._late = late
        # The first falls due first.
        self._due: dict[Item, float] = {}
        self._armed = False

    def add(self, item: Item) -> None:
        """Let the time of an item begin."""
        self._due[item] = self._clock.seconds() + self._seconds
        if not self._armed:
            self._arm(self._seconds)

    def take(self, item: Item) -> float | None:
        """Forget an item; return how many seconds it had left, None if it is not here."""
        due = self._due.pop(item, None)
        return None if due is None else max(0.0, due - self._clock.seconds())

    def _arm(self, seconds: float) -> None:
        self._armed = True
        self._clock.callLater(seconds, self._ring)

    def _ring(self) -> None:
        self._armed = False
        now = self._clock.seconds()
        late = [item for item, _ in takewhile(lambda pair: pair[1] <= now, self._due.items())]
        try:
            for item in late:
                if self.take(item) is not None:
                    self._late(item)
        finally:
            if self._due and not self._armed:
                self._arm(max(REST, next(iter(self._due.values())) - now))
