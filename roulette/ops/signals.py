"""SIGTERM and SIGINT, taken over from Python and from the reactor.

Before the reactor runs, either would end the process and leave its pidfile behind. Then Twisted
would stop at the first, log a traceback at the second, and in the end kill itself with the
signal, so that the status of a clean exit is not 0.
"""

import signal
from collections.abc import Callable
from types import FrameType

from twisted.application.service import Service
from twisted.internet.base import ReactorBase


class Signals(Service):
    """Calls ``act`` for each of the first two signals; the third ends the process.

    Must be started in the main thread. Where somebody else handles a signal, as a debugger does,
    it stays so.
    """

    def __init__(self, reactor: ReactorBase, act: Callable[[], None]) -> None:
        self._reactor = reactor
        self._act = act
        self._came = 0
        self._replaced = {
            signal.SIGTERM: (signal.SIG_DFL, reactor.sigTerm),
            signal.SIGINT: (signal.default_int_handler, reactor.sigInt),
        }

    def privilegedStartService(self) -> None:
        """Begin before anything listens, so before anybody takes the service for ready."""
        super().privilegedStartService()
        self._take_over()

    def startService(self) -> None:
        """Begin, also under ``twist``; the reactor will install its own handlers once more."""
        super().startService()
        self._take_over()
        self._reactor.callWhenRunning(self._take_over)

    def _take_over(self) -> None:
        for number, replaced in self._replaced.items():
            if signal.getsignal(number) in replaced:
                signal.signal(number, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._came += 1
        if self._came > 1:
            for each in self._replaced:
                if signal.getsignal(each) == self._handle:
                    signal.signal(each, signal.SIG_DFL)
        self._reactor.callFromThread(self._act)
