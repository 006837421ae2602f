"""What may take only so long."""

from contextlib import suppress
from functools import partial

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from roulette.web.timeouts import Timeouts, Timers

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 9)),
        st.tuples(st.just("take"), st.integers(0, 9)),
        st.tuples(st.just("advance"), st.integers(1, 30)),
    )
)


@given(STEPS)
def test_each_item_is_late_when_its_time_is_over_and_not_before(
    steps: list[tuple[str, int]],
) -> None:
    clock, late = Clock(), list[int]()
    timeouts = Timeouts[int](clock, 10.0, late.append)
    due: dict[int, float] = {}
    for doing, what in steps:
        match doing:
            case "add":
                if what not in due:
                    due[what] = clock.seconds() + 10
                    timeouts.add(what)
            case "take":
                left = timeouts.take(what)
                assert left == (due.pop(what) - clock.seconds() if what in due else None)
            case "advance":
                clock.pump([1.0] * what)
                over = [item for item in due if due[item] <= clock.seconds()]
                assert late == over
                late.clear()
                for item in over:
                    del due[item]
        assert len(clock.getDelayedCalls()) <= 1


def test_there_is_no_timer_when_there_is_nothing_to_wait_for() -> None:
    clock, late = Clock(), list[str]()
    timeouts = Timeouts[str](clock, 10.0, late.append)
    timeouts.add("one")
    clock.advance(10)
    assert late == ["one"]
    assert not clock.getDelayedCalls()


def test_one_that_fails_holds_up_no_other() -> None:
    clock, late = Clock(), list[str]()

    def fail_first(item: str) -> None:
        late.append(item)
        if item == "one":
            raise RuntimeError("this must not happen")

    timeouts = Timeouts[str](clock, 10.0, fail_first)
    timeouts.add("one")
    timeouts.add("two")
    with suppress(RuntimeError):
        clock.advance(10)
    clock.advance(0.1)
    assert late == ["one", "two"]


def test_what_is_taken_as_another_is_late_is_not_late() -> None:
    clock, late = Clock(), list[str]()

    def take_the_other(item: str) -> None:
        late.append(item)
        assert timeouts.take("two") == 0

    timeouts = Timeouts[str](clock, 10.0, take_the_other)
    timeouts.add("one")
    timeouts.add("two")
    clock.advance(20)
    assert late == ["one"]


@given(st.lists(st.tuples(st.sampled_from([5.0, 20.0]), st.integers(0, 30)), max_size=8))
def test_calls_come_after_their_delay_unless_they_are_cancelled(
    calls: list[tuple[float, int]],
) -> None:
    clock, called = Clock(), list[tuple[int, float]]()
    timers = Timers(clock)

    def note(number: int) -> None:
        called.append((number, clock.seconds()))

    handles = [
        timers.call_later(delay, partial(note, number)) for number, (delay, _) in enumerate(calls)
    ]
    for second in range(31):
        for number, (_, cancelled) in enumerate(calls):
            if cancelled == second:
                handles[number].cancel()
        clock.advance(1)
    expected = [(number, delay) for number, (delay, until) in enumerate(calls) if until >= delay]
    assert sorted(called) == expected
    assert not clock.getDelayedCalls()


@given(st.lists(st.integers(1, 30), min_size=2, max_size=5))
def test_who_waits_again_when_the_time_is_over_delays_no_other(gaps: list[int]) -> None:
    """So it is with pings: each is followed by a wait for its answer."""
    clock, called = Clock(), list[tuple[int, float]]()
    timers = Timers(clock)

    def again(number: int) -> None:
        called.append((number, clock.seconds()))
        timers.call_later(20, partial(again, number))

    expected = []
    for number, gap in enumerate(gaps):
        clock.pump([1.0] * gap)
        expected += [(number, clock.seconds() + 20 * times) for times in range(1, 4)]
        timers.call_later(20, partial(again, number))
    clock.pump([1.0] * 60)
    for number, at in expected:
        assert (number, at) in called


def test_a_call_that_is_over_can_be_cancelled() -> None:
    clock, called = Clock(), list[str]()
    call = Timers(clock).call_later(5, lambda: called.append("rung"))
    clock.advance(5)
    call.cancel()
    clock.advance(5)
    assert called == ["rung"]
