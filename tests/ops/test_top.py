import json
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from roulette.core import verbs
from roulette.ops.admin import BadCall
from roulette.ops.table import Table, Tables
from tests.core.world import Line
from tests.ops.house import House


def top(house: House, *args: Any) -> "Deferred[Tables]":
    return Deferred.fromCoroutine(house.admin.top(*args))


def looked(house: House, looking: "Deferred[Tables]") -> Tables:
    """Return what was seen, a second later."""
    seen: list[Tables] = []
    assert not looking.called
    house.now += 1
    looking.addCallback(seen.append)
    return seen[0]


def say(house: House, line: Line, times: int) -> None:
    for number in range(times):
        house.do(line, verbs.Message(None, f"{house.now} {number}", "unspeakable"))


def test_who_is_busy_now_comes_before_who_was(house: House) -> None:
    was, _, now, _ = (house.come(topic) for topic in ("tea", "tea", "chess", "chess"))
    house.now += 10
    say(house, was, 40)
    looking = top(house)
    say(house, now, 5)
    result = looked(house, looking)
    first, second, *_ = result["busiest"]
    assert {first["guest"], second["guest"]} == {
        now.guest,
        house.guest(now).its_leg().partner.guest,
    }
    assert (first["lately"], first["messages"], first["rate"]) == (5.0, 5, round(5 / 11, 2))
    third = result["busiest"][2]
    assert (third["lately"], third["messages"], third["chats"], third["age"]) == (0.0, 40, 1, 11.0)
    assert json.loads(json.dumps(result)) == result
    assert "unspeakable" not in repr(result)


def test_messages_count_from_chat_to_chat(house: House) -> None:
    line, other = house.come(), house.come()
    say(house, line, 3)
    say(house, other, 2)
    house.do(line, verbs.Next())
    house.come()
    say(house, line, 1)
    result = looked(house, top(house, 1))
    (row,) = result["busiest"]
    assert (row["guest"], row["messages"], row["chats"]) == (line.guest, 6, 2)


def test_for_whom_most_waits_comes_first_and_who_keeps_up_not_at_all(house: House) -> None:
    lines = [house.come(str(number)) for number in range(5)]
    house.lags = {lines[1]: (10, 0.0), lines[2]: (70_000, 1.25), lines[3]: (0, 19.04)}
    result = looked(house, top(house, 2))
    assert [(row["guest"], row["unread"], row["unanswered"]) for row in result["slowest"]] == [
        (lines[2].guest, 70_000, 1.2),
        (lines[1].guest, 10, 0.0),
    ]
    shown = repr(result).splitlines()
    assert (shown[0], shown[4], shown[5]) == ("busiest:", "(2)", "")
    assert shown[6] == "slowest:"


@pytest.mark.parametrize("arguments", [(0,), ("10",), (True,), (10, 0), (10, 61), (10, None)])
def test_a_look_has_bounds(house: House, arguments: tuple[Any, ...]) -> None:
    looking = top(house, *arguments)
    refused: list[Failure] = []
    looking.addErrback(refused.append)
    assert refused[0].check(BadCall)
    assert "is a number from" in refused[0].getErrorMessage()


def test_an_empty_house_has_nobody_on_top(house: House) -> None:
    assert looked(house, top(house)) == {"busiest": Table(), "slowest": Table()}
