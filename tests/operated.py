"""The service, and a stand-in for the one who operates it."""

import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.service import TWISTD, Service, on, started

OPERATED = Path(__file__).with_name("operated.tac")

Operate = Callable[[str], None]
"""Does what an operator does: `announce TEXT`, `kick GUEST` or `ban GUEST`."""


@contextmanager
def operated(*options: str) -> Iterator[tuple[Service, Operate]]:
    """Run the service with options; yield it, and what does what its operator does."""
    command = [
        "env",
        f"ROULETTE_OPTIONS={shlex.join([*on(), *options])}",
        "OPERATOR=tcp:0:interface=127.0.0.1",
        *(TWISTD, "-n", "--pidfile=", "-y", str(OPERATED)),
    ]

    with started(command) as server:
        port = server.port_of("Factory")

        def operate(line: str) -> None:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(f"{line}\n".encode())

        yield server, operate
