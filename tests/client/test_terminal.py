"""The terminal chat as a process: on a real terminal, and in a pipe."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from twisted.conch.insults.helper import TerminalBuffer
from twisted.conch.insults.insults import ClientProtocol
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from roulette.__main__ import main
from roulette.client.words import HELP
from roulette.wire import v1
from tests import service
from tests.processes import free_port

PATIENCE = 15.0
"""Seconds in which something must be seen."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with service.running(cwd=tmp_path_factory.mktemp("service")) as served:
        yield served.ws


class Stranger:
    """Somebody else, on a WebSocket client that is not ours."""

    def __init__(self, socket: ClientConnection, topics: tuple[str, ...]) -> None:
        self.socket = socket
        self.chat = ""
        self.ask("hello")
        self.ask("start", topics=topics)

    def ask(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def told(self, kind: str) -> dict[str, Any]:
        """Return the next frame of a type."""
        while True:
            frame: dict[str, Any] = json.loads(self.socket.recv(PATIENCE))
            if frame["type"] == kind:
                return frame

    def meet(self) -> None:
        self.chat = self.told("connected")["chat"]

    def say(self, text: str) -> None:
        self.ask("message", chat=self.chat, id=str(time.monotonic()), text=text)


@contextmanager
def stranger_at(url: str, *topics: str) -> Iterator[Stranger]:
    with connect(url, subprotocols=[Subprotocol(v1.SUBPROTOCOL)]) as socket:
        yield Stranger(socket, topics)


COMMAND = (sys.executable, "-m", "roulette", "chat")


class Terminal:
    """The program on a terminal of 24 lines and 80 columns."""

    def __init__(self, *arguments: str, colours: bool = False) -> None:
        self.keys, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (24, 80))
        self.modes = termios.tcgetattr(terminal)
        self.terminal = terminal
        self.screen = TerminalBuffer()
        self.parser = ClientProtocol(lambda: self.screen)
        self.parser.makeConnection(None)
        self.screen.connectionMade()
        self.seen = b""
        environment = {**os.environ, "NO_COLOR": "" if colours else "1"}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=environment,
            start_new_session=True,
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.keys)
        os.close(self.terminal)

    def type(self, text: str) -> None:
        os.write(self.keys, text.encode())

    def lines(self) -> list[str]:
        """Return what is on the screen."""
        return [
            line.rstrip()
            for line in bytes(self.screen).decode("latin-1").split("\n")
            if line.strip()
        ]

    def shows(self, *last: str) -> None:
        """Wait until the last lines of the screen are these."""
        give_up = time.monotonic() + PATIENCE
        while self.lines()[-len(last) :] != list(last):
            assert self._read(give_up - time.monotonic()), self.lines()

    def _read(self, seconds: float) -> bool:
        if not select.select([self.keys], [], [], max(0.0, seconds))[0]:
            return False
        data = os.read(self.keys, 65536)
        self.seen += data
        self.parser.dataReceived(data)
        return True

    def ends(self) -> int:
        """Wait until the program has ended, and left the terminal as it was."""
        status = self.process.wait(PATIENCE)
        while self._read(0.0):
            pass
        assert termios.tcgetattr(self.terminal) == self.modes
        assert os.get_blocking(self.terminal)
        return status


LOOKING = "* Looking for a stranger..."
MET = "* You have met a stranger."
ALONE = "* You are alone now. /next looks for a stranger."


def test_a_chat_on_a_terminal(url: str) -> None:
    with Terminal(url) as terminal:
        terminal.shows("* Connected; guests here: 1.", LOOKING, ">")
        terminal.type("too early\r")
        terminal.shows("* There is nobody yet who hears that.", ">")
        with stranger_at(url) as stranger:
            stranger.meet()
            terminal.shows(MET, ">")
            terminal.type("hello")
            stranger.told("typing")
            stranger.say("who are you?")
            terminal.shows("Stranger: who are you?", "> hello")
            assert stranger.told("seen")["seq"] == 1
            terminal.type("\x1b[H\x1b[3~H\x1b[F, you\r")
            terminal.shows("You: Hello, you", ">")
            assert stranger.told("gotMessage")["text"] == "Hello, you"
            stranger.ask("typing", chat=stranger.chat)
            terminal.shows("You: Hello, you", "(the stranger writes) >")
            stranger.ask("away")
            terminal.shows("* The stranger is away.", "(the stranger writes) >")
            stranger.say("one\n* The stranger has left.\x1b[2J\u202e")
            terminal.shows("Stranger: one", "          * The stranger has left.[2J", ">")
            terminal.type("\x1b[A")
            terminal.shows("          * The stranger has left.[2J", "> Hello, you")
            terminal.type("\x15//quit\r")
            assert stranger.told("gotMessage")["text"] == "/quit"
            terminal.type("/stop\r")
            assert stranger.told("strangerDisconnected")["reason"] == "left"
            terminal.shows("You: /quit", ALONE, ">")
            terminal.type("/nonsense\r")
            terminal.shows("* There is no such command; /help lists them.", ">")
            terminal.type("/help\r")
            terminal.shows(*HELP_ON_SCREEN, ">")
        terminal.type("/quit\r")
        assert terminal.ends() == 0


HELP_ON_SCREEN = [
    ("* " if number == 0 else "  ") + line for number, line in enumerate(HELP.split("\n"))
]


