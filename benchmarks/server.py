"""The servers that are measured: each a process of its own on the loopback interface."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from roulette.core.events import Connected, Event
from roulette.wire import plain
from tests.processes import running
from tests.service import TWISTD, on

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Server:
    """A server of one to one chats at ``/ws``.

    ``command`` makes its command line for a port; it prints that it is ``starting on`` it.
    ``arrived`` is what the last bytes are that a guest gets on arrival: once they are there, the
    guest has its partner.
    """

    name: str
    command: Callable[[int], Sequence[str]]
    arrived: bytes


def _told(event: Event) -> bytes:
    payload = plain.encode(event)
    assert payload is not None
    return payload


ROULETTE = Server(
    "roulette",
    lambda port: (TWISTD, "-n", "--pidfile=", "roulette", *on(port)),
    arrived=_told(Connected("", (), (), False)),
)

# It tells nobody that a partner has come.
SEED = Server(
    "the seed",
    lambda port: (sys.executable, "-m", "benchmarks.seed", str(port)),
    arrived=b"\r\n\r\n",
)


@contextmanager
def serving(server: Server, port: int) -> Iterator[int]:
    """Run a server from when it listens; yield its process id.

    Raises as :func:`tests.processes.running` does.
    """
    with running(server.command(port), f"starting on {port}\n", ROOT) as process:
        yield process.popen.pid
