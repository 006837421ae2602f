import json
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from twisted.internet.protocol import connectionDone
from twisted.internet.testing import StringTransport
from twisted.logger import LogEvent, formatEvent

from roulette.ops.admin import Admin
from roulette.ops.callers import ASKS_WITHIN, CALLERS, REQUEST_BYTES, Caller, CallerFactory
from roulette.ops.seat import Seats
from tests.ops.house import House
from tests.ops.shell import log_to

WHO = f"uid {os.getuid()} (process {os.getpid()})"


class Wire(StringTransport):
    """A connection in memory, whose socket says who is at the other end."""

    def __init__(self, ends: list[socket.socket]) -> None:
        super().__init__()
        ours, theirs = socket.socketpair()
        ends += [ours, theirs]
        self.getHandle = lambda: ours

    def answers(self) -> list[Any]:
        return [json.loads(line) for line in self.value().splitlines()]


Call = Callable[..., tuple[Caller, Wire]]


@pytest.fixture
def factory(house: House) -> CallerFactory:
    return CallerFactory(Seats(house.admin, {}), house.clock)


@pytest.fixture
def call(factory: CallerFactory) -> Iterator[Call]:
    ends: list[socket.socket] = []

    def call(verb: str = "", *arguments: Any, **options: Any) -> tuple[Caller, Wire]:
        caller, wire = factory.buildProtocol(None), Wire(ends)
        caller.makeConnection(wire)
        if verb:
            request = {"verb": verb, "arguments": arguments, "options": options}
            caller.dataReceived(json.dumps(request).encode() + b"\n")
        return caller, wire

    yield call
    for caller in tuple(factory.callers):
        caller.connectionLost(connectionDone)
    for end in ends:
        end.close()


def test_a_verb_is_answered_once_and_written_down(
    call: Call, house: House, written: list[LogEvent]
) -> None:
    _, wire = call("status")
    assert wire.answers() == [{"result": house.admin.status(), "form": "Facts"}]
    assert wire.disconnecting
    assert [formatEvent(event) for event in written] == [f"{WHO} gives status()"]


def test_a_trace_sends_each_row_as_it_comes(call: Call, house: House) -> None:
    line = house.come("tea")
    _, wire = call("trace", line.guest, seconds=5)
    assert [row["row"]["what"] for row in wire.answers()] == ["watched"]
    house.now += 5
    first, last = wire.answers()
    assert last == {"result": [first["row"]], "form": "Table"}
    assert wire.disconnecting


def test_who_hangs_up_waits_for_nothing(call: Call, house: House) -> None:
    line = house.come("tea")
    for verb in (("trace", line.guest), ("top",)):
        caller, _ = call(*verb)
        assert len(house.clock.getDelayedCalls()) == 1
        caller.connectionLost(connectionDone)
    assert house.clock.getDelayedCalls() == []
    assert "do" not in vars(house.lobby)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"\n", "this is no request"),
        (b"status\n", "this is no request"),
        (b'{"verb": "status"}\n', "this is no request"),
        (b'{"verb": "status", "arguments": {}, "options": {}}\n', "this is no request"),
        (b'{"columns": "80"}\n', "this is no request"),
        (b"[" * 60_000 + b"\n", "this is no request"),
        (b"\xff\n", "this is no request"),
        (b"x" * (REQUEST_BYTES + 1), f"a request has at most {REQUEST_BYTES} bytes"),
        (b'{"verb": "_find", "arguments": ["t"], "options": {}}\n', "there is no verb '_find'"),
        (b'{"verb": "kick", "arguments": [], "options": {}}\n', "kick: missing a required"),
        (b'{"verb": "kick", "arguments": ["?"], "options": {}}\n', "there is no guest '?'"),
        (b'{"verb": "kick", "arguments": [[]], "options": {}}\n', "a guest is named by its id"),
        (b'{"verb": "top", "arguments": [0], "options": {}}\n', "n is a number from 1 to 1000"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(call: Call, sent: bytes, error: str) -> None:
    caller, wire = call()
    caller.dataReceived(sent)
    (answer,) = wire.answers()
    assert answer["error"].startswith(error)
    assert wire.disconnecting


def test_what_comes_after_a_request_is_not_looked_at(call: Call) -> None:
    caller, wire = call("top")
    caller.dataReceived(b"more\n" * 30_000)
    assert wire.answers() == []
    assert not wire.disconnecting


def test_a_failure_of_ours_is_logged_and_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[LogEvent] = []
    monkeypatch.setattr(Caller, "_log", log_to(logged))

    def fail(self: Admin, *_: object) -> None:
        raise RuntimeError("this must not happen")

    monkeypatch.setattr(Admin, "_row", fail)
    _, wire = call("guests")
    assert wire.answers() == [{"result": [], "form": "Table"}]
    monkeypatch.setattr(Admin, "status", fail)
    _, wire = call("status")
    assert wire.answers() == [{"error": "RuntimeError: this must not happen"}]
    assert [formatEvent(event) for event in logged] == ["The verb status has failed"]


def test_who_asks_nothing_is_sent_away(call: Call, house: House) -> None:
    _, wire = call()
    house.now += ASKS_WITHIN
    assert wire.answers() == [{"error": "you have asked nothing"}]
    assert wire.disconnecting


def test_only_so_many_are_connected_at_once(call: Call, factory: CallerFactory) -> None:
    callers = [call()[0] for _ in range(CALLERS)]
    assert factory.buildProtocol(None) is None
    callers[0].connectionLost(connectionDone)
    assert call()


def test_a_prompt_is_opened_and_what_is_typed_at_once_is_taken(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[LogEvent] = []
    monkeypatch.setattr(Caller, "_log", log_to(logged))
    caller, wire = call()
    caller.dataReceived(b'{"columns": 40}\n6 * 7\r')
    assert b"\r\n42\r\n>>> " in wire.value()
    caller.dataReceived(b"\x04")
    assert wire.disconnecting
    caller.connectionLost(connectionDone)
    assert [formatEvent(event) for event in logged] == [f"Login of {WHO}", f"Logout of {WHO}"]
    caller, wire = call()
    caller.dataReceived(b'{"columns": 1}\n\x1b[A\r')
    assert wire.value().endswith(b"\r\n42\r\n>>> ")
