"""What a shell may do to ``python -m roulette``: each ends in a status and one line at most."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from socket import AF_UNIX, socket

import pytest

from tests.processes import PATIENCE, free_port

ADMIN = ["admin", "--help"]
FULL = "roulette: No space left on device\n"


@pytest.fixture(params=["admin", "chat"])
def arguments(request: pytest.FixtureRequest) -> list[str]:
    """Say something at once: which verbs there are, or that there is no such server."""
    return ADMIN if request.param == "admin" else ["chat", f"ws://127.0.0.1:{free_port()}/ws"]


@pytest.fixture
def silence() -> Iterator[int]:
    """Have an input that goes on and says nothing."""
    silence, kept = os.pipe()
    yield silence
    os.close(silence)
    os.close(kept)


def run(
    arguments: list[str], redirected: str, stdin: int | None = None, stdout: int | None = None
) -> tuple[int, str]:
    """Return the status and what is on standard error, with streams as a shell redirects them."""
    command = [sys.executable, "-m", "roulette", *arguments]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *command],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )
    return done.returncode, done.stderr


def test_a_disk_that_is_full(arguments: list[str], silence: int) -> None:
    assert run(arguments, ">/dev/full", stdin=silence) == (1, FULL)


def test_who_reads_no_further(arguments: list[str], silence: int) -> None:
    unread, output = os.pipe()
    os.close(unread)
    try:
        assert run(arguments, "", stdin=silence, stdout=output) == (1, "")
    finally:
        os.close(output)


@pytest.mark.parametrize("redirected", ["<&-", "</dev/null >&-"])
def test_a_stream_that_is_closed(arguments: list[str], redirected: str) -> None:
    assert run(arguments, redirected, stdout=subprocess.DEVNULL) == (0, "")


def test_a_prompt_without_an_input() -> None:
    status, said = run(["admin"], "<&-")
    assert status == 2
    assert said.startswith("roulette: a prompt needs a terminal")


def test_ctrl_c_ends_a_verb_that_takes_long(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    command = [sys.executable, "-m", "roulette", "admin", "--socket", str(path), "status"]
    with ExitStack() as stack:
        listening = stack.enter_context(closing(socket(AF_UNIX)))
        listening.settimeout(PATIENCE)
        listening.bind(str(path))
        listening.listen()
        asking = stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        stack.enter_context(listening.accept()[0])
        asking.send_signal(signal.SIGINT)
        _, said = asking.communicate(timeout=PATIENCE)
    assert (asking.returncode, said) == (130, "")
