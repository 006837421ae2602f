"""The service as a real process."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import free_port, running

BIN = Path(sys.executable).parent
TWISTD = str(BIN / "twistd")
TWIST = str(BIN / "twist")


@dataclass
class Server:
    """A service that listens on a port of 127.0.0.1, and what it has printed."""

    port: int
    printed: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"


def listening(port: int) -> str:
    """Return the endpoint for a port of 127.0.0.1."""
    return f"tcp:{port}:interface=127.0.0.1"


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    """Run the service under twistd; its log must be fine()."""
    port = free_port()
    command = [TWISTD, "-n", "--pidfile=", "roulette", "--port", listening(port), *options]
    with running(command, f"starting on {port}{os.linesep}") as printed:
        yield Server(port, printed)
    fine("".join(printed))


def fine(said: str) -> None:
    """Check that what a process has logged tells of no failure, and of nobody's address."""
    for trouble in ("Traceback", "Unhandled", "#error", "#critical", "Warning", "127.0.0.1"):
        assert trouble not in said, said
