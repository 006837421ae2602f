"""What the service runs on, as it says itself."""

import re
import sys
from pathlib import Path

import pytest

from roulette.web.frames import LANGUAGE
from tests.e2e.guests import door
from tests.service import TWIST, TWISTD, on, started


def without(module: str) -> list[str]:
    """Return the command for a twistd where a module is missing."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; from twisted.scripts.twistd import run; run()"
    )
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("command", "reactor"),
    [
        ([TWISTD], "UvloopReactor"),
        ([TWISTD, "--reactor=uvloop"], "UvloopReactor"),
        ([TWISTD, "--reactor=epoll"], "EPollReactor"),
        (without("uvloop"), "EPollReactor"),
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


@pytest.mark.parametrize(
    ("command", "languages"),
    [
        ([TWISTD], (LANGUAGE, LANGUAGE)),
        (["env", "ROULETTE_NO_LANE=1", TWISTD], (LANGUAGE, "Python")),
        (without("roulette.web._frames"), ("Python", LANGUAGE)),
        (without("roulette.web._lane"), (LANGUAGE, "Python")),
    ],
)
def test_the_log_says_what_is_done_in_c(
    command: list[str], languages: tuple[str, str], tmp_path: Path
) -> None:
    command = [*command, "-n", "--pidfile=", "roulette", *on()]
    with started(command, tmp_path) as server, door(server.ws, set()) as entrance:
        entrance.pair()
    said = r"Text frames are taken apart in (\w+), and messages are passed on in (\w+)\n"
    assert re.findall(said, server.log) == [languages]
