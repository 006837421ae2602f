import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_UNIX, SO_RCVBUF, SOL_SOCKET, socket
from threading import Thread
from typing import Any

import pytest
from websockets.sync.client import connect

from roulette.ops import command
from roulette.ops.command import DEFAULT, bound, read
from roulette.ops.verbs import verbs
from tests.ops.every_verb import EVERY, GUEST
from tests.ops.shell import UNSPEAKABLE
from tests.processes import PATIENCE
from tests.service import REACTORS, Service, running


@contextmanager
def reachable(folder: Path, reactor: str = REACTORS[0]) -> Iterator[Service]:
    """Run a service that can be asked through ``admin.sock``; its log is complete afterwards."""
    with running("--admin-socket", "admin.sock", cwd=folder, reactor=reactor) as service:
        yield service
    assert not (folder / "admin.sock").exists()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    """Return how the command ends, and what it prints."""
    with pytest.raises(SystemExit) as ended:
        command.main(list(words))
    return ended.value.code, *capsys.readouterr()


@pytest.mark.parametrize("reactor", REACTORS)
def test_every_verb_is_given(
    tmp_path: Path,
    reactor: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert set(EVERY) == set(verbs()), "a verb without a test"
    monkeypatch.setenv("ROULETTE_ADMIN_SOCKET", str(tmp_path / "admin.sock"))
    with reachable(tmp_path, reactor) as service, connect(service.ws), connect(service.ws):
        _, out, _ = run(capsys, "guests", "--json")
        guest = json.loads(out)[0]["guest"]
        for verb, given in EVERY.items():
            status, out, err = run(capsys, *given.words(verb, guest))
            assert (status, err) == (0, "")
            assert given.shows.replace(GUEST, guest) in out
    who = f"uid {os.getuid()} (process {os.getpid()})"
    for given in EVERY.values():
        assert f"{who} gives {given.logs.replace(GUEST, guest)}\n" in service.log
    assert UNSPEAKABLE not in service.log


@pytest.mark.parametrize("reactor", REACTORS)
def test_who_does_not_read_is_on_top_of_the_slow(
    tmp_path: Path, reactor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with reachable(tmp_path, reactor) as service, socket() as few:
        # What the system takes in for it is little, so the rest waits at the service.
        few.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        few.connect(("127.0.0.1", service.port))
        slow_one = connect(service.ws, sock=few, max_queue=1, close_timeout=0)
        with slow_one, connect(service.ws) as quick:
            for _ in range(25):
                quick.send("x" * 2000)
            top = ["--socket", str(tmp_path / "admin.sock"), "top", "--json", "--seconds", "0.1"]
            slow: list[dict[str, Any]] = []
            while not slow or slow[0]["unread"] < 30_000:
                slow = json.loads(run(capsys, *top)[1])["slowest"]
            guests = json.loads(run(capsys, *top[:2], "guests", "--json")[1])
            # Or it would be cut before anybody has looked.
            assert slow[0]["guest"] == guests[0]["guest"]
            assert slow[0]["unread"] < 50_000 + 25 * 10


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"7\n", b"\xff\n"])
def test_another_kind_of_service_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: bytes
) -> None:
    path = tmp_path / "http"
    with socket_at(path) as listening:

        def serve() -> None:
            asking, _ = listening.accept()
            with asking:
                asking.recv(4096)
                asking.sendall(answer)

        serving = Thread(target=serve)
        serving.start()
        ended = run(capsys, "--socket", str(path), "status")
        serving.join()
    assert ended == (1, "", f"roulette: {path}: what listens there is no admin shell\n")


