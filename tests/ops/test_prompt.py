from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.testing import StringTransport
from twisted.logger import LogEvent, formatEvent

from roulette.core import verbs
from roulette.ops.prompt import Line, Terminal
from roulette.ops.seat import Seats
from tests.ops.house import House


class Desk:
    """An operator at a prompt."""

    def __init__(self, house: House, seats: Seats) -> None:
        self.house = house
        self.transport = StringTransport()
        self.ended = False
        self.terminal = Terminal(seats.seat("ada"), 80, self.end)
        self.terminal.makeConnection(self.transport)
        self.shown()

    def end(self) -> None:
        self.ended = True

    def type(self, keys: str) -> str:
        """Type something; return what is shown from then on."""
        self.terminal.dataReceived(keys.encode())
        return self.shown()

    def shown(self) -> str:
        """Return what was shown since the last time."""
        shown: str = self.transport.value().decode().replace("\r\n", "\n")
        self.transport.clear()
        return shown


@pytest.fixture
def later() -> "Deferred[str]":
    return Deferred()


@pytest.fixture
def seats(house: House, later: "Deferred[str]") -> Seats:
    async def wait() -> str:
        return await later

    names = {"later": later, "wait": wait, "fail": fail, "succeed": succeed, "house": house}
    return Seats(house.admin, names)


@pytest.fixture
def desk(house: House, seats: Seats) -> Desk:
    return Desk(house, seats)


@pytest.mark.parametrize("line", ["later", "wait()", "await later", "x = await wait(); x"])
def test_what_comes_later_is_awaited_and_what_is_typed_meanwhile_waits(
    desk: Desk, later: "Deferred[str]", line: str
) -> None:
    assert desk.type(f"{line}\r1 + 1\r") == f"{line}\n"
    later.callback("here")
    assert desk.shown() == "'here'\n>>> 1 + 1\n2\n>>> "


def test_a_verb_that_takes_its_time_is_awaited(house: House, desk: Desk) -> None:
    desk.type("admin.top()\r")
    house.now += 1
    assert desk.shown() == "busiest:\nnone\n\nslowest:\nnone\n>>> "
    assert desk.type("_['busiest']\r").endswith("\nnone\n>>> ")


def test_a_trace_is_shown_as_it_happens(house: House, desk: Desk) -> None:
    line = house.come("tea")
    head, first = desk.type(f"admin.trace('{line.guest}', 5)\r").splitlines()[1:]
    assert head.split() == ["at", "way", "what", "why", "state", "absent", "partner"]
    assert first.split() == ["0.0", "is", "watched", "-", "waiting", "no", "-"]
    house.do(line, verbs.Cancel())
    asks, told = desk.shown().splitlines()
    assert (asks.split()[1:3], told.split()[1:5]) == (
        ["asks", "cancel"],
        ["told", "idle", "-", "idle"],
    )
    assert told.index("idle") == first.index("watched") == head.index("what")
    house.now += 5
    assert desk.shown() == "(3)\n>>> "
    assert desk.type("len(_)\r").endswith("\n3\n>>> ")


def test_a_trace_may_be_awaited_again(house: House, desk: Desk) -> None:
    desk.type(f"t = admin.trace('{house.come().guest}', 5)\r")
    house.now += 5
    assert desk.type("len(await t), len(await t)\r").endswith("\n(1, 1)\n>>> ")
    assert desk.type("t\r").endswith("\n(1)\n>>> ")


def test_ctrl_c_ends_a_trace(house: House, desk: Desk) -> None:
    line = house.come("tea")
    desk.type(f"admin.trace('{line.guest}')\rtyped ahead")
    assert desk.type("\x03") == "(1)\n>>> "
    assert desk.type("1\r") == "1\n1\n>>> "
    assert house.clock.getDelayedCalls() == []


@pytest.mark.parametrize(("line", "cancelled"), [("later", False), ("wait()", True)])
def test_ctrl_c_ends_waiting_and_cancels_only_what_is_the_lines_own(
    desk: Desk, later: "Deferred[str]", line: str, cancelled: bool
) -> None:
    desk.type(f"{line}\r")
    assert desk.type("\x03") == "KeyboardInterrupt\n>>> "
    assert later.called is cancelled
    if not cancelled:
        later.callback("here")
        assert desk.shown() == ""


