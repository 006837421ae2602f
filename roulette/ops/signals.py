"""The signals, taken over from Python and from the reactor.

Before the reactor runs, SIGTERM or SIGINT would end the process and leave its pidfile behind. Then
Twisted would stop at the first, log a traceback at the second, and in the end kill itself with the
signal, so that the status of a clean exit is not 0. SIGHUP would end it at any time.
"""

import errno
import os
import signal
from collections.abc import Callable
from types import FrameType

from twisted.application.service import Service
from twisted.internet.base import ReactorBase


class Signals(Service):
    """Calls ``stop`` for each of the first two SIGTERM and SIGINT; the third ends the process.

    Calls ``reload`` for SIGHUP, but for the one that says that the terminal is gone: that stops.
    SIGUSR1 and SIGUSR2 do nothing unless somebody else handles them.

    Must be started in the main thread. Where somebody else handles a signal, as a debugger does,
    or it is ignored, as under nohup, it stays so.
    """

    def __init__(
        self, reactor: ReactorBase, stop: Callable[[], None], reload: Callable[[], None]
    ) -> None:
        self._reactor = reactor
        self._stop = stop
        self._reload = reload
        self._came = 0
        self._on_terminal = False
        self._replaced = {
            signal.SIGTERM: (signal.SIG_DFL, reactor.sigTerm),
            signal.SIGINT: (signal.default_int_handler, reactor.sigInt),
        }
        # What the reactor installs when it begins to run: to do so after that would be too late
        # for a signal that comes in between.
        reactor.sigTerm = self._handle  # type: ignore[method-assign]
        reactor.sigInt = self._handle  # type: ignore[method-assign]

    def privilegedStartService(self) -> None:
        """Begin before anything listens, so before anybody takes the service for ready."""
        super().privilegedStartService()
        self._take_over()

    def startService(self) -> None:
        """Begin, also under ``twist``, which knows no privileges."""
        super().startService()
        self._take_over()

    def _take_over(self) -> None:
        self._on_terminal = _has_terminal()
        for number, replaced in self._replaced.items():
            if signal.getsignal(number) in replaced:
                signal.signal(number, self._handle)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, self._hang_up)
        for stray in signal.SIGUSR1, signal.SIGUSR2:
            # By default it would end everything; the first is logrotate's, and may be taken.
            if signal.getsignal(stray) is signal.SIG_DFL:
                signal.signal(stray, signal.SIG_IGN)

    def _handle(self, number: int, frame: FrameType | None = None) -> None:
        self._came += 1
        if self._came > 1:
            for each in self._replaced:
                if signal.getsignal(each) == self._handle:
                    signal.signal(each, signal.SIG_DFL)
        self._reactor.callFromThread(self._stop)

    def _hang_up(self, number: int, frame: FrameType | None) -> None:
        if self._on_terminal and not _has_terminal():
            # The shell and the system may both say so.
            self._on_terminal = False
            signal.signal(number, signal.SIG_IGN)
            self._handle(number, frame)
        else:
            self._reactor.callFromThread(self._reload)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError as error:
        # Not so when there are no descriptors left.
        return error.errno != errno.ENXIO
    return True
