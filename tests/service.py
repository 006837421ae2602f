"""The service as a real process."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import processes
from tests.processes import Process

BIN = Path(sys.executable).parent
TWISTD = str(BIN / "twistd")
TWIST = str(BIN / "twist")

AS_FAST = ("--message-rate", "0", "--skip-rate", "0", "--frame-rate", "0")
"""The options that let guests be as fast as they like."""

LIFTED = ("--per-address", "0", "--connect-rate", "0", *AS_FAST)
"""The options that let in any number from one address, and that besides."""

REACTORS = ["uvloop", "epoll"]
"""What the service is tried on: what it chooses by itself, and Twisted's own."""


@dataclass(frozen=True)
class Service:
    """A service that listens on a port of 127.0.0.1."""

    process: Process

    @property
    def log(self) -> str:
        """Return all that it has printed so far."""
        return self.process.log

    @property
    def port(self) -> int:
        """Return the port of the page and the chat."""
        return self.port_of("QuietSite")

    @property
    def url(self) -> str:
        """Return where the page is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        """Return where the chat is."""
        return f"ws://127.0.0.1:{self.port}/ws"

    def port_of(self, factory: str) -> int:
        """Return the port on which a factory listens."""
        found = re.search(rf"{factory}\b.* starting on (\d+)\n", self.log)
        assert found is not None, self.log
        return int(found[1])


@contextmanager
def running(
    *options: str,
    cwd: Path | None = None,
    port: int = 0,
    reactor: str = REACTORS[0],
    last: str = "QuietSite",
    complains: bool = False,
) -> Iterator[Service]:
    """Run the service under twistd, on a port of 127.0.0.1, if 0 any.

    The rest is as for :func:`started`.
    """
    command = [*twistd(reactor), "-n", "--pidfile=", "roulette", *on(port), *options]
    with started(command, cwd, last=last, complains=complains) as service:
        yield service


@contextmanager
def started(
    command: Sequence[str],
    cwd: Path | None = None,
    *,
    last: str = "QuietSite",
    complains: bool = False,
    keeping: Sequence[int] = (),
) -> Iterator[Service]:
    """Run a command that serves, in a folder, until SIGTERM ends it with 0; its log is fine().

    ``last`` is the factory that listens last. The rest is as for
    :func:`tests.processes.running`.
    """
    with processes.running(command, f"{last} starting on", cwd, keeping=keeping) as process:
        process.may_end_with = {0}
        yield Service(process)
    fine(process.log, complains=complains)


def twistd(reactor: str) -> list[str]:
    """Return the command that runs twistd on a reactor, which is not named if it is the default."""
    return [TWISTD] if reactor == REACTORS[0] else [TWISTD, f"--reactor={reactor}"]


def on(port: int = 0) -> tuple[str, ...]:
    """Return the options for a port of 127.0.0.1, if 0 any, to which all come from one address."""
    return "--port", f"tcp:{port}:interface=127.0.0.1", *LIFTED


def fine(log: str, *, complains: bool = False) -> None:
    """Check that a log tells of nobody's address and no failure, but for errors if it complains."""
    troubles = ["Traceback", "Unhandled", "#critical", "Warning", "127.0.0.1"]
    for trouble in troubles if complains else [*troubles, "#error"]:
        assert trouble not in log, log
