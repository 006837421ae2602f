"""Who may come in: how many guests, and how many and how fast from one address.

The laws:

1. Never are more inside than ``max_guests``, nor more from one network than ``per_address``; but
   whoever was a guest before a limit was lowered still has a place to come back to.
2. Who leaves makes room at once.
3. Nothing is kept of a network from which nobody is here, and nobody has come of late.
4. Nobody comes in from where somebody is banned.
"""

from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from roulette.core.limits import TokenBucket
from roulette.core.network import Network, network_of
from roulette.web import refusals
from roulette.web.network import Networks
from roulette.web.refusals import Refusal

PER_ADDRESS = 20
"""Connections from one address."""

CONNECT_RATE = 5.0
"""New connections a second from one address, in the long run."""

BURST_SECONDS = 8.0
"""So many seconds' worth of new connections may come at once."""

BUCKETS = 20_000
"""Networks of which is known how fast they came; past that the one longest unheard of is let go."""


class Bans(Protocol):
    """From where nobody may come in."""

    def pseudonym(self, network: Network | None) -> Hashable:
        """Return by what a network is known here: another name, which does not change."""

    def left(self, pseudonym: Hashable) -> float:
        """Return for how many seconds more one is banned: 0 if it is not, ``inf`` for ever."""


class NoBans:
    """Lets everybody come in, from wherever it may be."""

    def pseudonym(self, network: Network | None) -> None:
        """Know no network."""

    def left(self, pseudonym: Hashable) -> float:
        """Ban nobody."""
        return 0.0


@dataclass(slots=True)
class Visit:
    """Somebody inside.

    :param network: a name of the network, for comparing.
    :param pseudonym: another, by which the bans know it.
    """

    network: str
    pseudonym: Hashable
    _door: "Door"
    _ended: bool = False

    def end(self) -> None:
        """Make room, once."""
        if not self._ended:
            self._ended = True
            self._door.leave(self.network)


class Door:
    """Counts who is inside, and lets in no more.

    :param now: the monotonic time, in seconds.
    :param max_guests: how many may be inside at once.
    :param per_address: how many of them from one network; 0 lifts the limit.
    :param connect_rate: how many a second may come from one network; 0 lifts the limit.
    :param networks: names them.
    :param bans: knows from where nobody may come.
    """

    def __init__(
        self,
        now: float,
        max_guests: int,
        per_address: int = PER_ADDRESS,
        connect_rate: float = CONNECT_RATE,
        networks: Networks | None = None,
        bans: Bans | None = None,
    ) -> None:
        self.max_guests = max_guests
        self.per_address = per_address
        self.connect_rate = connect_rate
        self.inside = 0
        self._networks = networks or Networks(now)
        self._bans = bans or NoBans()
        self._here: Counter[str] = Counter()
        # With the time of the last take; the one that was used last is last. That it is no dict has
        # the reason that is in core/pool.py.
        self._buckets: OrderedDict[str, tuple[TokenBucket, float]] = OrderedDict()

    def limit(self, max_guests: int, per_address: int, connect_rate: float) -> None:
        """Let in by other limits from now on; who is inside stays."""
        self.max_guests = max_guests
        self.per_address = per_address
        if connect_rate != self.connect_rate:
            self.connect_rate = connect_rate
            self._buckets.clear()

    @property
    def ready(self) -> bool:
        """Say whether somebody would be let in now."""
        return self.inside < self.max_guests

    def enter(self, host: str | None, now: float, guests: int = 0) -> Visit | Refusal:
        """Let a client in, if it may.

        :param host: its address; None, as for a UNIX socket, is no address, and not limited.
        :param guests: how many there are, with those whose connection is lost.
        """
        network = network_of(host)
        pseudonym = self._bans.pseudonym(network)
        if left := self._bans.left(pseudonym):
            return refusals.banned(left)
        if self.inside >= max(self.max_guests, guests):
            return refusals.FULL
        name = self._networks.name(network, self._here, now)
        if network is not None:
            if wait := self._take(name, now):
                return refusals.connect_rate(wait)
            if self.per_address and self._here[name] >= self.per_address:
                return refusals.PER_ADDRESS
        self.inside += 1
        self._here[name] += 1
        return Visit(name, pseudonym, self)

    def banned(self, host: str | None) -> Refusal | None:
        """Return how a client is refused if it is banned, None if it is not."""
        left = self._bans.left(self._bans.pseudonym(network_of(host)))
        return refusals.banned(left) if left else None

    def leave(self, network: str) -> None:
        """Count somebody out, who came from a network."""
        self.inside -= 1
        self._here[network] -= 1
        if not self._here[network]:
            del self._here[network]

    def _take(self, network: str, now: float) -> float:
        if not self.connect_rate:
            return 0.0
        burst = max(1.0, self.connect_rate * BURST_SECONDS)
        self._forget(now, burst / self.connect_rate)
        if network in self._buckets:
            bucket, _ = self._buckets.pop(network)
        else:
            bucket = TokenBucket(self.connect_rate, burst)
        self._buckets[network] = bucket, now
        return bucket.take(now)

    def _forget(self, now: float, full_after: float) -> None:
        # A bucket that is full again knows nothing that a new one does not.
        while self._buckets:
            oldest = next(iter(self._buckets))
            if len(self._buckets) < BUCKETS and now - self._buckets[oldest][1] < full_after:
                break
            del self._buckets[oldest]
