"""How much is too much."""

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from roulette.core.limits import TokenBucket
from tests.core.profiles import searching


def test_a_burst_at_once_then_the_rate() -> None:
    bucket = TokenBucket(rate=2.0, burst=3.0)
    assert [bucket.take(10.0) for _ in range(3)] == [0.0] * 3
    assert bucket.take(10.0) == 0.5
    assert bucket.take(10.25) == 0.25
    assert bucket.take(10.5) == 0.0
    assert bucket.take(10.5) == 0.5


def test_a_long_rest_gives_back_the_burst_and_no_more() -> None:
    bucket = TokenBucket(rate=1.0, burst=2.0)
    bucket.take(0.0)
    assert [bucket.take(1000.0) for _ in range(3)] == [0.0, 0.0, 1.0]


def test_a_rate_of_nought_lifts_the_limit() -> None:
    bucket = TokenBucket(rate=0.0, burst=1.0)
    assert {bucket.take(0.0) for _ in range(100)} == {0.0}


@searching(100)
@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    waits=st.lists(st.floats(0, 5), min_size=1, max_size=200),
)
def test_no_more_than_the_burst_and_the_rate_and_waiting_as_told_helps(
    rate: float, burst: int, waits: list[float]
) -> None:
    bucket, now, taken = TokenBucket(rate, float(burst)), 0.0, 0
    for wait in waits:
        now += wait
        retry_after = bucket.take(now)
        taken += not retry_after
        assert 0 <= retry_after <= 1 / rate
        if retry_after:
            now += retry_after + 1e-9
            assert bucket.take(now) == 0.0
            taken += 1
    assert taken <= burst + ceil(now * rate)
