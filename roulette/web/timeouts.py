"""What may take only so long, with one timer for all of it."""

from collections.abc import Callable
from itertools import takewhile
from typing import Generic, TypeVar

from twisted.internet.interfaces import IReactorTime

REST = 0.1
"""Seconds between two looks at what is late: from the second on, an item may be so much later."""

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
        now = self._clock.seconds()
        late = [item for item, _ in takewhile(lambda pair: pair[1] <= now, self._due.items())]
        try:
            for item in late:
                if self.take(item) is not None:
                    self._late(item)
        finally:
            # Only now: whoever is added meanwhile, as after a ping, is not the next to be late.
            self._armed = False
            if self._due:
                self._arm(max(REST, next(iter(self._due.values())) - now))


class Call:
    """Something that is called later, unless it is cancelled."""

    __slots__ = ("_waiting", "function")

    def __init__(self, waiting: "Timeouts[Call]", function: Callable[[], object]) -> None:
        self._waiting = waiting
        self.function = function
        waiting.add(self)

    def cancel(self) -> None:
        """Do not call it; do nothing if that is done."""
        self._waiting.take(self)


class Timers:
    """What Autobahn needs for its pings: calls after one of a few delays.

    Its own, of txaio, makes eight objects for each call, and to cancel one looks through all that
    are for the same second.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: dict[float, Timeouts[Call]] = {}

    def call_later(self, delay: float, function: Callable[[], object]) -> Call:
        """Call a function after so many seconds."""
        if (waiting := self._waiting.get(delay)) is None:
            waiting = Timeouts[Call](self._clock, delay, lambda call: call.function())
            self._waiting[delay] = waiting
        return Call(waiting, function)
