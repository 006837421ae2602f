"""Which reactor the service runs on."""

import re
import sys
from pathlib import Path

import pytest

from tests.e2e.guests import door
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
