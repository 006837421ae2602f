"""The verbs of the admin shell that take their time: they look at guests for a while."""

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from roulette.core.guest import Guest
from roulette.core.lobby import Lobby
from roulette.ops.table import Tables
from roulette.ops.top import Lag, busiest, messages, slowest
from roulette.ops.trace import Trace, Watch


class BadCall(Exception):
    """A mistake of the operator's; the message says which, in one line."""


class Watching:
    """Looks at guests; what it is made with is said at :class:`roulette.ops.admin.Admin`."""

    def __init__(self, lobby: Lobby, clock: IReactorTime, lag: Lag) -> None:
        self._lobby = lobby
        self._clock = clock
        self._lag = lag
        self._watch = Watch(lobby)

    async def top(self, n: int = 10, seconds: float = 1.0) -> Tables:
        """Return the busiest guests and the slowest, after a look that takes a second.

        Busy is who says and hears much: messages a second ``lately``, which is in that second, and
        on average (``rate``). Slow is for whom bytes wait to be read (``unread``), or a ping has
        waited to be answered for some seconds (``unanswered``). There are ``n`` of each at most,
        and the look takes ``seconds``.
        """
        _check("n", n, 1, 1000)
        _check("seconds", seconds, 0.1, 60)
        guests = self._lobby.guests
        before = {guest.id: messages(guest) for guest in guests.values()}
        began = self._clock.seconds()
        await deferLater(self._clock, seconds)
        now = self._clock.seconds()
        return Tables(
            busiest=busiest(guests.values(), before, now - began, now, int(n)),
            slowest=slowest(guests.values(), self._lag, int(n)),
        )

    def trace(self, guest_id: str, seconds: float = 60.0) -> Trace:
        """Show what a guest asks and what it is told, by type, as it happens.

        Each row says where the guest stands then, and ``why`` where there is a reason, as of a
        refusal; there is no text in it, and no topic. It ends after some ``seconds``, with Ctrl-C,
        or when the guest has left, and returns the rows.
        """
        _check("seconds", seconds, 0.1, 3600)
        return Trace(self._watch, self._find(guest_id), self._clock, seconds)

    def _find(self, guest_id: str) -> Guest:
        guests = self._lobby.guests
        if not isinstance(guest_id, str) or not guest_id:
            raise BadCall("a guest is named by its id, or by the beginning of it, in quotes")
        if guest_id in guests:
            return guests[guest_id]
        found = [guest for known, guest in guests.items() if known.startswith(guest_id)]
        if not found:
            raise BadCall(f"there is no guest {guest_id!r}")
        if len(found) > 1:
            raise BadCall(f"{guest_id!r} is the beginning of {len(found)} guests: say more of it")
        return found[0]


def _check(name: str, value: object, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadCall(f"{name} is a number from {least} to {most}")
