"""What was, for who opens the dashboard later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.testing import MemoryReactorClock

from roulette.core import verbs
from roulette.ops.history import COLUMNS, EVERY, ROWS, WINDOW, History, quantile
from tests.core.world import World, couple
from tests.ops.test_metrics import house

EPOCH = 1_000_000.0


@pytest.fixture
def core() -> World:
    return World()


@pytest.fixture
def reactor() -> MemoryReactorClock:
    return MemoryReactorClock()


@pytest.fixture
def history(core: World, reactor: MemoryReactorClock) -> History:
    made = History(house(core), reactor, EPOCH)
    made.startService()
    reactor.run()
    return made


def last(history: History) -> dict[str, float | None]:
    return dict(zip(COLUMNS, history.rows[-1], strict=True))


def test_a_row_says_what_is(core: World, reactor: MemoryReactorClock, history: History) -> None:
    one, _, chat = couple(core)
    core.do(core.arrive("third"), verbs.Start())
    for number in range(5):
        core.do(one, verbs.Message(chat, str(number), "hello"))
    history._house.lag.observe(0.5)
    reactor.advance(EVERY)
    row = last(history)
    assert row["at"] == EPOCH + EVERY
    assert (row["guests"], row["pairs"], row["waiting"], row["messages"]) == (3, 1, 1, 2.5)
    assert row["wait_p50"] is not None
    assert 0.001 < (row["lag_p99"] or 0) <= 1
    assert (row["memory"] or 0) > 1_000_000
    assert row["descriptors"] == 7


def test_what_was_observed_counts_for_a_minute(
    core: World, reactor: MemoryReactorClock, history: History
) -> None:
    couple(core)
    for _ in range(WINDOW):
        reactor.advance(EVERY)
        assert last(history)["wait_p50"] is not None
    reactor.advance(EVERY)
    assert last(history)["wait_p50"] is None
    assert last(history)["messages"] == 0


def test_an_hour_is_kept_and_told_from_when_it_is_asked_for(
    reactor: MemoryReactorClock, history: History
) -> None:
    for _ in range(ROWS + 5):
        reactor.advance(EVERY)
    assert len(history.since(0)) == ROWS
    latest = EPOCH + (ROWS + 5) * EVERY
    assert [row[0] for row in history.since(latest - 2 * EVERY)] == [latest - EVERY, latest]
    assert history.since(latest) == []


def test_nothing_is_written_before_and_after(core: World, reactor: MemoryReactorClock) -> None:
    made = History(house(core), reactor, EPOCH)
    made.startService()
    made.stopService()
    reactor.run()
    assert not reactor.getDelayedCalls()
    assert not made.rows


@pytest.mark.parametrize(
    ("part", "counts", "value"),
    [
        (0.5, [0, 0, 0], None),
        (0.5, [10, 0, 0], 0.5),
        (0.5, [10, 10, 0], 1.0),
        (0.75, [10, 10, 0], 1.5),
        (0.5, [0, 10, 0], 1.5),
        (0.99, [1, 1, 98], 2.0),
        (1.0, [1, 0, 0], 1.0),
    ],
)
def test_a_quantile_is_that_of_promql(part: float, counts: list[int], value: float | None) -> None:
    assert quantile(part, (1, 2), counts) == value


@given(st.lists(st.integers(0, 5), min_size=4, max_size=4), st.floats(0, 1))
def test_quantiles_grow_and_stay_within_the_bounds(counts: list[int], part: float) -> None:
    value = quantile(part, (1, 2, 4), counts)
    assert (value is None) is (sum(counts) == 0)
    if value is not None:
        assert 0 <= value <= 4
        higher = quantile(1.0, (1, 2, 4), counts)
        assert higher is not None
        assert value <= higher
