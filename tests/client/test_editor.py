import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.conch.insults.helper import TerminalBuffer
from twisted.conch.insults.insults import ClientProtocol

from roulette.client.editor import Editor, columns
from roulette.client.words import printable


def written(keys: str) -> str:
    editor = Editor()
    (line,) = editor.feed(keys + "\r")
    assert line is not None
    return line


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("zażółć 🎲", "zażółć 🎲"),
        ("abc\x7f", "ab"),
        ("abc\x1b[D\x1b[Dx", "axbc"),
        ("abc\x1bOD\x1b[3~", "ab"),
        ("abc\x01\x04", "bc"),
        ("bc\x1b[Ha\x1b[Fd", "abcd"),
        ("one two \x17", "one "),
        ("abc\x02\x15", "c"),
        ("abc\x02\x0b", "ab"),
        ("\x7f\x1b[3~\x1b[D\x1b[Ca", "a"),
        ("a\x1b[15~\x1b[1;5Cb\x00\x07\tc", "abc"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_keys(keys: str, line: str) -> None:
    assert written(keys) == line


def test_what_was_written_before_comes_back() -> None:
    editor = Editor()
    editor.feed("one\rtwo\r")
    editor.feed("\x1b[A\x1b[A\x1b[A")
    assert editor.text == "one"
    editor.feed("\x1b[B")
    assert editor.text == "two"
    editor.feed("\x1b[B\x1b[B")
    assert editor.text == ""


def test_the_end() -> None:
    assert Editor().feed("half\x03") == [None]
    assert Editor().feed("\x04") == [None]
    assert Editor().feed("x\x04\r\x04") == ["x", None]


@given(st.text(), st.integers(2, 40))
def test_any_keys_leave_a_cursor_within_a_line_that_fits(keys: str, width: int) -> None:
    editor = Editor()
    editor.feed(keys)
    assert 0 <= editor.cursor <= len(editor.text)
    shown = editor.picture("", width).removeprefix("\r\x1b[K").partition("\x1b")[0]
    assert columns(shown) < max(width, 3)
    assert not any(c < " " for c in shown)


@given(st.text("abcdefgh", max_size=60), st.integers(0, 60), st.integers(10, 40))
def test_the_cursor_is_drawn_where_the_next_key_goes(text: str, back: int, width: int) -> None:
    screen = TerminalBuffer()
    screen.width, screen.height = width, 1
    parser = ClientProtocol(lambda: screen)
    parser.makeConnection(None)
    screen.connectionMade()
    editor = Editor()
    editor.feed(text + "\x1b[D" * back)
    parser.dataReceived(editor.picture("> ", width).encode())
    before, after = editor.text[: editor.cursor], editor.text[editor.cursor :]
    row = bytes(screen).decode()
    assert row.startswith("> ")
    assert before.endswith(row[2 : screen.x])
    assert after.startswith(row[screen.x :].rstrip())


def test_columns() -> None:
    assert columns("a\u0301 漢 🎲") == 1 + 1 + 2 + 1 + 2


@given(st.text())
def test_what_is_printed_moves_no_cursor(said: str) -> None:
    shown = printable(said, 4)
    assert all(c == "\n" or (c >= " " and not "\x7f" <= c <= "\x9f") for c in shown)
    assert all(line.startswith("    ") for line in shown.split("\n")[1:])
