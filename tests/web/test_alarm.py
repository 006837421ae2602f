from itertools import pairwise
from math import inf

import pytest
from twisted.internet.task import Clock

from roulette.web.alarm import REST, Alarm


class Due:
    """Times at which something is due, and those at which it was done."""

    def __init__(self, *times: float) -> None:
        self.clock = Clock()
        self.times = list(times)
        self.rung: list[float] = []
        self.alarm = Alarm(self.clock, lambda: min(self.times, default=inf), self.ring)

    def ring(self) -> None:
        now = self.clock.seconds()
        self.rung.append(now)
        self.times = [time for time in self.times if time > now]


def test_it_rings_at_every_time_that_is_due() -> None:
    due = Due(1.0, 2.0, 5.0)
    due.alarm.set()
    due.clock.pump([0.5] * 12)
    assert due.rung == [1.0, 2.0, 5.0]
    assert due.clock.getDelayedCalls() == []


def test_an_earlier_time_moves_it_and_a_later_one_does_not() -> None:
    due = Due(3.0)
    due.alarm.set()
    due.times = [1.0, 4.0]
    due.alarm.set()
    due.times = [4.0]
    due.alarm.set()
    assert len(due.clock.getDelayedCalls()) == 1
    due.clock.advance(1.0)
    assert due.rung == [1.0]
    due.clock.advance(3.0)
    assert due.rung == [1.0, 4.0]


def test_what_is_overdue_rings_at_once() -> None:
    due = Due(1.0)
    due.clock.advance(2.0)
    due.alarm.set()
    due.clock.advance(0)
    assert due.rung == [2.0]


def test_what_falls_due_just_after_a_ring_is_done_in_one_go() -> None:
    due = Due(*(1.0 + number / 1000 for number in range(50)))
    due.alarm.set()
    due.clock.pump([1.0] + [0.0005] * 120)
    assert due.times == []
    # The clock stops within half a millisecond of when it is to ring.
    assert all(REST <= later - ring + 1e-9 < REST + 0.001 for ring, later in pairwise(due.rung))


def test_after_a_rest_it_is_on_time_again() -> None:
    due = Due(1.0, 1.001, 2.0)
    due.alarm.set()
    due.clock.pump([1.0, REST, 0.995])
    assert due.rung == pytest.approx([1.0, 1.0 + REST, 2.0])


def test_stopped_it_is_silent_until_it_is_set_again() -> None:
    due = Due(1.0)
    due.alarm.set()
    due.alarm.stop()
    due.alarm.stop()
    due.clock.advance(2.0)
    assert due.rung == []
    due.alarm.set()
    due.clock.advance(0)
    assert due.rung == [2.0]


def test_it_goes_on_after_an_error() -> None:
    due = Due(1.0, 2.0)

    def broken() -> None:
        due.ring()
        raise RuntimeError("ours")

    due.alarm = Alarm(due.clock, lambda: min(due.times, default=inf), broken)
    due.alarm.set()
    for _ in range(2):
        with pytest.raises(RuntimeError):
            due.clock.advance(1.0)
    assert due.rung == [1.0, 2.0]