def test_ctrl_c_gives_up_what_is_typed(desk: Desk) -> None:
    assert desk.type("def f():\r    x\x03").endswith("\nKeyboardInterrupt\n>>> ")
    assert desk.type("1\r") == "1\n1\n>>> "


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("await later2", "NameError: name 'later2' is not defined"),
        ("fail(ValueError('no'))", "ValueError: no"),
        ("await fail(ValueError('no'))", "ValueError: no"),
        ("admin.top(0)", "n is a number from 1 to 1000"),
        ("admin.trace('?')", "there is no guest '?'"),
        ("1 +", "SyntaxError: invalid syntax"),
        ("raise SystemError", "SystemError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("-" * 20_000 + "1", "MemoryError"),
    ],
)
def test_what_goes_wrong_is_one_line(desk: Desk, line: str, told: str) -> None:
    assert desk.type(f"{line}\r").splitlines()[-2:] == [told, ">>> "]


def test_who_leaves_waits_for_nothing(house: House, desk: Desk, later: "Deferred[str]") -> None:
    line = house.come("tea")
    desk.type(f"admin.trace('{line.guest}'); wait()\r")
    desk.terminal.connectionLost(None)
    assert later.called
    assert "do" not in vars(house.lobby)


def test_the_end_of_input_comes_after_what_was_typed(desk: Desk, later: "Deferred[str]") -> None:
    desk.type("later\r1 + 1\r")
    desk.terminal.eof()
    assert not desk.ended
    later.callback("here")
    assert "2\n" in desk.shown()
    assert desk.ended


def test_printing_after_a_wait_goes_to_who_waits(
    desk: Desk, later: "Deferred[str]", capsys: pytest.CaptureFixture[str]
) -> None:
    desk.type("print(1); print(await later); 3\r")
    later.callback("two")
    assert desk.shown() == "two\n3\n>>> "
    assert capsys.readouterr().out == ""


# Tab.


def test_tab_completes_names_attributes_and_verbs(desk: Desk) -> None:
    assert desk.type("ad\t") == "admin"
    assert desk.type(".und\t") == ".undrain()"
    assert desk.type("\x15print(admin.gue\t").endswith("print(admin.guest")
    assert desk.type("\x15hou\t.lobby.guests.ke\t").endswith(".keys(")


def test_a_second_tab_lists(desk: Desk) -> None:
    assert desk.type("print(admin.g\t") == "print(admin.guest"
    assert desk.type("\t") == "\nguest(    guests()\n>>> print(admin.guest"
    assert desk.type("s\t") == "s()"
    assert desk.type("nothing.such\t\t").endswith("such\x07\x07")


def test_a_list_leaves_the_cursor_where_it_was(desk: Desk) -> None:
    desk.type("admin.g + 'ż'" + "\x1b[D" * 6 + "\t\t")
    assert desk.type("\t").endswith(">>> admin.guest + 'ż'\x1b[6D")


def test_tab_completes_ids_within_quotes(house: House, desk: Desk) -> None:
    ids = [house.come(str(number)).guest for number in range(5)]
    assert ids == ["t2", "t4", "t6", "t8", "t10"]
    assert desk.type("admin.kick('t1\t") == "admin.kick('t10"
    assert desk.type('\x15admin.guest( "t\t\t').endswith(
        '\nt10  t2   t4   t6   t8\n>>> admin.guest( "t'
    )


def test_tab_indents_where_nothing_is_typed(desk: Desk) -> None:
    assert desk.type("if 1:\r\tprint(7)\r\r").endswith("\n7\n>>> ")


def test_a_long_list_is_cut(house: House, desk: Desk) -> None:
    for number in range(150):
        house.come(str(number))
    lines = desk.type("admin.kick('t\t\t").splitlines()
    assert lines[-2] == "(150, the first 100 shown)"


# The history.


