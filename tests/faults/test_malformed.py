"""Whatever comes in, the service goes on, logs no traceback, and nobody else is disturbed."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.faults.attacker import attacker
from tests.faults.malformed import MALFORMED, Malformed
from tests.faults.promises import Promises
from tests.faults.watched import Watched
from tests.service import fine


@pytest.mark.parametrize("number", [300, pytest.param(10_000, marks=pytest.mark.soak)])
def test_malformed_input_harms_nobody(
    house: Watched, promises: Promises, request: pytest.FixtureRequest, number: int
) -> None:
    chance: int = request.getfixturevalue("seed")
    clients = count(1_000)

    @seed(chance)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(MALFORMED)
    def attack(malformed: Malformed) -> None:
        before = len(house.log)
        with attacker(house.port, next(clients), upgrade=False) as attacking:
            if malformed.upgrade:
                attacking.upgrade(malformed.upgrade)
            attacking.send(malformed.data)
            if malformed.reset:
                attacking.reset()
        house.answers()
        fine(house.log[before:])

    with house.talking() as talk:
        attack()
    promises.at_least(6, "malformed inputs", next(clients) - 1_000, number)
    promises.at_most(6, "crashes", house.process.popen.poll() is not None, 0)
    promises.at_most(6, "tracebacks", house.log.count("Traceback"), 0)
    promises.undisturbed(6, talk.report)
