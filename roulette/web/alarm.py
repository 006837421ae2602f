"""One timer for everything that falls due."""

from collections.abc import Callable
from math import inf

from twisted.internet.interfaces import IDelayedCall, IReactorTime

REST = 0.005
"""Seconds from one ring to the next at least: what falls due meanwhile is done in one go."""


class Alarm:
    """Calls ``ring`` once the time that was last asked for has come, at most ``REST`` late.

    :param clock: tells the time and calls later.
    :param due: returns the time at which to ring next, ``inf`` for never.
    :param ring: is called with no arguments.
    """

    def __init__(
        self, clock: IReactorTime, due: Callable[[], float], ring: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._due = due
        self._ring = ring
        self._at = inf
        self._rested = -inf
        self._call: IDelayedCall | None = None

    def set(self) -> None:
        """Ask again when to ring. A call that comes too early is cheaper than one undone."""
        due = self._due()
        if due >= self._at:
            return
        self.stop()
        self._at = due
        delay = max(due, self._rested) - self._clock.seconds()
        self._call = self._clock.callLater(max(0.0, delay), self._rings)

    def stop(self) -> None:
        """Ring no more until :meth:`set` is called."""
        if self._call is not None:
            self._call.cancel()
        self._call, self._at = None, inf

    def _rings(self) -> None:
        self._call, self._at = None, inf
        self._rested = self._clock.seconds() + REST
        try:
            self._ring()
        finally:
            self.set()
