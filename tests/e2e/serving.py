"""The service as a real process."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select

from tests.e2e.guests import PATIENCE
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


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    """Run the service under twistd; its log must be fine()."""
    port = free_port()
    with started([TWISTD, "-n", "--pidfile=", "roulette", *on(port), *options], port) as server:
        yield server


@contextmanager
def started(command: Sequence[str], port: int, folder: Path | None = None) -> Iterator[Server]:
    """Run a command that serves on a port; its log must be fine()."""
    with running(command, f"starting on {port}\n", folder) as printed:
        yield Server(port, printed)
    fine("".join(printed))


def on(port: int) -> tuple[str, str]:
    """Return the options for a port of 127.0.0.1."""
    return "--port", f"tcp:{port}:interface=127.0.0.1"


@contextmanager
def outlived() -> Iterator[int]:
    """Yield a descriptor to hand to a process; in the end wait until all who inherited it end."""
    ours, theirs = os.pipe()
    try:
        yield theirs
    finally:
        os.close(theirs)
        ended, _, _ = select([ours], [], [], PATIENCE)
        os.close(ours)
    assert ended, "something goes on running"


def fine(said: str) -> None:
    """Check that what a process has logged tells of no failure, and of nobody's address."""
    for trouble in ("Traceback", "Unhandled", "#error", "#critical", "Warning", "127.0.0.1"):
        assert trouble not in said, said
