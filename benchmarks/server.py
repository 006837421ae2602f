"""The servers that are measured: each a process of its own on the loopback interface."""

import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen, TimeoutExpired
from tempfile import TemporaryFile

from roulette.core.events import Connected, Event
from roulette.wire import plain
from tests.processes import PATIENCE

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Server:
    """A server of one to one chats at ``/ws``.

    ``command`` makes its command line for a port. ``arrived`` is what the last bytes are that a
    guest gets on arrival: once they are there, the guest has its partner.
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
    lambda port: (
        str(Path(sys.executable).with_name("twistd")),
        "--nodaemon",
        "--pidfile=",
        "roulette",
        f"--port=tcp:{port}:interface=127.0.0.1",
    ),
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

    Raise RuntimeError, with what it printed, if it does not come up.
    """
    with (
        TemporaryFile("w+") as printed,
        Popen(server.command(port), cwd=ROOT, stdin=DEVNULL, stdout=printed, stderr=STDOUT) as run,
    ):
        try:
            end = time.monotonic() + PATIENCE
            while not _listening(port):
                if run.poll() is not None or time.monotonic() > end:
                    printed.seek(0)
                    raise RuntimeError(f"{server.name} did not come up:\n{printed.read()}")
                time.sleep(0.05)
            yield run.pid
        finally:
            run.terminate()
            try:
                run.wait(PATIENCE)
            except TimeoutExpired:
                run.kill()


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True
