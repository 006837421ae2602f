"""The service as a real process."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import processes

TWISTD = str(Path(sys.executable).with_name("twistd"))


@dataclass(frozen=True)
class Service:
    """A ``twistd roulette`` that serves on a port of 127.0.0.1, and the lines it has printed."""

    printed: list[str]

    @property
    def log(self) -> str:
        """Return all that it has printed so far."""
        return "".join(self.printed)

    @property
    def port(self) -> int:
        """Return the port of the page and the chat."""
        return self.port_of("QuietSite")

    def port_of(self, factory: str) -> int:
        """Return the port on which a factory listens."""
        found = re.search(rf"{factory} starting on (\d+)\n", self.log)
        assert found is not None, self.log
        return int(found[1])


@contextmanager
def running(*options: str, cwd: Path, last: str = "QuietSite") -> Iterator[Service]:
    """Run the service in a folder, on a port that the system chooses, until SIGTERM ends it.

    ``last`` is the factory that listens last. Raises as :func:`tests.processes.running` does.
    """
    command = [TWISTD, "-n", "--pidfile=", "roulette", "--port", "tcp:0:interface=127.0.0.1"]
    with processes.running([*command, *options], f"{last} starting on", cwd) as printed:
        yield Service(printed)
