"""What systemd is told: the protocol of sd_notify(3), on the socket that NOTIFY_SOCKET names.

1. Without NOTIFY_SOCKET nothing is sent, and nothing else is different.
2. ``READY=1`` goes out when everything listens and the reactor runs.
3. A timer of the reactor feeds the watchdog, so that it starves when the reactor is blocked. It
   is fed to the end, also while the guests are let go.
4. ``STOPPING=1`` cannot be taken back: from then on systemd counts the seconds. So it is said
   when a signal has come or the services stop, not at a drain that can be undone.
5. What cannot be sent is logged once, and stops nobody.
"""

import os
import socket
import time
from collections.abc import Callable, MutableMapping
from typing import Any

from twisted.application.service import Service
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from roulette.core.chats import Phase
from roulette.core.lobby import Lobby
from roulette.ops.table import counted

VARIABLES = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
"""The variables in which systemd says how it is told: sd_notify(3), sd_watchdog_enabled(3)."""

STATUS_EVERY = 5.0
"""Seconds between two looks whether the status has changed."""

PATIENCE = 1.0
"""Seconds that systemd's queue may be full before a message is given up."""


def status(lobby: Lobby) -> str:
    """Return what ``systemctl status`` shows, such as ``212 guests, 98 pairs, 3 waiting``."""
    guests, pairs = counted(len(lobby.guests), "guest"), counted(lobby.tally.pairs, "pair")
    counts = f"{guests}, {pairs}, {len(lobby.pool)} waiting"
    return counts if lobby.phase is Phase.OPEN else f"{lobby.phase.value}: {counts}"


class Systemd(Service):
    """Keeps systemd informed.

    :param reactor: says when it runs, and times what is repeated.
    :param status: returns what the service does, in one line.
    :param stops_within: returns the seconds that stopping takes at most, from when it has begun.
    :param environ: where systemd says how it is reached. What is there is taken out, so that no
        child speaks in our name.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        status: Callable[[], str],
        stops_within: Callable[[], float],
        environ: MutableMapping[str, str] = os.environ,
    ) -> None:
        self._reactor = reactor
        self._status = status
        self._stops_within = stops_within
        self._environ = environ
        self._socket: socket.socket | None = None
        self._repeated: list[LoopingCall] = []
        self._said = ""
        self._stopping = False
        self._complained = False

    def startService(self) -> None:
        """Find out whether systemd is there; it is told as soon as the reactor runs."""
        super().startService()
        # Not before: until now a daemon had still to fork, and was not the watchdog's process.
        address, watchdog, pid = (self._environ.pop(name, "") for name in VARIABLES)
        if not address:
            return
        try:
            within = _seconds(watchdog) if pid in ("", str(os.getpid())) else 0.0
            self._socket = _connected(address)
        except (OSError, ValueError) as error:
            self._complain(error)
        else:
            self._reactor.callWhenRunning(self._begin, within)

    def stopService(self) -> None:
        """Say that the service stops; the watchdog is fed on until it has stopped."""
        super().stopService()
        self.stopping()

    def ready(self) -> None:
        """Say that the service is there, for the first time or after it was :meth:`reloading`."""
        if not self._stopping:
            self._said = self._status()
            self._tell("READY=1", f"STATUS={self._said}")

    def reloading(self) -> None:
        """Say that the configuration is read again; :meth:`ready` must follow."""
        if not self._stopping:
            self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that the service stops, and until when to wait for that before it is killed."""
        if not self._stopping:
            self._stopping = True
            self._tell("STOPPING=1", f"EXTEND_TIMEOUT_USEC={self._stops_within() * 1e6:.0f}")

    def _begin(self, within: float) -> None:
        self.ready()
        self._repeat(self._tell_status, STATUS_EVERY)
        if within:
            self._repeat(lambda: self._tell("WATCHDOG=1"), within / 2)
        self._reactor.addSystemEventTrigger("during", "shutdown", self._end)

    def _repeat(self, what: Callable[[], None], seconds: float) -> None:
        call = LoopingCall(what)
        call.clock = self._reactor
        call.start(seconds)
        self._repeated.append(call)

    def _tell_status(self) -> None:
        if (now := self._status()) != self._said:
            self._said = now
            self._tell(f"STATUS={now}")

    def _end(self) -> None:
        for call in self._repeated:
            if call.running:  # or it has failed
                call.stop()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, *assignments: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send("\n".join(assignments).encode())
        except OSError as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            self._log.error("systemd cannot be told how we are: {error}", error=error)


def _connected(address: str) -> socket.socket:
    """Return a socket on which messages are sent; raise OSError if nobody listens there.

    It is kept, since there may be no descriptor left when the watchdog is hungry.
    """
    telling = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        telling.settimeout(PATIENCE)
        telling.connect(f"\0{address[1:]}" if address.startswith("@") else address)
    except OSError:
        telling.close()
        raise
    return telling


def _seconds(microseconds: str) -> float:
    """Return the seconds in which the watchdog is to be fed; 0 if there is none.

    Raise ValueError if that is no number.
    """
    if not microseconds:
        return 0.0
    if not (microseconds.isascii() and microseconds.isdigit()):
        raise ValueError(f"WATCHDOG_USEC={microseconds!r} is no number")
    return int(microseconds) / 1e6