def test_what_was_typed_is_found_again_in_the_next_session(house: House, seats: Seats) -> None:
    first = Desk(house, seats)
    first.type("'ż1'\r'2'\r'2'\r   \r")
    assert first.type("\x1b[A\x1b[A\r").endswith("'ż1'\n>>> ")
    second = Desk(house, seats)
    assert second.type("half\x1b[A\x1b[A\x1b[A\r").endswith("'ż1'\n>>> ")
    assert second.type("\x1b[A\x1b[A\x1b[B\r").endswith("'ż1'\n>>> ")
    assert [*seats.seat("ada").history] == ["'ż1'".encode(), b"'2'", "'ż1'".encode()]
    assert [*seats.seat("bob").history] == []


def test_a_very_long_line_is_not_kept(house: House, seats: Seats) -> None:
    desk = Desk(house, seats)
    desk.type(f"'{'x' * 5000}'\r1\r")
    assert [*seats.seat("ada").history] == [b"1"]


# Keys.


def test_characters_may_come_in_pieces(desk: Desk) -> None:
    for byte in "'🎉ż'\x1b[D\x7f\x1b[C\r".encode():
        desk.terminal.dataReceived(bytes([byte]))
    assert desk.shown().splitlines()[-2] == "'🎉'"


def test_bytes_that_are_no_text_are_left_out(desk: Desk) -> None:
    desk.terminal.dataReceived(b"'a\xff\xfeb'\r")
    assert "'ab'" in desk.shown().splitlines()


def test_a_line_is_edited(desk: Desk) -> None:
    desk.type("1 + 2 + 3\x01\x1b[C\x0b\r")
    assert desk.type("\x1b[A\x05 + 8\r").endswith("\n9\n>>> ")
    assert desk.type("nonsense\x15'x'\r").endswith("\n'x'\n>>> ")
    assert desk.type("\x1b[24~\x12\x00") == "\x07" * 3
    assert desk.type("1\x04\r") == "1\x07\n1\n>>> "
    desk.type("\x04")
    assert desk.ended


# One line, as SSH's command.


@pytest.fixture
def run(seats: Seats) -> Iterator[Any]:
    def run(source: str) -> tuple[str, str, list[bool]]:
        out: list[str] = []
        err: list[str] = []
        end: list[bool] = []
        lines.append(Line(seats.seat("ada"), out.append, err.append, end.append))
        lines[-1].run(source)
        return "".join(out), "".join(err), end

    lines: list[Line] = []
    yield run
    for line in lines:
        line.interrupt()


@pytest.mark.parametrize(
    ("line", "out", "err"),
    [
        ("6 * 7", "42\n", ""),
        ("1; 2", "1\n2\n", ""),
        ("None", "", ""),
        ("", "", ""),
        ("x = 1; print(x)", "1\n", ""),
        ("print('no newline', end='')", "no newline\n", ""),
        ("exit()", "", ""),
        ("succeed(7)", "7\n", ""),
        ("await succeed(7)", "7\n", ""),
        ("print(1); 1/0", "1\n", "ZeroDivisionError: division by zero\n"),
        ("for guest in lobby.guests:", "", "the line is not complete\n"),
        ("admin.kick('?')", "", "there is no guest '?'\n"),
    ],
)
def test_a_line_prints_what_a_prompt_would(run: Any, line: str, out: str, err: str) -> None:
    assert run(line) == (out, err, [not err])


def test_a_line_ends_when_it_is_done(run: Any, later: "Deferred[str]") -> None:
    _, _, end = run("wait()")
    assert end == []
    later.callback("here")
    assert end == [True]


def test_a_line_has_names_of_its_own(run: Any) -> None:
    run("x = 1")
    assert run("x")[1] == "NameError: name 'x' is not defined\n"


def test_a_failure_beyond_the_line_is_shown_whole(run: Any) -> None:
    _, err, end = run("house.lobby.kick('nobody', 0)")
    assert err.startswith("Traceback")
    assert end == [False]


def test_a_line_is_written_down_before_it_runs(run: Any, written: list[LogEvent]) -> None:
    run("1/0")
    assert [formatEvent(event) for event in written] == [
        "ada runs 3 characters of Python that names nothing"
    ]
