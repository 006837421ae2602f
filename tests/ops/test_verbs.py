from collections.abc import Callable
from typing import Any

import pytest
from twisted.logger import LogEvent, formatEvent

from roulette.ops.admin import BadCall
from roulette.ops.seat import LINES, OPERATORS, Seat, Seats
from roulette.ops.verbs import Verbs, verbs
from tests.ops.house import House


def test_the_verbs_are_those_of_admin_and_nothing_else() -> None:
    assert set(verbs()) >= {"status", "guests", "kick", "announce", "limits", "top", "trace"}
    assert not [name for name in verbs() if name.startswith("_")]


@pytest.mark.parametrize(
    ("give", "line"),
    [
        (lambda admin: admin.status(), "ada gives status()"),
        (lambda admin: admin.guest("t2"), "ada gives guest(guest_id=t2)"),
        (
            lambda admin: admin.trace("t2", seconds=1).stop(),
            "ada gives trace(guest_id=t2, seconds=1)",
        ),
        (lambda admin: admin.limits(messages=2.5), "ada gives limits(messages=2.5)"),
        (lambda admin: admin.drain(stop=False), "ada gives drain(stop=False)"),
        (lambda admin: admin.announce("unspeakable"), "ada gives announce(text=<11 characters>)"),
        (lambda admin: admin.announce(text="one"), "ada gives announce(text=<3 characters>)"),
    ],
)
def test_a_verb_is_written_down_with_who_gave_it(
    house: House, written: list[LogEvent], give: Callable[[Any], object], line: str
) -> None:
    house.come("tea")
    give(Verbs(house.admin, "ada"))
    assert [formatEvent(event) for event in written] == [line]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (":", "<1 character>"),
        ("192.0.2.7", "<9 characters>"),
        ("2001:db8::1", "<11 characters>"),
        ("two words", "<9 characters>"),
        ("x" * 23, "<23 characters>"),
        ("a\n[fake] line", "<13 characters>"),
        (["t2"], "<list>"),
    ],
)
def test_what_is_no_id_is_not_written_down(
    house: House, written: list[LogEvent], given: Any, shown: str
) -> None:
    admin: Any = Verbs(house.admin, "ada")
    with pytest.raises(BadCall):
        admin.kick(given)
    assert [formatEvent(event) for event in written] == [f"ada gives kick(guest_id={shown})"]


def test_what_is_no_name_of_a_limit_is_not_written_down(
    house: House, written: list[LogEvent]
) -> None:
    admin: Any = Verbs(house.admin, "ada")
    with pytest.raises(BadCall, match=r"there is no limit .*: there are messages, skips"):
        admin.limits(**{"192.0.2.7": 1.0})
    assert [formatEvent(event) for event in written] == ["ada gives limits(<9 characters>=1.0)"]


def test_a_call_that_makes_no_sense_is_a_mistake_in_one_line(
    house: House, written: list[LogEvent]
) -> None:
    admin: Any = Verbs(house.admin, "ada")
    for give, complaint in [
        (lambda: admin.kick(), "kick: missing a required argument: 'guest_id'"),
        (lambda: admin.status(1), "status: too many positional arguments"),
        (lambda: admin.kick("t", why=1), "kick: got an unexpected keyword argument 'why'"),
    ]:
        with pytest.raises(BadCall) as refused:
            give()
        assert str(refused.value) == complaint
    assert written == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("admin.status()", []),
        ("await admin.top(5, seconds=-1)", []),
        ("admin.announce('unspeakable')", []),
        ("admin.kick(lobby)", ["ada runs 17 characters of Python that names lobby, admin"]),
        ("admin.kick(name())", ["ada runs 18 characters of Python that names admin"]),
        ("password = 'unspeakable'", ["ada runs 24 characters of Python that names nothing"]),
        ("x", ["ada runs 1 character of Python that names nothing"]),
        ("hunter2", ["ada runs 7 characters of Python that names nothing"]),
        ("admin.status", ["ada runs 12 characters of Python that names admin"]),
        ("admin._lobby.kick()", ["ada runs 19 characters of Python that names admin"]),
        ("admin.kick({[]: 1})", ["ada runs 19 characters of Python that names admin"]),
        ("status()", ["ada runs 8 characters of Python that names nothing"]),
        ("for g in lobby.guests: x(g)", ["ada runs 27 characters of Python that names lobby"]),
    ],
)
def test_of_code_it_is_written_down_that_it_ran(
    house: House, written: list[LogEvent], source: str, lines: list[str]
) -> None:
    Seats(house.admin, {"lobby": house.lobby}).seat("ada").note(source)
    assert [formatEvent(event) for event in written] == lines


def test_an_operator_finds_its_lines_again_and_nobody_elses(house: House) -> None:
    seats = Seats(house.admin, {})
    earlier = seats.seat("ada")
    seats.seat("ada").history.append(b"1")
    assert list(earlier.history) == [b"1"]
    assert list(seats.seat("ada").history) == [b"1"]
    assert list(seats.seat("bob").history) == []
    assert list(seats.seat("ada (process 7)", "ada").history) == [b"1"]


def test_lines_are_kept_of_so_many_only(house: House) -> None:
    seats = Seats(house.admin, {})
    history = seats.seat("ada").history
    history.extend(str(number).encode() for number in range(LINES + 1))
    assert (len(history), history[0]) == (LINES, b"1")
    for number in range(OPERATORS - 1):
        seats.seat(str(number))
    assert seats.seat("ada").history is history
    for number in range(OPERATORS):
        seats.seat(str(number))
    assert list(seats.seat("ada").history) == []


def test_help_tells_of_verbs_and_of_what_else_there_is(house: House) -> None:
    seat: Seat = Seats(house.admin, {"lobby": house.lobby}).seat("ada")
    told: Any = seat.namespace["help"]
    lines = repr(told).splitlines()
    assert lines[0].split()[0] == "lobby"
    assert [line.split("  ")[0] for line in lines[1:]][:2] == ["admin", "admin.status()"]
    assert "Send a guest away for good" in told(seat.namespace["admin"].kick)  # type: ignore[attr-defined]
