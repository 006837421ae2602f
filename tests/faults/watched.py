"""A real service, and what it costs: memory, descriptors, processor time; and its log."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

from tests.faults.talk import SECRET, Talk, talking
from tests.processes import PATIENCE, running
from tests.service import TWISTD, Service, fine, on

ROOT = Path(__file__).parents[2]
MB = 1024 * 1024
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

AN_ADDRESS = re.compile(r"\b127\.\d+\.\d+\.\d+\b|::1\b")
CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]")


class Growth:
    """How many megabytes the resident memory has grown, at its highest."""

    mb = 0.0


class Watched(Service):
    """A service whose process is watched from outside, by way of /proc."""

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self.process.popen.pid

    @property
    def memory(self) -> float:
        """Return its resident memory, in megabytes."""
        return int(self._status("VmRSS")) / 1024

    @property
    def cpu(self) -> float:
        """Return the processor time that it has taken, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    @property
    def descriptors(self) -> int:
        """Return how many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def settles(self, descriptors: int, patience: float = PATIENCE) -> int:
        """Wait until no more descriptors than these are open; return how many are."""
        deadline = monotonic() + patience
        while self.descriptors > descriptors and monotonic() < deadline:
            sleep(0.05)  # there is no event to wait for: only the other process knows
        return self.descriptors

    @contextmanager
    def growth(self) -> Iterator[Growth]:
        """Find out how far memory grows while the body runs, between two samples as well."""
        growth, before = Growth(), self.memory
        # Resets the high water mark: proc_pid_clear_refs(5).
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        yield growth
        growth.mb = int(self._status("VmHWM")) / 1024 - before

    @contextmanager
    def talking(self, **how: float) -> Iterator[Talk]:
        """Let ordinary pairs talk meanwhile; as for :func:`tests.faults.talk.talking`."""
        with talking(self.port, **how) as talk:  # type: ignore[arg-type]
            yield talk

    def answers(self) -> None:
        """Return once it has done all that came before; raise OSError if it does not answer."""
        with urlopen(f"{self.url}/healthz", timeout=PATIENCE) as answer:
            assert answer.read() == b"ok\n"

    def _status(self, name: str) -> str:
        found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text(), re.M)
        assert found is not None, name
        return found[1]


@contextmanager
def watching(*options: str, port: int = 0, prefix: Sequence[str] = ()) -> Iterator[Watched]:
    """Run the service under twistd until the body ends; its log must then be fine and clean.

    ``prefix`` is a command that runs the one after it, such as env.
    """
    command = [*prefix, TWISTD, "-n", "--pidfile=", "roulette", *on(port), *options]
    with watching_command(command) as watched:
        yield watched
    fine(watched.log)


@contextmanager
def watching_command(command: Sequence[str]) -> Iterator[Watched]:
    """Run a command that serves; its log may tell of failures, but must be clean()."""
    with running(command, "QuietSite starting on", ROOT) as process:
        yield Watched(process)
    clean(process.log)


def clean(log: str) -> None:
    """Check that a log has nobody's message and no raw address, and no control bytes."""
    assert SECRET not in log, log
    assert not AN_ADDRESS.search(log), log
    assert not CONTROL.search(log), log
