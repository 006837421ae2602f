"""Who waits, who may meet whom, and who meets first.

1. Nobody ever meets themselves, or somebody who is blocked either way; nor, with
   ``--same-address deny``, somebody from the same address. A parked guest meets nobody.
2. What a guest insists on shrinks with time, by stages: a shared topic and language, then
   a shared language, then nothing. With ``only`` it never shrinks.
3. A partner of the last five minutes is met again only when one of the two has waited for
   20 seconds and there is nobody else; so it is with ``--same-address delay``.
4. Two who may meet never both wait longer than that: who has waited for 20 seconds looks at
   two thousand, until then at the oldest few only.
5. Entering, leaving and looking cost the same however many wait.

A waiting guest is filed under every key by which another may find it; each file is in the
order of waiting. An ``OrderedDict`` and not a dict: the first of a dict is found only after
stepping over all that were deleted before it.
"""

from collections import OrderedDict, deque
from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from random import Random
from statistics import median

from roulette.core.deadlines import Deadlines
from roulette.core.events import Stage
from roulette.core.ticket import Key, Ticket, Wishes

TOPICS_LAST = 5.0
"""Seconds for which a shared topic is insisted on."""

LANGUAGES_LAST = 5.0
"""Seconds more for which a shared language is."""

PATIENCE = 20.0
"""Seconds of waiting after which a recent partner, or the same address, will do."""

CANDIDATES = 16
"""How many of the oldest in each file are looked at."""

RESCUE = 2000
"""The same after 20 seconds: more than one guest can have blocked and met."""

SERVED_FIRST = 2.0
"""Seconds of waiting after which the oldest is served, rather than one drawn by lot."""

ESTIMATE_FROM = 600.0
"""Seconds for which a wait that has ended counts in the estimate."""


class SameAddress(StrEnum):
    """May two guests from one address meet?"""

    ALLOW = "allow"
    DELAY = "delay"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Match:
    """Two who are to meet; both have left the pool."""

    one: Ticket
    other: Ticket


