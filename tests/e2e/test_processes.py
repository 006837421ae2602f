"""The ways to run the service, each as a real process that serves until SIGTERM ends it."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.e2e.guests import PATIENCE, door
from tests.processes import free_port, outlived
from tests.service import REACTORS, TWIST, TWISTD, fine, on, running, started, twistd

ROOT = Path(__file__).parents[2]
TAC = ROOT / "roulette.tac"


def two_talk(port: int) -> None:
    """Check that a service is there, and does what it is for."""
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE) as answer:
        assert answer.read() == b"ok\n"
    with door(f"ws://127.0.0.1:{port}/ws", set()) as entrance:
        ada, bob, chat = entrance.pair()
        ada.tell(chat, "a secret, sekret, سر")
        assert bob.told("gotMessage")["text"] == "a secret, sekret, سر"


def taken(command: Sequence[str], port: int = 0) -> list[str]:
    """Return a command under which roulette.tac serves on a port, if 0 any."""
    return ["env", f"ROULETTE_OPTIONS={' '.join(on(port))}", *command]


@pytest.mark.parametrize("way", ["twistd", "twist", "twistd -y"])
def test_it_runs_in_the_foreground(way: str, tmp_path: Path) -> None:
    command = {
        "twistd": [TWISTD, "-n", "roulette", *on()],
        "twist": [TWIST, "--log-format=text", "roulette", *on()],
        "twistd -y": taken([TWISTD, "-n", "-y", str(TAC)]),
    }[way]
    with started(command, tmp_path) as server:
        two_talk(server.port)
    assert "secret" not in server.log
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reactor", REACTORS)
@pytest.mark.parametrize("way", ["plugin", "tac"])
def test_it_runs_as_a_daemon(way: str, reactor: str, tmp_path: Path) -> None:
    port = free_port()
    daemon = [*twistd(reactor), "--pidfile=it.pid", "--logfile=it.log"]
    command = [*daemon, "roulette", *on(port)]
    if way == "tac":
        command = taken([*daemon, "-y", str(TAC)], port)
    with outlived() as kept:
        # It returns when the daemon listens.
        begun = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            pass_fds=[kept],
        )
        assert (begun.returncode, begun.stdout, begun.stderr) == (0, "", "")
        pid = int((tmp_path / "it.pid").read_text())
        try:
            two_talk(port)
        finally:
            os.kill(pid, signal.SIGTERM)
    log = (tmp_path / "it.log").read_text()
    fine(log)
    assert "secret" not in log
    assert "Server Shut Down" in log
    assert [file.name for file in tmp_path.iterdir()] == ["it.log"]


def test_two_ports_are_one_chat() -> None:
    other = free_port()
    with (
        running(*on(other)) as server,
        door(server.ws, set()) as here,
        door(f"ws://127.0.0.1:{other}/ws", set()) as there,
    ):
        ada, bob = here.waiting(), there.guest()
        bob.send("start")
        assert bob.told("connected") == ada.told("connected")
