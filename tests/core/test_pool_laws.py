"""The laws of the pool, searched for a way to break them; the indexes against a plain look.

With no more guests than a file is looked at, a look by way of the indexes must find somebody
exactly if a look at everybody does.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, count
from random import Random

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from roulette.core.pool import CANDIDATES, PATIENCE, Match, Pool, SameAddress
from roulette.core.ticket import RECENT, Ticket, Wishes
from tests.core.profiles import searching
from tests.core.world import insists

WISHES = st.builds(
    lambda topics, languages, only: Wishes.of(sorted(topics), sorted(languages), only),
    st.sets(st.sampled_from(["tea", "чай", "jazz"]), max_size=3),
    st.sets(st.sampled_from(["pl", "de", "ar"]), max_size=2),
    st.sampled_from([False, False, False, True]),
)
WHICH = st.integers(0, 100)


class PoolLaws(RuleBasedStateMachine):
    """Guests who come and go, and a plain idea of who may meet whom."""

    most = CANDIDATES
    on_time = True

    @initialize(same_address=st.sampled_from(SameAddress), seed=st.integers(0, 9))
    def begin(self, same_address: SameAddress, seed: int) -> None:
        self.now = 0.0
        self.names = count(1)
        self.same_address = same_address
        self.pool = Pool(Random(seed), same_address)
        self.met: dict[str, dict[str, float]] = {}
        self.blocked: dict[str, dict[str, None]] = {}
        self.gone: list[tuple[str, str]] = []
        self.waiting: dict[str, Ticket] = {}
        self.activated: dict[str, float] = {}

    # The plain idea.

    def recent(self, one: Ticket, other: Ticket, now: float) -> bool:
        times = self.met[one.guest].get(other.guest), self.met[other.guest].get(one.guest)
        return any(at is not None and now - at < RECENT for at in times)

    def soft(self, one: Ticket, other: Ticket, now: float) -> bool:
        delayed = self.same_address is SameAddress.DELAY and one.address == other.address
        return delayed or self.recent(one, other, now)

    def hard(self, one: Ticket, other: Ticket) -> bool:
        return (
            one.guest == other.guest
            or other.guest in self.blocked[one.guest]
            or one.guest in self.blocked[other.guest]
            or one.parked
            or other.parked
            or (self.same_address is SameAddress.DENY and one.address == other.address)
        )

    def acceptable(self, one: Ticket, other: Ticket) -> bool:
        waited = self.now >= min(one.entered, other.entered) + PATIENCE
        return not (
            self.hard(one, other)
            or insists(one, other)
            or insists(other, one)
            or (self.soft(one, other, self.now) and not waited)
        )

    # What happens.

    def pick(self, which: int) -> Ticket:
        return list(self.waiting.values())[which % len(self.waiting)]

    def active(self, ticket: Ticket) -> None:
        self.activated[ticket.guest] = self.now

    def after(self, match: Match | None) -> None:
        if match is None:
            return
        one, other = match.one, match.other
        assert self.acceptable(one, other), "they may not meet"
        if self.recent(one, other, self.now) and len(self.waiting) <= CANDIDATES:
            for third in self.waiting.values():
                if third not in (one, other) and self.acceptable(one, third):
                    assert self.recent(one, third, self.now), "somebody else waited"
        for ticket, partner in ((one, other), (other, one)):
            del self.waiting[ticket.guest]
            self.met[ticket.guest][partner.guest] = self.now
            self.gone.append((ticket.guest, ticket.address))

    def enter_as(self, guest: str, address: str, wishes: Wishes, parked: bool) -> None:
        met = self.met.setdefault(guest, {})
        blocked = self.blocked.setdefault(guest, {})
        ticket = Ticket(
            guest, address, wishes, met, blocked, entered=self.now, since=self.now, parked=parked
        )
        self.waiting[guest] = ticket
        self.active(ticket)
        self.after(self.pool.enter(ticket, self.now))

    @precondition(lambda self: len(self.waiting) < self.most)
    @rule(wishes=WISHES, home=st.integers(0, 5), parked=st.sampled_from([False] * 5 + [True]))
    def enter(self, wishes: Wishes, home: int, parked: bool) -> None:
        self.enter_as(f"g{next(self.names)}", f"home{home}", wishes, parked)

    @precondition(lambda self: self.gone and len(self.waiting) < self.most)
    @rule(which=WHICH, wishes=WISHES)
    def enter_again(self, which: int, wishes: Wishes) -> None:
        guest, address = self.gone.pop(which % len(self.gone))
        self.enter_as(guest, address, wishes, parked=False)

    @precondition(lambda self: self.waiting)
    @rule(which=WHICH, wishes=WISHES)
    def change(self, which: int, wishes: Wishes) -> None:
        ticket = self.pick(which)
        place = ticket.entered, ticket.since
        if wishes != ticket.wishes:
            self.active(ticket)
        self.after(self.pool.change(ticket, wishes, self.now))
        assert (ticket.entered, ticket.since) == place

    @precondition(lambda self: self.waiting)
    @rule(which=WHICH)
    def leave(self, which: int) -> None:
        ticket = self.pick(which)
        self.pool.leave(ticket)
        del self.waiting[ticket.guest]
        self.gone.append((ticket.guest, ticket.address))

    @precondition(lambda self: self.waiting)
    @rule(which=WHICH)
    def park_or_unpark(self, which: int) -> None:
        ticket = self.pick(which)
        if ticket.parked:
            self.active(ticket)
            self.after(self.pool.unpark(ticket, self.now))
        else:
            self.pool.park(ticket)

    @precondition(lambda self: self.waiting and self.gone)
    @rule(which=WHICH, whom=WHICH)
    def block(self, which: int, whom: int) -> None:
        everybody = [guest for guest, _ in self.gone] + list(self.waiting)
        self.blocked[self.pick(which).guest][everybody[whom % len(everybody)]] = None

    @rule(seconds=st.sampled_from([0.01, 1.0, 4.0, 5.0, 6.0, 20.0, 100.0, 290.0]))
    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.on_time and (at := self.pool.deadlines.next) <= end:
            assert at >= self.now
            self.now = at
            self.tick()
            assert self.pool.deadlines.next != at, "a timer would never rest"
        self.now = end
        self.tick()

    def tick(self) -> None:
        for found in self.pool.tick(self.now):
            if isinstance(found, Match):
                self.after(found)
            else:
                assert self.waiting[found.guest] is found

    # The laws.

    def couples(self) -> Iterator[tuple[Ticket, Ticket, float]]:
        """Yield all who could meet, and since when both of them have looked."""
        for one, other in combinations(self.waiting.values(), 2):
            if self.acceptable(one, other):
                looked = max(self.activated[one.guest], self.activated[other.guest])
                yield one, other, looked

    @invariant()
    def nobody_waits_for_somebody_who_waits_for_them(self) -> None:
        for one, other, looked in self.couples():
            assert self.now - looked < PATIENCE, (one, other)
            assert len(self.waiting) > CANDIDATES or self.soft(one, other, looked), (one, other)

    @invariant()
    def the_pool_holds_exactly_those_who_wait(self) -> None:
        assert {each.guest: each for each in self.pool} == self.waiting
        assert len(self.pool) == len(self.waiting)
        seeking = Counter(each.stage for each in self.waiting.values() if not each.parked)
        assert +Counter(self.pool.seeking()) == seeking
        assert self.pool.parked == sum(each.parked for each in self.waiting.values())
        filed = {each for file in self.pool._files.values() for each in file}
        assert filed == {each for each in self.waiting.values() if not each.parked}
        for key, file in self.pool._files.items():
            assert file, "an empty file is kept"
            assert all(key in each.filed() for each in file)

    def teardown(self) -> None:
        if not hasattr(self, "pool"):
            return
        for each in list(self.waiting.values()):
            self.pool.leave(each)
        assert self.pool._files == {}
        assert list(self.pool.tick(self.now + 100.0)) == []
        assert len(self.pool.deadlines) == 0


class CrowdedPoolLaws(PoolLaws):
    """More than a file is looked at: most of them wish what nobody else does."""

    most = 60

    @precondition(lambda self: len(self.waiting) < 40)
    @rule(home=st.integers(0, 2), parked=st.booleans())
    def crowd(self, home: int, parked: bool) -> None:
        for _ in range(CANDIDATES + 2):
            name = f"g{next(self.names)}"
            wishes = Wishes.of(("jazz", "tea", name), ("pl",), True)
            self.met[name] = {}
            self.blocked[name] = dict.fromkeys((*self.waiting, *(g for g, _ in self.gone)))
            self.enter_as(name, f"home{home}", wishes, parked)


class LatePoolLaws(PoolLaws):
    """A timer that goes off too late."""

    on_time = False


def test_the_indexes_find_somebody_exactly_if_there_is_somebody() -> None:
    run_state_machine_as_test(PoolLaws, settings=searching(100, 40))


def test_nobody_waits_longer_than_the_bound_in_a_crowd() -> None:
    run_state_machine_as_test(CrowdedPoolLaws, settings=searching(50, 30))


def test_a_late_timer_breaks_no_law() -> None:
    run_state_machine_as_test(LatePoolLaws, settings=searching(50, 40))


@pytest.mark.soak
@pytest.mark.parametrize("laws", [PoolLaws, CrowdedPoolLaws, LatePoolLaws])
def test_the_pool_stands_a_long_search(laws: type[PoolLaws]) -> None:
    run_state_machine_as_test(laws, settings=searching(1500, 60))
