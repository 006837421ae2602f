"""systemd's part, for tests: it keeps the sockets, hears how a service is, and ends who starves."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from tests.processes import PATIENCE
from tests.service import LIFTED, TWISTD

Message = dict[str, str]

ON_HELD = "--port", "systemd:domain=INET:name=http", *LIFTED
"""The options for a socket that was handed over, to which all come from one address."""

HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
pid = str(os.getpid())
# sd_listen_fds(3), sd_watchdog_enabled(3)
os.environ.update(LISTEN_PID=pid, LISTEN_FDS="1", LISTEN_FDNAMES="http")
os.environ.update(WATCHDOG_PID=pid)
os.execv(sys.argv[2], sys.argv[2:])
"""


def handing_over(held: socket.socket, *command: str) -> list[str]:
    """Return what runs a command, on a listening socket that stays open when it ends."""
    return [sys.executable, "-c", HAND_OVER, str(held.fileno()), *command]


def serving_on(held: socket.socket, *options: str) -> list[str]:
    """Return what runs the service on such a socket."""
    command = [TWISTD, "-n", "--pidfile=", "roulette", *ON_HELD, *options]
    return handing_over(held, *command)


class Hearing:
    """What services say with sd_notify(3).

    :param address: of the socket that NOTIFY_SOCKET names: a path, or an abstract one with ``@``.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def hear(self, patience: float = PATIENCE) -> Message:
        """Return the next message; raise TimeoutError if there is none within so many seconds."""
        self._socket.settimeout(patience)
        try:
            message = self._socket.recv(4096).decode()
        except BlockingIOError:
            raise TimeoutError from None
        return dict(line.split("=", 1) for line in message.split("\n"))

    def heard(self) -> list[Message]:
        """Return the messages that have come."""
        messages = []
        try:
            while True:
                messages.append(self.hear(0))
        except TimeoutError:
            return messages

    def until(self, key: str) -> Message:
        """Return the next message that says something of a kind; pass over the others.

        Raises TimeoutError if there is none.
        """
        deadline = monotonic() + PATIENCE
        while key not in (message := self.hear()):
            if monotonic() > deadline:
                raise TimeoutError(key)
        return message

    def starves(self, watchdog: float) -> bool:
        """Return whether the watchdog goes hungry, which is soon, or is fed three times more."""
        for _ in range(3):
            try:
                self.hear(watchdog)
            except TimeoutError:
                return True
        return False

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


@contextmanager
def hearing(folder: Path) -> Iterator[Hearing]:
    """Hear what is said on a socket in a folder."""
    made = Hearing(str(folder / "notify"))
    try:
        yield made
    finally:
        made.close()
