"""What falls due, and when."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from roulette.core.deadlines import Deadlines, Renewals
from tests.core.profiles import searching


def test_nothing_is_due_where_nothing_was_added() -> None:
    deadlines: Deadlines[str] = Deadlines()
    assert deadlines.next == inf
    assert list(deadlines.due(1e9)) == []
    assert len(deadlines) == 0


def test_an_item_is_due_at_its_time_and_once() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.add(1.0, 5.0, "a")
    assert deadlines.next == 6.0
    assert list(deadlines.due(5.999)) == []
    assert list(deadlines.due(6.0)) == ["a"]
    assert list(deadlines.due(6.0)) == []


def test_what_is_added_while_others_are_taken_waits_for_its_own_time() -> None:
    deadlines: Deadlines[int] = Deadlines()
    deadlines.add(0.0, 5.0, 0)
    taken = []
    for item in deadlines.due(5.0):
        taken.append(item)
        deadlines.add(5.0, 5.0, item + 1)
    assert taken == [0]
    assert deadlines.next == 10.0


@searching(100)
@given(
    st.lists(st.tuples(st.floats(0, 3), st.sampled_from([0.05, 5.0, 10.0, 20.0])), max_size=60),
    st.lists(st.floats(0, 8), max_size=20),
)
def test_it_is_as_if_all_were_in_one_sorted_list(
    added: list[tuple[float, float]], looks: list[float]
) -> None:
    deadlines: Deadlines[int] = Deadlines()
    now, due = 0.0, {}
    for number, (wait, delay) in enumerate(added):
        now += wait
        deadlines.add(now, delay, number)
        due[number] = now + delay
    for wait in looks:
        now += wait
        assert deadlines.next == min(due.values(), default=inf)
        taken = list(deadlines.due(now))
        assert sorted(taken) == sorted(number for number, at in due.items() if at <= now)
        for number in taken:
            del due[number]
        assert len(deadlines) == len(due)


@searching(100)
@given(
    st.lists(st.tuples(st.floats(0, 3), st.integers(0, 3)), max_size=60),
    st.lists(st.floats(0, 4), max_size=20),
)
def test_an_item_that_is_renewed_has_one_deadline_the_last(
    renewed: list[tuple[float, int]], looks: list[float]
) -> None:
    renewals: Renewals[int] = Renewals(5.0)
    now, due = 0.0, dict[int, float]()
    for wait, item in renewed:
        now += wait
        renewals.renew(now, item)
        due.pop(item, None)
        due[item] = now + 5.0
        assert len(renewals) == len(due)
    for wait in looks:
        assert renewals.next <= min(due.values(), default=inf)
        now += wait
        assert list(renewals.due(now)) == [item for item, at in due.items() if at <= now]
        due = {item: at for item, at in due.items() if at > now}
        assert renewals.next > now
        assert len(renewals) == len(due)
