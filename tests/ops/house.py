"""A lobby in memory with somebody who looks after it."""

from collections.abc import Iterable

from twisted.internet.testing import MemoryReactorClock

from roulette.core import verbs
from roulette.core.chats import Delivery
from roulette.ops.admin import Admin
from roulette.ops.banning import Banning
from roulette.ops.bans import Bans
from roulette.ops.drain import Drain
from roulette.ops.table import Facts
from tests.core.world import Line, World


class House(World):
    """A world with an admin who looks after it."""

    def __init__(self) -> None:
        self.clock = MemoryReactorClock()
        super().__init__()
        self.now = 100.0
        drain = Drain(self.lobby, self.deliver, set(), self.clock)
        self.lags: dict[object, tuple[int, float]] = {}
        self.mistake = ""
        self.bans = Bans(None, lambda: 1e9 + self.now, self.clock)
        banning = Banning(self.lobby, self.deliver, self.clock.seconds, set(), self.bans)
        self.admin = Admin(
            self.lobby, self.deliver, self.clock, drain, self.reload, banning, self.lag
        )

    @property
    def now(self) -> float:
        return self.clock.seconds()

    @now.setter
    def now(self, now: float) -> None:
        self.clock.advance(now - self.clock.seconds())

    def reload(self) -> Facts:
        if self.mistake:
            raise ValueError(self.mistake)
        return Facts(changed=["grace"], restart=[])

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        self.post(self.lobby, deliveries)

    def come(self, *topics: str) -> Line:
        """Let a guest come and search."""
        line = self.arrive("somebody", address="secret address")
        self.do(line, verbs.Start(topics, ("pl",)))
        return line

    def lag(self, connection: object) -> tuple[int, float]:
        """Say how far a connection lags behind, if :attr:`lags` has it."""
        return self.lags.get(connection, (0, 0.0))
