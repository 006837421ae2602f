"""Who meets whom, and when."""

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from math import exp, inf, lgamma, log
from operator import mul
from random import Random

import pytest

from roulette.core import events, verbs
from roulette.core.events import Stage
from roulette.core.pool import Match, Pool, SameAddress
from roulette.core.ticket import Ticket, Wishes
from tests.core.world import Line, World

CHI_SQUARE_189 = 254.818
CHI_SQUARE_9 = 27.877
"""The 0.999 quantiles of the χ² distribution with 189 and 9 degrees of freedom.

Where P(k/2, x/2) = 0.999, P being the regularised incomplete gamma function (NIST DLMF,
section 8.2). NIST/SEMATECH, e-Handbook of Statistical Methods, table 1.3.6.7.4, has 27.877 too.
"""


def wishes(topics: str = "", languages: str = "", only: bool = False) -> Wishes:
    return Wishes.of(topics.split(), languages.split(), only)


def ticket(
    guest: str,
    wished: Wishes | None = None,
    *,
    now: float = 0.0,
    address: str | None = None,
    met: dict[str, float] | None = None,
    blocked: Iterable[str] = (),
    credit: float = 0.0,
    parked: bool = False,
) -> Ticket:
    return Ticket(
        guest,
        guest if address is None else address,
        wished or Wishes(),
        met or {},
        dict.fromkeys(blocked),
        entered=now,
        since=now - credit,
        parked=parked,
    )


def a_pool(same_address: SameAddress = SameAddress.ALLOW) -> Pool:
    return Pool(Random(7), same_address)


def pair(match: Match | None) -> set[str]:
    return set() if match is None else {match.one.guest, match.other.guest}


def pass_time(pool: Pool, end: float) -> list[tuple[float, set[str] | Stage]]:
    """Tick on time until ``end``; return when who met, or what a stage became."""
    found: list[tuple[float, set[str] | Stage]] = []
    while (at := pool.deadlines.next) <= end:
        for result in pool.tick(at):
            found.append((at, pair(result) if isinstance(result, Match) else result.stage))
    return found


def meetings(pool: Pool, end: float) -> list[tuple[float, set[str]]]:
    return [(at, what) for at, what in pass_time(pool, end) if isinstance(what, set)]


# Stages.


def test_two_without_wishes_meet_at_once() -> None:
    pool = a_pool()
    assert pool.enter(ticket("a"), 0.0) is None
    assert pair(pool.enter(ticket("b"), 0.0)) == {"a", "b"}
    assert len(pool) == 0


@pytest.mark.parametrize(
    ("wished", "stages"),
    [
        (wishes("tea", "pl"), [(5.0, Stage.LANGUAGES), (10.0, Stage.ANYONE)]),
        (wishes("tea"), [(5.0, Stage.ANYONE)]),
        (wishes("", "pl"), [(5.0, Stage.ANYONE)]),
        (wishes(), []),
        (wishes("tea", "pl", only=True), []),
        (wishes("", "pl", only=True), []),
    ],
)
def test_what_is_insisted_on_shrinks_with_time_but_with_only_never(
    wished: Wishes, stages: list[tuple[float, Stage]]
) -> None:
    pool = a_pool()
    pool.enter(ticket("a", wished), 0.0)
    assert pass_time(pool, 1000.0) == stages
    assert pool.deadlines.next == inf


@pytest.mark.parametrize(
    ("one", "other", "at"),
    [
        (wishes("tea"), wishes("tea"), 0.0),
        (wishes("tea"), wishes("coffee"), 5.0),
        (wishes("tea", "pl"), wishes("coffee", "pl"), 5.0),
        (wishes("tea", "pl"), wishes("tea", "de"), 10.0),
        (wishes("", "pl"), wishes("", "pl de"), 0.0),
        (wishes("", "pl"), wishes("", "de"), 5.0),
        (wishes("", "pl"), wishes(), 0.0),
        (wishes("", "pt-BR"), wishes("", "pt_PT"), 0.0),
        (wishes("tea"), wishes(), 5.0),
        (wishes("tea", only=True), wishes("tea"), 0.0),
        (wishes("tea", only=True), wishes(), None),
        (wishes("tea", "pl", only=True), wishes("tea", "de"), None),
        (wishes("tea", "pl", only=True), wishes("tea"), 0.0),
        (wishes("", "pl", only=True), wishes("", "de", only=True), None),
        (wishes("", "pl", only=True), wishes("tea"), 5.0),
        (wishes("Straße чай"), wishes("STRASSE"), 0.0),
        (wishes("ＡＮＩＭＥ"), wishes("Anime"), 0.0),
        (wishes("قهوة"), wishes("قهوة чай"), 0.0),
        (wishes("猫"), wishes("犬"), 5.0),
    ],
)
def test_two_meet_as_soon_as_both_accept(one: Wishes, other: Wishes, at: float | None) -> None:
    for first, second in ((one, other), (other, one)):
        pool = a_pool()
        pool.enter(ticket("a", first), 0.0)
        match = pool.enter(ticket("b", second), 0.0)
        met = [0.0] if match else [time for time, _ in meetings(pool, 1000.0)]
        assert met == ([] if at is None else [at])


