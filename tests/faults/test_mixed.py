"""Everything at once, for minutes: the service goes on, forgets it, and nobody else notices."""

import time
from itertools import count
from random import Random

import pytest

from tests.faults.mixed import ATTACKS, attack
from tests.faults.promises import Promises
from tests.faults.watched import Watched, clean
from tests.service import fine

AT_REST = 70.0
"""Seconds after which nothing is remembered of anybody who has gone: a rematch has 60."""


def test_a_few_seconds_of_everything_disturb_nobody(house: Watched, chance: Random) -> None:
    house.answers()
    before = house.descriptors
    with house.talking() as talk:
        assert attack(house.port, 3, chance, count(1_000)) >= len(ATTACKS)
    assert talk.report.disturbed == 0
    assert house.settles(before) <= before


@pytest.mark.soak
def test_ten_minutes_of_everything_leave_nothing(
    house: Watched, promises: Promises, chance: Random
) -> None:
    house.answers()
    before, numbers = house.descriptors, count(1_000)
    with house.talking() as talk:
        attack(house.port, 60, chance, numbers)
        first = house.memory
        made = attack(house.port, 600, chance, numbers)
    left_over = house.settles(before) - before
    time.sleep(AT_REST)
    house.answers()
    drift = 100 * (house.memory - first) / first
    clean(house.log)
    fine(house.log)
    what = "10 minutes of mixed attack"
    promises.at_least(22, f"{what}: attacks", made, 10_000)
    promises.at_most(22, f"{what}: crashes", house.process.popen.poll() is not None, 0)
    promises.at_most(22, f"{what}: tracebacks", house.log.count("Traceback"), 0)
    promises.undisturbed(22, talk.report)
    promises.at_most(22, f"{what}: descriptors left over", left_over, 0)
    promises.under(22, f"{what}: drift of memory", drift, 5, "%")
