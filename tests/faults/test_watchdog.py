"""The reactor is blocked: the watchdog starves, and who calls is served by the next process."""

import shlex
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.promises import Promises
from tests.faults.watched import ROOT, clean
from tests.manager import ON_HELD, Hearing, handing_over, hearing, serving_on
from tests.processes import PATIENCE, Process, running
from tests.service import TWISTD

INSIDE = Path(__file__).with_name("inside.tac")
ENDED_WITHIN, AGAIN_WITHIN = 3.0, 15.0
"""Seconds from when the watchdog is hungry, and from when the process has ended."""


@contextmanager
def told(
    manager: Hearing, watchdog: float, held: socket.socket, *command: str
) -> Iterator[Process]:
    """Run a service that a manager watches, on a socket of the manager's."""
    environ = ["env", f"NOTIFY_SOCKET={manager.address}", f"WATCHDOG_USEC={watchdog * 1e6:.0f}"]
    options = f"ROULETTE_OPTIONS={shlex.join(ON_HELD)}", "INSIDE=tcp:0:interface=127.0.0.1"
    # As the unit has it.
    environ += [*options, "PYTHONFAULTHANDLER=1"]
    with running([*environ, *command], "starting on", ROOT, keeping=[held.fileno()]) as process:
        assert manager.until("READY")["STATUS"] == "0 guests, 0 pairs, 0 waiting"
        yield process
    clean(process.log)


@pytest.mark.parametrize(
    "watchdog", [pytest.param(1.0, id="1s"), pytest.param(15.0, id="15s", marks=pytest.mark.soak)]
)
def test_who_calls_a_blocked_service_is_served_by_the_next(
    promises: Promises, tmp_path: Path, watchdog: float
) -> None:
    with hearing(tmp_path) as manager, socket.create_server(("127.0.0.1", 0)) as held:
        blocked = handing_over(held, TWISTD, "-n", "--pidfile=", "-y", str(INSIDE))
        with told(manager, watchdog, held, *blocked) as process:
            for _ in range(2):
                manager.until("WATCHDOG")
            began = monotonic()
            block(process)
            assert manager.starves(watchdog)
            with socket.create_connection(held.getsockname(), PATIENCE) as caller:
                caller.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                process.may_end_with = {-signal.SIGABRT}
                process.popen.send_signal(signal.SIGABRT)
                process.popen.wait(PATIENCE)
                barked = monotonic()
                with told(manager, watchdog, held, *serving_on(held)):
                    assert caller.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
                    served = monotonic()
        # Python's faulthandler says where it hung.
        assert "inside.tac" in process.log.partition("Fatal Python error: Aborted")[2]
    figure = f"a reactor blocked, WatchdogSec={watchdog:g}"
    # It may have been fed just before.
    promises.at_most(24, f"{figure}: ended", barked - began, 1.5 * watchdog + ENDED_WITHIN, "s")
    promises.at_most(24, f"{figure}: served by the next", served - barked, AGAIN_WITHIN, "s")


def block(process: Process) -> None:
    """Block the reactor of a service that can be broken."""
    [port] = [
        int(line.rsplit(" ", 1)[1]) for line in process.printed if "Factory starting on" in line
    ]
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as inside:
        inside.sendall(b"block\n")
