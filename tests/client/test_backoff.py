from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from roulette.client import Backoff


@given(st.randoms(use_true_random=True), st.integers(0, 2000))
def test_the_ceiling_doubles_up_to_the_cap(random: Random, attempts: int) -> None:
    backoff = Backoff(random, first=1.0, busy=5.0, cap=30.0)
    for attempt in range(attempts):
        assert 0.0 <= backoff.delay() <= min(30.0, 2.0 ** min(attempt, 5))
    backoff.reset()
    assert backoff.delay() <= 1.0


def test_jitter_is_full_and_a_busy_server_is_given_more_time() -> None:
    waits = [Backoff(Random(seed)).delay() for seed in range(200)]
    assert min(waits) < 0.05
    assert max(waits) > 0.95
    waits = [Backoff(Random(seed)).delay(busy=True) for seed in range(200)]
    assert max(waits) > 4.75


def test_after_a_restart_the_returns_are_spread() -> None:
    """Of 2,000 clients that are told 1012 at once, no tenth of a second brings 4 % back."""
    waits = [Backoff(Random(seed)).delay(busy=True) for seed in range(2000)]
    tenths = Counter(int(wait * 10) for wait in waits)
    assert len(tenths) == 50
    assert max(tenths.values()) < 80
