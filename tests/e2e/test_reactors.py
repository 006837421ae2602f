"""Which reactor the service runs on, and what it does when there are no descriptors left."""

import re
import socket
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from benchmarks.cpu import seconds_of
from tests.e2e.guests import PATIENCE, door
from tests.service import TWIST, TWISTD, on, started

WITHOUT_UVLOOP = [
    sys.executable,
    "-c",
    "import sys; sys.modules['uvloop'] = None; from twisted.scripts.twistd import run; run()",
]


@pytest.mark.parametrize(
    ("command", "reactor"),
    [
        ([TWISTD], "UvloopReactor"),
        ([TWISTD, "--reactor=uvloop"], "UvloopReactor"),
        ([TWISTD, "--reactor=epoll"], "EPollReactor"),
        (WITHOUT_UVLOOP, "EPollReactor"),
    ],
)
def test_uvloop_is_chosen_where_it_is_and_nothing_else_was_asked_for(
    command: list[str], reactor: str, tmp_path: Path
) -> None:
    with started([*command, "-n", "--pidfile=", "roulette", *on()], tmp_path) as server:
        assert re.findall(r"reactor class: \S+\.(\w+)\.\n", server.log) == [reactor]
    assert server.log.count("Running on uvloop") == (command == [TWISTD])


def test_twist_runs_on_uvloop_if_asked(tmp_path: Path) -> None:
    command = [TWIST, "--reactor=uvloop", "--log-format=text", "roulette", *on()]
    with started(command, tmp_path) as server, door(server.ws, set()) as entrance:
        entrance.pair()


def test_without_descriptors_it_neither_spins_nor_ends(tmp_path: Path) -> None:
    command = [TWISTD, "-n", "--pidfile=", "roulette", *on()]
    limited = ["sh", "-c", 'ulimit -n 64 && exec "$@"', "sh", *command]
    with started(limited, tmp_path) as server:
        pid = server.process.popen.pid
        with ExitStack() as crowd:
            clients = [
                crowd.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
                for _ in range(100)
            ]
            # Who is too many is hung up on; the last one is.
            assert clients[-1].recv(1) == b""
            before = seconds_of(pid)
            clients[0].settimeout(1.0)
            with pytest.raises(TimeoutError):
                clients[0].recv(1)
            assert seconds_of(pid) - before < 0.2
            clients[0].settimeout(PATIENCE)
            for client in clients:
                with suppress(OSError):  # who was hung up on may be gone
                    client.shutdown(socket.SHUT_WR)
                    client.recv(1)
        with door(server.ws, set()) as entrance:
            entrance.pair()
