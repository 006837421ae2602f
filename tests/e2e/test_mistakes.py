"""An operator's mistakes end with one clear line and status 1, and leave nothing behind."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.guests import PATIENCE
from tests.processes import outlived
from tests.service import TWIST, TWISTD

BAD_OPTIONS = [
    ("--grace soon", "--grace: soon is no number of seconds"),
    ("--port ssl:0:privateKey=bad.pem:certKey=bad.pem", "no key or no certificate in such a file"),
]
"""One that shows when the options are read, one when the service is made.

The others are in tests/test_commandline.py and tests/test_tap.py.
"""
BAD_PORTS = [
    ("tcp:65536", "port must be 0-65535"),
    ("tcp:0:interface=192.0.2.1", "Couldn't listen on 192.0.2.1:0"),
    ("unix:nowhere/socket", "/nowhere/socket: No such file or directory"),
]
"""What shows only when the service starts."""

BAD_FILES = [
    ("--logfile=nowhere/log", "/nowhere/log: No such file or directory"),
    ("--logfile=.", "Is a directory"),
    ("--rundir=nowhere", "/nowhere: No such file or directory"),
    ("--pidfile=nowhere/pid", "/nowhere/pid: No such file or directory"),
]
"""What ``twistd`` itself would write."""

FOREGROUND = [[TWISTD, "-n"], [TWIST]]
DAEMON = [TWISTD, "--logfile=it.log"]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    (folder / "bad.pem").write_text("no key\n")
    with outlived() as kept:
        ended = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            pass_fds=[kept],
        )
    assert ended.returncode == 1, ended
    return ended


def ends_with_one_line(folder: Path, command: list[str], why: str) -> None:
    ended = run(folder, *command)
    (line,) = ended.stderr.splitlines()
    assert line.startswith("roulette: ")
    assert why in line
    assert "Traceback" not in ended.stdout
    assert [file.name for file in folder.iterdir()] == ["bad.pem"]


@pytest.fixture
def taken() -> Iterator[str]:
    """Have a port on which somebody else listens, as an endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield f"tcp:{other.getsockname()[1]}:interface=127.0.0.1"


@pytest.mark.parametrize(("options", "why"), BAD_OPTIONS)
def test_a_bad_option(tmp_path: Path, options: str, why: str) -> None:
    ends_with_one_line(tmp_path, [TWISTD, "-n", "roulette", *options.split()], why)


@pytest.mark.parametrize(("option", "why"), BAD_FILES)
def test_a_file_of_twistds_that_cannot_be_written(tmp_path: Path, option: str, why: str) -> None:
    ends_with_one_line(tmp_path, [TWISTD, "-n", option, "roulette"], why)


@pytest.mark.parametrize(("port", "why"), BAD_PORTS)
def test_a_port_on_which_nothing_can_listen(tmp_path: Path, port: str, why: str) -> None:
    ends_with_one_line(tmp_path, [TWISTD, "-n", "roulette", "--port", port], why)


def test_a_unix_socket_that_is_taken(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    taken = tmp_path_factory.mktemp("run") / "taken"
    taken.touch()
    command = [TWISTD, "-n", "roulette", "--port", f"unix:{taken}"]
    ends_with_one_line(tmp_path, command, f"roulette: {taken}: another process listens there, or")


@pytest.mark.parametrize("command", FOREGROUND, ids=["twistd", "twist"])
def test_a_port_that_is_taken(tmp_path: Path, command: list[str], taken: str) -> None:
    command = [*command, "roulette", "--port", "tcp:0:interface=127.0.0.1", "--port", taken]
    ends_with_one_line(tmp_path, command, "Address already in use")


@pytest.mark.parametrize("command", FOREGROUND, ids=["twistd", "twist"])
def test_bans_that_are_gone(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, command: list[str]
) -> None:
    state = tmp_path_factory.mktemp("state")
    (state / "bans.marker").touch()
    command = [*command, "roulette", "--port", "tcp:0:interface=127.0.0.1", "--state", str(state)]
    ends_with_one_line(tmp_path, command, f"--state: {state}/bans.sqlite3: it is gone, though")


def test_a_port_that_is_taken_under_a_daemon(tmp_path: Path, taken: str) -> None:
    ended = run(tmp_path, *DAEMON, "roulette", "--port", taken)
    # The words are twistd's: the daemon hands the reason on to the process that began it.
    reason, advice = ended.stderr.splitlines()
    assert "Couldn't listen on 127.0.0.1" in reason
    assert advice == "Please look at log file for more information."
    log = (tmp_path / "it.log").read_text()
    assert "roulette: Couldn't listen on 127.0.0.1" in log
    assert "Traceback" not in log
    assert not (tmp_path / "twistd.pid").exists()


def test_a_bad_option_under_a_daemon(tmp_path: Path) -> None:
    ends_with_one_line(tmp_path, [*DAEMON, "roulette", "--port", "nope"], "'nope' is neither")


@pytest.mark.parametrize(
    ("options", "why"),
    [("--port nope", "roulette: --port: 'nope' is neither"), ("'", "No closing quotation")],
)
def test_a_bad_option_of_the_tac(tmp_path: Path, options: str, why: str) -> None:
    tac = Path(__file__).parents[2] / "roulette.tac"
    command = ["env", f"ROULETTE_OPTIONS={options}", TWISTD, "-n", "-y", str(tac)]
    (line,) = run(tmp_path, *command).stderr.splitlines()
    assert line.startswith(f"ROULETTE_OPTIONS: {why}")


@pytest.mark.parametrize("way", ["plugin", "tac"])
def test_all_the_mistakes_of_a_file(tmp_path: Path, way: str) -> None:
    (tmp_path / "roulette.toml").write_text("prot = 80\ngrace = 'long'\n")
    tac = Path(__file__).parents[2] / "roulette.tac"
    command = {
        "plugin": [TWISTD, "-n", "roulette", "--config", "roulette.toml"],
        "tac": ["env", "ROULETTE_OPTIONS=--config roulette.toml", TWISTD, "-n", "-y", str(tac)],
    }[way]
    first, second = run(tmp_path, *command).stderr.splitlines()
    file = f"roulette: {tmp_path}/roulette.toml"
    assert first.endswith(f"{file}: prot: there is no such option: did you mean port?")
    assert second == f"{file}: grace: this is a text, not a number"