def test_topics_next_block_and_meeting_again(url: str) -> None:
    with Terminal(url, "--topics", "tea, chess") as terminal, stranger_at(url, "TEA") as stranger:
        stranger.meet()
        terminal.shows("* You have met a stranger. You both like tea.", ">")
        terminal.type("/next\r")
        assert stranger.told("strangerDisconnected")["reason"] == "next"
        terminal.shows("* Looking for a stranger who likes what you like...", ">")
        terminal.type("/topics \r")
        terminal.shows(LOOKING, ">")
        with stranger_at(url) as another:
            another.meet()
            terminal.shows(MET, ">")
            another.ask("disconnect")
            terminal.shows("* The stranger has left.", ">")
            another.ask("rematch", chat=another.chat)
            terminal.shows("* The stranger would like to meet you again: /again, within 60 s.", ">")
            terminal.type("/again\r")
            another.meet()
            terminal.shows("* You have met a stranger. You have met before.", ">")
            another.ask("typing", chat=another.chat)
            terminal.shows(
                "* You have met a stranger. You have met before.", "(the stranger writes) >"
            )
            terminal.type("/block\r")
            assert another.told("strangerDisconnected")["reason"] == "left"
            terminal.shows(ALONE, ">")
        terminal.type("\x03")
        assert terminal.ends() == 0


def test_colours_are_for_terminals(url: str) -> None:
    with Terminal(url, colours=True) as terminal:
        terminal.shows(LOOKING, ">")
        assert b"\x1b[2m* Looking" in terminal.seen
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.ends() == 0


def test_a_terminal_is_put_back_when_there_is_no_such_server(url: str) -> None:
    with Terminal(url.replace("/ws", "/nothing")) as terminal:
        assert terminal.ends() == 1
        assert terminal.lines()[-1] == "roulette: the server answered 404"


def test_a_pipe_does_not_wait_for_nobody(url: str) -> None:
    pipe = subprocess.PIPE
    command = [*COMMAND, url, "--topics", "x" * 33]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.wait(PATIENCE) == 1
        assert process.stderr is not None
        assert process.stderr.read() == "roulette: a topic has at most 32 characters\n"


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with Terminal(f"ws://127.0.0.1:{free_port()}/ws") as terminal:
        deadline = time.monotonic() + PATIENCE
        while not any("refused" in line for line in terminal.lines()):
            assert terminal._read(deadline - time.monotonic())
        terminal.type("\x04")
        assert terminal.ends() == 0


@contextmanager
def piped(url: str, stdin: int = subprocess.PIPE) -> Iterator["subprocess.Popen[str]"]:
    """Run the program without a terminal; it must end by itself, well, and without complaint."""
    pipe = subprocess.PIPE
    command = [*COMMAND, url]
    with subprocess.Popen(command, stdin=stdin, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
            _, complaint = process.communicate(timeout=PATIENCE)
            assert (process.returncode, complaint) == (0, "")
        finally:
            process.kill()


def test_a_pipe_says_its_lines_and_ends(url: str) -> None:
    with piped(url) as process, stranger_at(url) as stranger:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("hi\nżółw")
        process.stdin.flush()
        stranger.meet()
        assert stranger.told("gotMessage")["text"] == "hi"
        stranger.say("hi yourself")
        shown = [process.stdout.readline() for _ in range(3)]
        if LOOKING + "\n" in shown:
            shown.append(process.stdout.readline())
        assert shown[-2:] == [MET + "\n", "Stranger: hi yourself\n"]
        process.stdin.close()
        process.stdin = None
        assert stranger.told("gotMessage")["text"] == "żółw"
        assert stranger.told("strangerDisconnected")["reason"] == "left"


def test_a_file_can_be_said_too(url: str, tmp_path: Path) -> None:
    said = tmp_path / "said"
    said.write_text("from a file\n")
    with said.open() as file, piped(url, file.fileno()), stranger_at(url) as stranger:
        stranger.meet()
        assert stranger.told("gotMessage")["text"] == "from a file"


def test_without_a_terminal_the_stranger_ends_it(url: str) -> None:
    with piped(url) as process, stranger_at(url) as stranger:
        assert process.stdout is not None
        stranger.meet()
        stranger.ask("disconnect")
        assert process.stdout.readlines()[-1] == "* The stranger has left.\n"
        process.stdout.close()
        process.stdout = None


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["chat", "http://localhost/ws"], 2, "is not for WebSocket"),
        (["chat", "localhost:8080"], 2, "is not for WebSocket"),
        (["chat", "ws://localhost:99999/"], 2, "Port out of range"),
        (["chat", "ws://"], 2, "missing hostname"),
        (["chat"], 2, "the following arguments are required: URL"),
        (["chatter"], 2, "invalid choice"),
        ([], 2, "the following arguments are required: COMMAND"),
    ],
)
def test_nonsense_is_answered_in_one_line(
    arguments: list[str], status: int, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (status, "")
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("roulette: ")
    assert complaint in printed.err


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["chat", "localhost:8080"], 2, "is not for WebSocket"),
        (["chat", "ws://h ost/"], 1, "h ost"),
    ],
)
def test_nonsense_ends_the_process_with_one_line(
    arguments: list[str], status: int, complaint: str
) -> None:
    command = [sys.executable, "-m", "roulette", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("roulette: ")
    assert complaint in ended.stderr
