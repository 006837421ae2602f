import pytest
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport

from roulette.ops.prompt import Prompt, Terminal, run_line


@pytest.fixture
def typed() -> tuple[Terminal, StringTransport, "Deferred[str]"]:
    later: Deferred[str] = Deferred()
    terminal, transport = Terminal(Prompt, {"later": later}), StringTransport()
    terminal.makeConnection(transport)
    transport.clear()
    return terminal, transport, later


def test_a_result_that_comes_later_leaves_what_is_being_typed(
    typed: tuple[Terminal, StringTransport, "Deferred[str]"],
) -> None:
    terminal, transport, later = typed
    terminal.dataReceived("later\r'ż' + 'ó".encode())
    assert b"<Deferred #0>" in transport.value()
    transport.clear()
    later.callback("here")
    shown = transport.value().decode()
    assert "Deferred #0 called back: 'here'" in shown
    assert shown.endswith(">>> 'ż' + 'ó")
    terminal.dataReceived(b"'\r")
    assert "'żó'" in transport.value().decode()


def test_characters_may_come_in_pieces(
    typed: tuple[Terminal, StringTransport, "Deferred[str]"],
) -> None:
    terminal, transport, _ = typed
    for byte in "'🎉ż'\x1b[D\x7f\x1b[C\r".encode():
        terminal.dataReceived(bytes([byte]))
    assert transport.value().decode().splitlines()[-2] == "'🎉'"


def test_bytes_that_are_no_text_are_left_out(
    typed: tuple[Terminal, StringTransport, "Deferred[str]"],
) -> None:
    terminal, transport, _ = typed
    terminal.dataReceived(b"'a\xff\xfeb'\r")
    assert "'ab'" in transport.value().decode().splitlines()


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("6 * 7", "42\n"),
        ("None", ""),
        ("x = 1; print(x)", "1\n"),
        ("print('no newline', end='')", "no newline\n"),
        ("exit()", ""),
    ],
)
def test_a_line_prints_what_a_prompt_would(line: str, output: str) -> None:
    namespace: dict[str, object] = {}
    assert run_line(line, namespace) == (output, True)
    assert namespace == {}
