import json
from typing import Any

import pytest
from twisted.logger import LogEvent, formatEvent

from roulette.core import verbs
from roulette.ops.admin import BadCall
from roulette.ops.table import Table
from roulette.ops.trace import MOST_ROWS, Trace, Watch
from tests import memory
from tests.core.world import Line
from tests.ops.house import House
from tests.ops.shell import log_to


def seen(trace: Trace) -> list[tuple[str, str, str | None, str]]:
    return [(row["way"], row["what"], row["why"], row["state"]) for row in trace.rows]


def done(trace: Trace) -> bool:
    return trace.ended.called


@pytest.fixture
def pair(house: House) -> tuple[Line, Line]:
    return house.come(), house.come()


def test_what_a_guest_asks_and_is_told_is_shown_by_type(house: House) -> None:
    line = house.come("secret topic")
    trace = house.admin.trace(line.guest)
    house.now += 1.5
    partner = house.come("secret topic")
    house.do(line, verbs.Message(None, "1", "unspeakable"))
    house.do(partner, verbs.Typing(None))
    house.do(partner, verbs.Message(None, "2", "unspeakable"))
    house.do(line, verbs.Start(("unspeakable",)))
    house.do(partner, verbs.Next())
    house.do(line, verbs.Next())
    assert seen(trace) == [
        ("is", "watched", None, "waiting"),
        ("told", "connected", None, "chatting"),
        ("asks", "message", None, "chatting"),
        ("told", "typing", None, "chatting"),
        ("told", "gotMessage", None, "chatting"),
        ("asks", "start", None, "chatting"),
        ("told", "error", "invalid_state", "chatting"),
        ("told", "ack", None, "idle"),
        ("told", "strangerDisconnected", "next", "idle"),
        ("asks", "next", None, "idle"),
        ("told", "waiting", "topics", "waiting"),
    ]
    assert [row["at"] for row in trace.rows[:2]] == [0.0, 1.5]
    assert trace.rows[1]["partner"] == partner.guest
    for secret in ("unspeakable", "secret", line.resume):
        assert secret not in json.dumps(trace.rows)


def test_a_connection_may_go_and_come_back(house: House, pair: tuple[Line, Line]) -> None:
    line, _ = pair
    trace = house.admin.trace(line.guest)
    house.lost(line, goodbye=True)
    back = house.back("back", line)
    again = house.back("again", back)
    house.do(again, verbs.Disconnect())
    assert seen(trace)[1:] == [
        ("has", "goodbye", None, "chatting"),
        ("asks", "hello", None, "chatting"),
        ("told", "welcome", "chatting", "chatting"),
        ("asks", "hello", None, "chatting"),
        ("told", "replaced", None, "chatting"),
        ("told", "welcome", "chatting", "chatting"),
        ("asks", "disconnect", None, "chatting"),
        ("told", "idle", None, "idle"),
    ]
    assert [row["absent"] for row in trace.rows[:4]] == [False, False, True, False]


def test_all_others_come_and_go_as_ever() -> None:
    with memory.world() as world:
        watched, partner = world.hello(), world.hello()
        (guest, _) = world.lobby.guests.values()
        trace = Trace(Watch(world.lobby), guest, world.reactor, 60)
        come = world.hello()
        partner.drop()
        back = world.hello(resume=partner.resume)
        come.say({"type": "start"})
        watched.say({"type": "start"})
        back.leave()
        heard = [frame["type"] for each in (come, watched, back) for frame in each.take()]
        trace.stop()
    assert heard == ["welcome", "waiting", "connected", "welcome", "connected", "welcome"]
    assert [what for _, what, _, _ in seen(trace)] == ["watched", "start", "connected"]


def test_it_ends_with_its_guest(house: House, pair: tuple[Line, Line]) -> None:
    kicked, lost = (house.admin.trace(line.guest) for line in pair)
    house.admin.kick(pair[0].guest)
    assert seen(kicked)[1:] == [("told", "kicked", None, "idle"), ("has", "left", None, "idle")]
    assert (done(kicked), done(lost)) == (True, False)
    house.lost(pair[1])
    house.pass_time(31)
    assert seen(lost)[-2:] == [("has", "lost", None, "idle"), ("has", "left", None, "idle")]
    assert done(lost)
    assert house.clock.getDelayedCalls() == []


def test_it_ends_in_time_and_can_be_stopped(house: House, pair: tuple[Line, Line]) -> None:
    short, stopped = (house.admin.trace(line.guest, 5) for line in pair)
    stopped.stop()
    stopped.stop()
    house.now += 4.9
    assert (done(short), done(stopped)) == (False, True)
    house.now += 0.1
    assert done(short)
    before = list(short.rows)
    house.do(pair[0], verbs.Typing(None))
    assert short.rows == before


def test_it_is_followed_from_the_start(house: House, pair: tuple[Line, Line]) -> None:
    trace, rows = house.admin.trace(pair[0].guest), Table()
    trace.follow(rows.append)
    house.do(pair[0], verbs.Typing(None))
    assert len(rows) == 2
    assert rows == trace.rows


def test_a_lobby_is_as_before_when_nobody_is_watched(house: House, pair: tuple[Line, Line]) -> None:
    before = set(vars(house.lobby))
    first, second = (house.admin.trace(line.guest) for line in pair)
    assert set(vars(house.lobby)) > before
    first.stop()
    house.do(pair[1], verbs.Typing(None))
    assert seen(second)[-1] == ("asks", "typing", None, "chatting")
    second.stop()
    assert set(vars(house.lobby)) == before


def test_a_failure_of_who_follows_is_logged_and_hurts_no_guest(
    house: House, pair: tuple[Line, Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[LogEvent] = []
    monkeypatch.setattr(Watch, "_log", log_to(logged))
    trace = house.admin.trace(pair[0].guest)

    def fail(row: dict[str, Any]) -> None:
        if len(trace.rows) > 1:
            raise RuntimeError("this must not happen")

    trace.follow(fail)
    house.do(pair[0], verbs.Next())
    assert house.guest(pair[0]).ticket is not None
    assert done(trace)
    assert [formatEvent(event) for event in logged] == ["A trace has failed"]


def test_a_trace_grows_no_further(house: House, pair: tuple[Line, Line]) -> None:
    trace = house.admin.trace(pair[0].guest, 3600)
    while not done(trace):
        house.do(pair[0], verbs.Hello())
    assert len(trace.rows) == MOST_ROWS


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("?",), "there is no guest '?'"),
        (("t", 0), "seconds is a number from 0.1 to 3600"),
        (("t", float("nan")), "seconds is a number from 0.1 to 3600"),
    ],
)
def test_a_mistake_watches_nobody(house: House, arguments: tuple[Any, ...], complaint: str) -> None:
    with pytest.raises(BadCall) as refused:
        house.admin.trace(*arguments)
    assert str(refused.value) == complaint
    assert "do" not in vars(house.lobby)