def test_a_timer_that_is_very_late_costs_nobody_the_meeting() -> None:
    # All deadlines come at once, and which of the two kinds comes first depends on who was.
    for first in (wishes("tea", "pl"), wishes()):
        pool = a_pool()
        pool.enter(ticket("z", first), 0.0)
        pool.enter(ticket("a", wishes("tea", "pl"), blocked="z"), 0.0)
        for number in range(20):
            lone = wishes(f"t{number}", "pl", only=True)
            pool.enter(ticket(f"x{number}", lone, blocked=["a", "b", "z"]), 0.0)
        pool.enter(ticket("b", wishes("coffee", "de"), blocked="z"), 0.0)
        found = list(pool.tick(100.0))
        assert {"a", "b"} in [pair(match) for match in found if isinstance(match, Match)]


# Hard rules.


def test_nobody_meets_a_guest_that_either_has_blocked() -> None:
    for blocked in ({"a": "b"}, {"b": "a"}):
        pool = a_pool()
        pool.enter(ticket("a", blocked=blocked.get("a", "")), 0.0)
        assert pool.enter(ticket("b", blocked=blocked.get("b", "")), 0.0) is None
        assert meetings(pool, 1000.0) == []


def test_nobody_meets_themselves() -> None:
    pool = a_pool()
    pool.enter(ticket("a"), 0.0)
    assert meetings(pool, 1000.0) == []
    assert pool.change(next(iter(pool)), wishes("tea"), 1000.0) is None


def test_a_parked_guest_meets_nobody_until_unparked() -> None:
    pool = a_pool()
    parked = ticket("a", wishes("tea"), parked=True)
    pool.enter(parked, 0.0)
    assert pool.enter(ticket("b", wishes("tea")), 0.0) is None
    assert meetings(pool, 1000.0) == []
    assert pool.change(parked, wishes("tea jazz"), 1000.0) is None
    assert pair(pool.unpark(parked, 1000.0)) == {"a", "b"}


# Soft rules.


@pytest.mark.parametrize(
    ("ago", "at"), [(0.0, 20.0), (270.0, 20.0), (299.9, 20.0), (300.0, 0.0), (1000.0, 0.0)]
)
def test_a_recent_partner_is_met_again_after_twenty_seconds(ago: float, at: float) -> None:
    for first, second in (("a", "b"), ("b", "a")):
        pool = a_pool()
        met = {"a": {"b": 1000.0 - ago}}
        pool.enter(ticket(first, now=1000.0, met=met.get(first)), 1000.0)
        match = pool.enter(ticket(second, now=1000.0, met=met.get(second)), 1000.0)
        assert [0.0] * bool(match) or [t - 1000.0 for t, _ in meetings(pool, 2000.0)] == [at]


def test_one_who_has_waited_twenty_seconds_meets_a_recent_partner_at_once() -> None:
    pool = a_pool()
    pool.enter(ticket("a"), 0.0)
    meetings(pool, 30.0)
    assert pair(pool.enter(ticket("b", now=30.0, met={"a": 29.0}), 30.0)) == {"a", "b"}


@pytest.mark.parametrize("before", [1, 40])
def test_nobody_is_met_again_while_somebody_else_waits(before: int) -> None:
    pool = a_pool()
    met = {f"old{number}": 29.0 for number in range(before)}
    for number, old in enumerate(met):
        others = [other for other in met if other != old]
        pool.enter(ticket(old, now=number * 0.01, blocked=others), number * 0.01)
    fresh = ticket("fresh", now=0.5, blocked=list(met))
    pool.enter(fresh, 0.5)
    meetings(pool, 30.0)
    assert pair(pool.enter(ticket("me", now=30.0, met=met), 30.0)) == {"me", "fresh"}