def test_scripts_get_a_status_and_people_a_prompt(tmp_path: Path) -> None:
    path = str(tmp_path / "admin.sock")
    program = [sys.executable, "-m", "roulette", "admin", "--socket", path]

    def ended(*words: str) -> tuple[int, bytes, bytes]:
        done = subprocess.run([*program, *words], capture_output=True, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    screen, terminal = os.openpty()
    before = termios.tcgetattr(terminal)
    with reachable(tmp_path) as service:
        status, out, err = ended("status", "--json")
        assert (status, err) == (0, b"")
        assert json.loads(out)["guests"] == 0
        assert ended("kick", "-?") == (1, b"", b"roulette: there is no guest '-?'\n")
        with subprocess.Popen(program, stdin=terminal, stdout=terminal) as client:
            until(screen, b">>> ")
            os.write(screen, b"adm\t.stat\t\r")
            assert b"admin.status()\r\nuptime " in until(screen, b">>> ")
            os.write(screen, b"admin.top(seconds=50)\r")
            until(screen, b"50)\r\n")
            os.write(screen, b"\x03")
            assert b"KeyboardInterrupt\r\n" in until(screen, b">>> ")
            os.write(screen, b"\x04")
            assert client.wait(PATIENCE) == 0
        assert termios.tcgetattr(terminal) == before
        with subprocess.Popen(program, stdin=terminal, stdout=terminal) as ended_early:
            until(screen, b">>> ")
            ended_early.terminate()
            assert ended_early.wait(PATIENCE) == 128 + signal.SIGTERM
        assert termios.tcgetattr(terminal) == before
        assert until(screen, b"\x1b[4l")
    os.close(terminal)
    os.close(screen)
    who = f"uid {os.getuid()} (process {client.pid})"
    for line in ("Login of {}", "{} gives status()", "{} gives top(seconds=50)", "Logout of {}"):
        assert f"{line.format(who)}\n" in service.log


def until(screen: int, what: bytes) -> bytes:
    """Return what is shown until something is."""
    seen = b""
    while what not in seen:
        seen += os.read(screen, 1024)
    return seen


def test_a_service_that_is_not_there_is_told_of_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "admin.sock"
    hint = "is there a service with this --admin-socket, and are you its user, or root?"
    monkeypatch.delenv("ROULETTE_ADMIN_SOCKET", raising=False)
    for words, where in ([], DEFAULT), (["--socket", str(path)], path):
        status, out, err = run(capsys, *words, "status")
        assert (status, out) == (1, "")
        assert err == f"roulette: {where}: No such file or directory; {hint}\n"
    with socket_at(path) as listening:
        hung_up = Thread(target=lambda: listening.accept()[0].close())
        hung_up.start()
        status, _, err = run(capsys, "--socket", str(path), "status")
        hung_up.join()
    assert (status, err) == (1, f"roulette: {path}: the service has hung up\n")


@contextmanager
def socket_at(path: Path) -> Iterator[socket]:
    with socket(AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield listening


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        (["status"], ([], {})),
        (["kick", "-Ab_9"], (["-Ab_9"], {})),
        (["kick", "--", "--Ab"], (["--Ab"], {})),
        (["kick", "--guest-id=--Ab"], (["--Ab"], {})),
        (["trace", "ab", "5"], (["ab", 5.0], {})),
        (["trace", "ab", "--seconds", "5"], (["ab", 5.0], {})),
        (["top", "5"], ([5], {})),
        (["top", "--seconds=0.5"], ([], {"seconds": 0.5})),
        (["drain", "--stop", "No"], ([], {"stop": False})),
        (["limits", "--messages", "2", "--skips=0"], ([], {"messages": 2.0, "skips": 0.0})),
        (["announce", "5"], (["5"], {})),
    ],
)
def test_words_become_values(words: list[str], request_: tuple[list[Any], dict[str, Any]]) -> None:
    asked = read(words)
    verb, *told = asked.words
    arguments, options = request_
    request = bound(verb, verbs()[verb], told, asked.options)
    assert request == {"verb": verb, "arguments": tuple(arguments), "options": options}
    assert json.dumps(request)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nope"], "there is no verb 'nope': --help names them all"),
        (["_find", "x"], "there is no verb '_find': --help names them all"),
        ([], "a prompt needs a terminal; or name a verb: --help names them all"),
        (["--json"], "these options need a verb: --help names them all"),
        (["kick", "a", "b"], "kick: too many positional arguments"),
        (["kick", "--why", "x"], "kick: missing a required argument: 'guest_id'"),
        (["status", "--stop", "no"], "status: got an unexpected keyword argument 'stop'"),
        (["limits", "--messages"], "--messages needs a value"),
        (["limits", "--messages", "many"], "messages: 'many' is not a number"),
        (["top", "1.5"], "n: '1.5' is not a whole number"),
        (["drain", "--stop", "perhaps"], "stop: 'perhaps' is not yes or no"),
    ],
)
def test_nonsense_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    assert run(capsys, *words) == (2, "", f"roulette: {complaint}\n")


def test_help_names_every_verb_and_tells_all_about_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, _ = run(capsys, "--help")
    named = [line.split()[0] for line in out.partition("verbs:\n")[2].splitlines()]
    assert (status, named) == (0, [*verbs()])
    assert "  trace GUEST_ID [SECONDS]  " in out
    status, out, _ = run(capsys, "limits", "--help")
    assert out.startswith("usage: python -m roulette admin limits [--NAME VALUE]...\n")
    assert "New limits count at once" in out
