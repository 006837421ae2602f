"""Messages by the thousand: none is lost, doubled, reordered, or brought to somebody else."""

import pytest

from tests.faults.promises import Promises
from tests.faults.watched import Watched

# Every guest is under its limits: 4 messages a second, and 20 at once.


@pytest.mark.parametrize(
    ("messages", "pairs", "rate"),
    [
        pytest.param(20_000, 500, 4.0, id="20,000"),
        pytest.param(1_000_000, 500, 4.0, id="1,000,000", marks=pytest.mark.soak),
    ],
)
def test_every_message_arrives_once_in_order_where_it_belongs(
    house: Watched, promises: Promises, messages: int, pairs: int, rate: float
) -> None:
    with house.talking(pairs=pairs, rate=rate, messages=messages) as talk:
        pass
    report = talk.report
    promises.at_least(5, "messages relayed", report.heard, messages)
    promises.at_most(5, "lost", report.lost, 0)
    promises.at_most(5, "doubled", report.doubled, 0)
    promises.at_most(5, "out of order", report.reordered, 0)
    promises.at_most(5, "brought to a third party", report.foreign, 0)
    assert report.ended == 0


@pytest.mark.soak
def test_two_thousand_pairs_talk_without_delay(house: Watched, promises: Promises) -> None:
    with house.talking(pairs=2_000, rate=0.5, messages=120_000) as talk:
        pass
    promises.under(4, "2,000 pairs × 1 message/s: p99", talk.report.p99, 50, "ms")
    promises.at_most(4, "disturbed", talk.report.disturbed, 0)