class Pool:
    """The guests who wait.

    :param rng: draws among equals.
    :param same_address: whether two guests from one address may meet.
    """

    def __init__(self, rng: Random, same_address: SameAddress = SameAddress.ALLOW) -> None:
        self.rescues = 0
        self._rng = rng
        self._same_address = same_address
        self.parked = 0
        self._tickets: dict[str, Ticket] = {}
        self._files: dict[Key, OrderedDict[Ticket, None]] = {}
        self.deadlines: Deadlines[tuple[Ticket, int, bool]] = Deadlines()
        self._waits: deque[tuple[float, float]] = deque(maxlen=33)

    def __len__(self) -> int:
        return len(self._tickets)

    def __iter__(self) -> Iterator[Ticket]:
        return iter(self._tickets.values())

    def enter(self, ticket: Ticket, now: float) -> Match | None:
        """Let a guest wait, unless there is somebody to meet at once."""
        self._tickets[ticket.guest] = ticket
        self.parked += ticket.parked
        if not ticket.parked:
            if match := self._match(ticket, now):
                return match
            self._file(ticket)
        self._set_deadlines(ticket, now)
        return None

    def change(self, ticket: Ticket, wishes: Wishes, now: float) -> Match | None:
        """Change what a waiting guest wishes; it keeps its place."""
        if wishes == ticket.wishes:
            return None
        before = set(ticket.filed())
        ticket.wishes, ticket.stage = wishes, wishes.first_stage()
        self._set_deadlines(ticket, now)
        if ticket.parked:
            return None
        self._refile(ticket, before)
        return self._match(ticket, now)

    def leave(self, ticket: Ticket) -> None:
        """Take a guest out."""
        del self._tickets[ticket.guest]
        ticket.turn += 1
        self.parked -= ticket.parked
        if not ticket.parked:
            for key in ticket.filed():
                self._unfile(ticket, key)

    def park(self, ticket: Ticket) -> None:
        """Let nobody meet this guest for now."""
        if not ticket.parked:
            for key in ticket.filed():
                self._unfile(ticket, key)
            ticket.parked = True
            self.parked += 1

    def unpark(self, ticket: Ticket, now: float) -> Match | None:
        """Let a parked guest be met again, in its old place."""
        if not ticket.parked:
            return None
        ticket.parked = False
        self.parked -= 1
        if match := self._match(ticket, now):
            return match
        self._file(ticket)
        self._set_deadlines(ticket, now)
        return None

    def tick(self, now: float) -> Iterator[Match | Ticket]:
        """Do what is due: yield those who are to meet, and those whose stage has changed."""
        for ticket, turn, patient in self.deadlines.due(now):
            if turn != ticket.turn:
                continue
            relaxed = self._relax(ticket, now, fully=patient)
            if not ticket.parked and (match := self._match(ticket, now, rescue=patient)):
                yield match
            elif relaxed:
                yield ticket

    def seeking(self) -> dict[Stage, int]:
        """Return how many are at each stage, without those who are parked.

        Who insists on no topic is filed as open, and who insists on nothing also under anyone.
        """
        insist_less, anyone = (len(self._files.get((key,), ())) for key in ("open", "anyone"))
        return {
            Stage.TOPICS: len(self._tickets) - self.parked - insist_less,
            Stage.LANGUAGES: insist_less - anyone,
            Stage.ANYONE: anyone,
        }

    def estimate(self, now: float) -> float | None:
        """Return how long one waits at present, in seconds: the median of recent waits."""
        waits = [wait for at, wait in self._waits if now - at < ESTIMATE_FROM]
        return median(waits) if len(waits) >= 3 else None

    # What follows is how.

    def _match(self, seeker: Ticket, now: float, rescue: bool = False) -> Match | None:
        partner, recent = self._find(seeker, now, RESCUE if rescue else CANDIDATES)
        if recent and not rescue:
            # Nobody is met twice in a row while somebody else waits, beyond the oldest too.
            partner, _ = self._find(seeker, now, RESCUE)
        if partner is None:
            return None
        self.rescues += rescue
        for ticket in (seeker, partner):
            if now > ticket.entered:
                self._waits.append((now, now - ticket.entered))
            self.leave(ticket)
        return Match(seeker, partner)

    def _find(self, seeker: Ticket, now: float, cap: int) -> tuple[Ticket | None, bool]:
        """Return the best partner, and whether it is one that was met lately."""
        second_best = None
        for keys in seeker.sought():
            fresh: dict[Ticket, None] = {}
            recent: dict[Ticket, None] = {}
            for key in keys:
                for other in islice(self._files.get(key, ()), cap):
                    if self._may_meet(seeker, other, now):
                        (recent if seeker.recent(other, now) else fresh)[other] = None
            if fresh:
                return self._choose(seeker, list(fresh), now), False
            if recent and second_best is None:
                second_best = self._choose(seeker, list(recent), now)
        return second_best, second_best is not None

    def _may_meet(self, one: Ticket, other: Ticket, now: float) -> bool:
        # What the two insist on need not be looked at: they are found where it is given.
        if one.blocks(other):
            return False
        soft = one.recent(other, now)
        if one.address == other.address and self._same_address is not SameAddress.ALLOW:
            if self._same_address is SameAddress.DENY:
                return False
            soft = True
        return not soft or min(one.entered, other.entered) + PATIENCE <= now

    def _choose(self, seeker: Ticket, candidates: list[Ticket], now: float) -> Ticket:
        if len(candidates) == 1:
            return candidates[0]
        mine = seeker.wishes.topics.keys()
        if any(mine & other.wishes.topics.keys() for other in candidates):

            def liking(other: Ticket) -> tuple[float, float]:
                shared = mine & other.wishes.topics.keys()
                # A rare topic says more than a common one.
                rarity = sum(1 / len(self._files["topic", topic]) for topic in shared)
                return rarity, -other.since

            return max(candidates, key=liking)
        oldest = min(candidates, key=lambda other: other.since)
        if now - oldest.since > SERVED_FIRST:
            return oldest
        return self._rng.choice(candidates)

    def _relax(self, ticket: Ticket, now: float, *, fully: bool) -> bool:
        """Let a guest insist on less; return whether it does."""
        if ticket.wishes.only or ticket.stage is Stage.ANYONE:
            return False
        before = set(ticket.filed())
        if ticket.stage is Stage.TOPICS and ticket.wishes.languages and not fully:
            ticket.stage = Stage.LANGUAGES
            self.deadlines.add(now, LANGUAGES_LAST, (ticket, ticket.turn, False))
        else:
            ticket.stage = Stage.ANYONE
        if not ticket.parked:
            self._refile(ticket, before)
        return True

    def _set_deadlines(self, ticket: Ticket, now: float) -> None:
        ticket.turn += 1
        if ticket.stage is not Stage.ANYONE and not ticket.wishes.only:
            lasts = TOPICS_LAST if ticket.stage is Stage.TOPICS else LANGUAGES_LAST
            self.deadlines.add(now, lasts, (ticket, ticket.turn, False))
        self.deadlines.add(now, PATIENCE, (ticket, ticket.turn, True))

    def _file(self, ticket: Ticket, before: Container[Key] = ()) -> None:
        for key in ticket.filed():
            if key in before:
                continue
            file = self._files.setdefault(key, OrderedDict())
            oldest = next(iter(file), ticket)
            file[ticket] = None
            if ticket.since < oldest.since:
                # One who waited elsewhere, or was parked, goes to the front: it waited first.
                file.move_to_end(ticket, last=False)

    def _refile(self, ticket: Ticket, before: set[Key]) -> None:
        for key in before.difference(ticket.filed()):
            self._unfile(ticket, key)
        self._file(ticket, before)

    def _unfile(self, ticket: Ticket, key: Key) -> None:
        # Not an error: one who enters looks before it is filed.
        file = self._files.get(key)
        if file is not None:
            file.pop(ticket, None)
            if not file:
                del self._files[key]
