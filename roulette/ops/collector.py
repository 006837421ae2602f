"""When Python looks for garbage that holds itself.

Guests leave none: what a connection had is freed when it is lost. So the collector goes over
all that lives and finds nothing, and that takes time for everybody: with 10,000 guests half a
second. What is there at the start is set aside, and the rest is looked at rarely.
"""

import gc
from typing import Any

from twisted.application.service import Service

THRESHOLDS = 10_000, 20, 50
"""Python's own are 700, 10 and 10: now the young are looked at with each 500 guests who come."""


class Collector(Service):
    """Sets the collector, once the reactor runs and everything that stays has been made.

    :param reactor: says when that is.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._before: tuple[int, int, int] | None = None

    def startService(self) -> None:
        """Set the collector as soon as the reactor runs."""
        super().startService()
        self._reactor.callWhenRunning(self._set)

    def stopService(self) -> None:
        """Leave the collector as it was."""
        super().stopService()
        if self._before is not None:
            gc.set_threshold(*self._before)
            gc.unfreeze()
            self._before = None

    def _set(self) -> None:
        if self.running and hasattr(gc, "freeze"):
            self._before = gc.get_threshold()
            gc.collect()
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)