@pytest.mark.parametrize(
    ("rule", "at"),
    [(SameAddress.ALLOW, 0.0), (SameAddress.DELAY, 20.0), (SameAddress.DENY, None)],
)
def test_two_from_one_address(rule: SameAddress, at: float | None) -> None:
    pool = a_pool(rule)
    pool.enter(ticket("a", address="home"), 0.0)
    match = pool.enter(ticket("b", address="home"), 0.0)
    met = [0.0] if match else [time for time, _ in meetings(pool, 1000.0)]
    assert met == ([] if at is None else [at])


# Who of several.


def test_a_rare_topic_counts_for_more_than_common_ones() -> None:
    pool = a_pool()
    for number in range(4):
        pool.enter(ticket(f"c{number}", wishes("music films", only=True), blocked=CROWD), 0.0)
    pool.enter(ticket("rare", wishes("lichens", only=True)), 1.0)
    assert pair(pool.enter(ticket("me", wishes("music films lichens"), now=1.0), 1.0)) == {
        "me",
        "rare",
    }


CROWD = [f"c{number}" for number in range(40)]
"""Guests that block each other wait side by side."""


def test_of_those_alike_the_one_who_waits_longest_is_liked_best() -> None:
    pool = a_pool()
    for number in (1, 0, 2):
        pool.enter(ticket(f"c{number}", wishes("tea"), now=number / 10, blocked=CROWD), 0.2)
    assert pair(pool.enter(ticket("me", wishes("tea"), now=0.2), 0.2)) == {"me", "c0"}


@pytest.mark.parametrize("credit", [0.0, 1.0])
def test_after_two_seconds_the_oldest_is_served(credit: float) -> None:
    for seed in range(20):
        pool = Pool(Random(seed))
        for number in range(10):
            pool.enter(ticket(f"c{number}", now=number / 100, blocked=CROWD), number / 100)
        late = ticket("c20", now=0.5, blocked=CROWD, credit=credit)
        pool.enter(late, 0.5)
        oldest = "c20" if credit else "c0"
        assert pair(pool.enter(ticket("me", now=2.01), 2.01)) == {"me", oldest}


def test_until_then_the_draw_is_uniform_among_all() -> None:
    rng, met = Random(2024), Counter[str]()
    for _ in range(10_000):
        pool = Pool(rng)
        for number in range(10):
            pool.enter(ticket(f"c{number}", blocked=CROWD), 0.0)
        met.update(pair(pool.enter(ticket("me", now=2.0), 2.0)) - {"me"})
    expected = 1000
    assert len(met) == 10
    assert sum((times - expected) ** 2 / expected for times in met.values()) < CHI_SQUARE_9


def test_the_draw_among_twenty_guests_who_skip_is_uniform() -> None:
    # Two couples part in one second: the second to skip draws one of the first.
    rng, world = Random(1), World()
    roams = verbs.Hello(lasting=False, roams=True)
    lines = {line.guest: line for line in (world.arrive(f"{n}", roams) for n in range(20))}
    for line in lines.values():
        world.do(line, verbs.Start())
    met, last = Counter[frozenset[str]](), dict.fromkeys(lines, "")
    while met.total() < 10_000:
        world.pass_time(301)
        note_meetings(world, lines, None, last)
        skipper = rng.choice(list(lines.values()))
        world.do(skipper, verbs.Next())
        world.pass_time(0.5)
        chatting = [line for line in lines.values() if world.guest(line).leg is not None]
        assert len(chatting) == 18, "the two who parted met again at once"
        world.do(rng.choice(chatting), verbs.Next())
        note_meetings(world, lines, met, last)
    assert len(met) == 190
    expected = met.total() / 190
    chi_square = sum((times - expected) ** 2 / expected for times in met.values())
    assert chi_square < CHI_SQUARE_189


def note_meetings(
    world: World,
    lines: dict[str, Line],
    met: Counter[frozenset[str]] | None,
    last: dict[str, str],
) -> None:
    """Count the couples that are new; nobody is their own, or meets the same one again."""
    for guest, line in lines.items():
        leg = world.guest(line).leg
        assert leg is not None, "somebody was left alone though all accept all"
        partner = leg.partner.guest
        assert partner != guest
        if any(isinstance(event, events.Connected) for event in line.take()) and met is not None:
            assert partner != last[guest], "met twice in a row"
            if guest < partner:
                met[frozenset((guest, partner))] += 1
        last[guest] = partner


# The place in the queue.


