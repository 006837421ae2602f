"""How late the reactor is: for so long nobody's message is looked at."""

from typing import Any

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall

from roulette.core.tally import Histogram

EVERY = 0.1
"""Seconds between two looks."""

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds; less than a millisecond cannot be told apart, as a reactor's timers go by these."""


class ReactorLag(Service):
    """Asks to be called, and measures how late that is done.

    :param clock: the reactor.
    """

    def __init__(self, clock: Any) -> None:
        self.seconds = Histogram(BOUNDS)
        self._clock = clock
        self._due = 0.0
        self._call: IDelayedCall | None = None

    def startService(self) -> None:
        """Begin once the reactor runs: what happens until then makes nobody wait."""
        super().startService()
        self._clock.callWhenRunning(self._wait)

    def stopService(self) -> None:
        """End."""
        super().stopService()
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _wait(self) -> None:
        if self.running:
            self._due = self._clock.seconds() + EVERY
            self._call = self._clock.callLater(EVERY, self._look)

    def _look(self) -> None:
        self._call = None
        self.seconds.observe(max(0.0, self._clock.seconds() - self._due))
        self._wait()
