"""A UNIX socket for its owner, and root.

Its file is readable for the owner alone, and never was for others. One that is left of a process
that has died is replaced; where a process listens still, that is an error.
"""

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from twisted.internet import tcp, unix
from twisted.internet.interfaces import IProtocolFactory
from twisted.python.failure import Failure

PATH_BYTES = 107
"""What fits into an address, with the zero at its end (unix(7))."""


class Port(unix.Port):
    """A UNIX socket for its owner alone.

    :param path: where.
    :param factory: builds the protocols.
    :param reactor: listens.
    """

    def __init__(self, path: Path, factory: IProtocolFactory, reactor: Any) -> None:
        # Twisted would give the file to everybody.
        super().__init__(os.fsencode(path), factory, mode=0o600, reactor=reactor)

    def startListening(self) -> None:
        """Listen; raise OSError if somebody does already, or if it cannot be."""
        path = Path(os.fsdecode(self._bindPath))
        if len(self._bindPath) > PATH_BYTES:
            raise OSError(errno.ENAMETOOLONG, f"a socket's path has at most {PATH_BYTES} bytes")
        with _alone(path.parent):
            _remove_left_over(path)
            before = os.umask(0o177)
            try:
                super().startListening()
            finally:
                os.umask(before)
            self._made = os.stat(path)

    def connectionLost(self, reason: Failure) -> None:
        """Close it, and remove the file unless it is another's by now."""
        with suppress(FileNotFoundError):
            if os.path.samestat(self._made, os.stat(self._bindPath)):
                os.unlink(self._bindPath)
        # Not unix.Port's, which removes whatever is there, and fails if nothing is.
        tcp.Port.connectionLost(self, reason)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    # So that of two that start at once, one finds the other's socket alive.
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _remove_left_over(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError(errno.EEXIST, "there is something else than a socket", str(path))
    with socket.socket(socket.AF_UNIX) as knocking:
        try:
            knocking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, "another process listens there", str(path))