def test_who_changes_wishes_keeps_the_place() -> None:
    pool = a_pool()
    changing = ticket("c0", wishes("tea"), blocked=CROWD)
    pool.enter(changing, 0.0)
    for number in range(1, 30):
        pool.enter(ticket(f"c{number}", now=1.0, blocked=CROWD), 1.0)
    pool.change(changing, wishes(), 2.0)
    assert changing.entered == changing.since == 0.0
    assert pair(pool.enter(ticket("me", now=2.5), 2.5)) == {"me", "c0"}


def test_who_was_parked_comes_back_to_the_old_place() -> None:
    pool = a_pool()
    parked = ticket("c0", blocked=CROWD)
    pool.enter(parked, 0.0)
    pool.park(parked)
    for number in range(1, 30):
        pool.enter(ticket(f"c{number}", now=1.0, blocked=CROWD), 1.0)
    pool.unpark(parked, 3.0)
    assert pair(pool.enter(ticket("me", now=3.0), 3.0)) == {"me", "c0"}


def test_who_insists_on_less_does_not_queue_behind_those_who_came_later() -> None:
    pool = a_pool()
    pool.enter(ticket("c0", wishes("tea"), blocked=CROWD), 0.0)
    for number in range(1, 30):
        pool.enter(ticket(f"c{number}", now=1.0, blocked=CROWD), 1.0)
    meetings(pool, 5.0)
    assert pair(pool.enter(ticket("me", now=5.0), 5.0)) == {"me", "c0"}


def test_the_same_wishes_again_change_nothing() -> None:
    pool = a_pool()
    same = ticket("a", wishes("tea"))
    pool.enter(same, 0.0)
    meetings(pool, 4.0)
    assert pool.change(same, wishes("tea"), 4.0) is None
    assert pass_time(pool, 100.0) == [(5.0, Stage.ANYONE)]


# Looking at the oldest few only.


def test_beyond_the_oldest_few_it_takes_twenty_seconds() -> None:
    pool = a_pool()
    for number in range(20):
        pool.enter(ticket(f"c{number}", blocked=["me", *CROWD]), 0.0)
    pool.enter(ticket("friend", now=1.0, blocked=CROWD), 1.0)
    assert pool.enter(ticket("me", now=2.0), 2.0) is None
    assert meetings(pool, 1000.0) == [(21.0, {"friend", "me"})]
    assert pool.rescues == 1


# The estimate.


def test_the_estimate_is_the_median_of_recent_waits() -> None:
    pool, now = a_pool(), 0.0
    for wait in (1.0, 50.0, 3.0):
        assert pool.estimate(now) is None
        pool.enter(ticket("a", now=now), now)
        now += wait
        pool.enter(ticket("b", now=now), now)
    assert pool.estimate(now) == 3.0
    # Ten minutes after the first there are not enough.
    assert pool.estimate(1.0 + 599.9) == 3.0
    assert pool.estimate(1.0 + 600.0) is None


# Nothing is left behind.


def test_when_all_have_left_every_index_is_empty() -> None:
    pool = a_pool()
    tickets = [
        ticket(f"c{n}", wishes("tea coffee", "pl de"), blocked=CROWD, parked=n % 3 == 0)
        for n in range(10)
    ]
    for each in tickets:
        pool.enter(each, 0.0)
    pass_time(pool, 7.0)
    pool.park(tickets[1])
    pool.unpark(tickets[0], 7.0)
    pool.change(tickets[2], wishes("чай"), 7.0)
    for each in tickets:
        pool.leave(each)
    assert len(pool) == 0
    assert list(pool) == []
    assert pool._files == {}
    assert pass_time(pool, 100.0) == []
    assert len(pool.deadlines) == 0


def test_those_who_met_share_what_both_like() -> None:
    one = ticket("a", wishes("Tea Чай jazz", "pl-PL en"))
    other = ticket("b", wishes("чай TEA", "en de"))
    assert one.common(other) == (("Tea", "Чай"), ("en",))
    assert other.common(one) == (("чай", "TEA"), ("en",))


def test_the_quantiles_are_what_they_are_said_to_be() -> None:
    for freedom, quantile in ((189, CHI_SQUARE_189), (9, CHI_SQUARE_9)):
        a, x = freedom / 2, quantile / 2
        # The series of DLMF 8.11.4, by way of the gamma function's recurrence.
        ratios = (x / (a + n) for n in range(1, 1000))
        terms = accumulate(ratios, mul, initial=1 / a)
        assert exp(a * log(x) - x - lgamma(a)) * sum(terms) == pytest.approx(0.999, abs=1e-6)
