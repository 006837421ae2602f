"""The pool: entering, meeting and leaving while many wait."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate, count
from random import Random

from benchmarks.cpu import collector_off, microseconds
from benchmarks.table import Row
from roulette.core.pool import PATIENCE, Pool
from roulette.core.ticket import Ticket, Wishes

AT_ONCE = 10
"""Operations between two looks at the clock; the pool's size differs by that much at most."""

LOOKS = 4
"""Guests in each round who have waited for so long that they look at everybody."""

TOPICS = 10_000
LIKED = 3
"""How many topics there are, and how many each guest names."""

WEIGHTS = tuple(accumulate(1 / rank for rank in range(1, TOPICS + 1)))
"""How much the topics are liked: by Zipf's law."""

ENTER, MEET, LEAVE, LOOK = "enter and wait", "enter and meet", "leave", "look at all, after 20 s"


class Waiting:
    """A pool in which nobody can meet anybody: each has a language of its own, and insists.

    Who names no language meets whoever it likes.
    """

    def __init__(self, size: int, topics: bool, looks: int) -> None:
        self._rng = Random(1)
        self._topics = topics
        self._numbers = count()
        self._pool = Pool(self._rng)
        self._gone: set[Ticket] = set()
        self._impatient = [number / 1_000 for number in range(looks)]
        for at in self._impatient:
            self._pool.enter(self._waiter(at), at)
        # So late that of these nobody loses patience before the measurement is over.
        self._now = PATIENCE - 1
        self._present = [self._waiter(self._now) for _ in range(size - looks)]
        for ticket in self._present:
            self._pool.enter(ticket, self._now)
        self._now = PATIENCE

    def look(self) -> float:
        """Let some lose patience; return the microseconds of each."""
        due, self._impatient = self._impatient[:LOOKS], self._impatient[LOOKS:]
        now = PATIENCE + due[-1]
        return microseconds(lambda: list(self._pool.tick(now)), len(due))

    def enter_and_leave(self) -> tuple[float, float]:
        """Let some enter, and as many of all leave; return the microseconds of each."""
        entering = [self._waiter(self._now) for _ in range(AT_ONCE)]
        entered = microseconds(partial(self._enter, entering), AT_ONCE)
        self._present += entering
        leaving = [self._any() for _ in range(AT_ONCE)]
        return entered, microseconds(partial(self._leave, leaving), AT_ONCE)

    def meet(self) -> float:
        """Let somebody enter who can meet somebody; return the microseconds."""
        before = len(self._pool)
        cost = microseconds(partial(self._enter, [self._seeker()]), 1)
        if len(self._pool) != before - 1:
            raise RuntimeError("a guest who could meet somebody waits")
        self._present.append(self._waiter(self._now))
        self._enter(self._present[-1:])
        return cost

    def _enter(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            match = self._pool.enter(ticket, self._now)
            if match is not None:
                self._gone.add(match.other)

    def _leave(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            self._pool.leave(ticket)

    def _any(self) -> Ticket:
        """Take one of those who are present, at random."""
        while True:
            place = self._rng.randrange(len(self._present))
            self._present[place], self._present[-1] = self._present[-1], self._present[place]
            ticket = self._present.pop()
            if ticket not in self._gone:
                return ticket
            self._gone.remove(ticket)

    def _waiter(self, now: float) -> Ticket:
        number = next(self._numbers)
        language = frozenset({f"language {number}"})
        return self._ticket(Wishes(self._liked(), language, only=True), now)

    def _seeker(self) -> Ticket:
        like = self._any()
        self._present.append(like)
        return self._ticket(Wishes(like.wishes.topics, only=True), self._now)

    def _liked(self) -> dict[str, str]:
        if not self._topics:
            return {}
        drawn = self._rng.choices(range(TOPICS), cum_weights=WEIGHTS, k=LIKED)
        return {f"topic {number}": f"Topic {number}" for number in drawn}

    def _ticket(self, wishes: Wishes, now: float) -> Ticket:
        return Ticket(str(next(self._numbers)), "one network", wishes, {}, {}, now, now)


def rows(
    sizes: Sequence[int] = (100, 1_000, 10_000, 100_000), batches: int = 50, rounds: int = 5
) -> Iterator[Row]:
    """Measure every operation; there are ``AT_ONCE`` times ``batches`` of each in a round."""
    for kind, topics in (("no topics", False), ("Zipf topics", True)):
        pools = {size: Waiting(size, topics, LOOKS * rounds) for size in sizes}
        samples: dict[str, dict[int, list[float]]] = {
            case: {size: [] for size in sizes} for case in (ENTER, MEET, LEAVE, LOOK)
        }
        with collector_off():
            # First of all, since the first to meet somebody are those who have waited longest.
            for _ in range(rounds):
                for size, pool in pools.items():
                    samples[LOOK][size].append(pool.look())
            for _ in range(rounds):
                for size, pool in pools.items():
                    stays = [pool.enter_and_leave() for _ in range(batches)]
                    samples[ENTER][size].append(sum(enter for enter, _ in stays) / batches)
                    samples[LEAVE][size].append(sum(leave for _, leave in stays) / batches)
                    meets = [pool.meet() for _ in range(AT_ONCE * batches)]
                    samples[MEET][size].append(sum(meets) / len(meets))
        for case, by_size in samples.items():
            for size in sizes:
                yield Row("pool", f"{kind}: {case}", size, tuple(by_size[size]))
