"""The verbs of the admin shell.

What they return is plain data, fit for ``json.dumps``, that prints as a table. Times are in
seconds. There is no message text in it, no address, and no token by which a guest comes back.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from roulette.core.chats import Delivery
from roulette.core.events import State
from roulette.core.guest import Guest
from roulette.core.limits import is_rate
from roulette.core.lobby import Lobby
from roulette.core.text import MESSAGE_CHARACTERS, clean
from roulette.core.ticket import Wishes
from roulette.ops.banning import Banning, CannotBan
from roulette.ops.drain import CannotReopen, Drain
from roulette.ops.table import Facts, Table
from roulette.ops.top import Lag
from roulette.ops.watching import BadCall, Watching

__all__ = ["Admin", "BadCall"]


class Admin(Watching):
    """What the operator asks and does. Guests are named by their id, or by its beginning.

    :param lobby: the guests.
    :param deliver: brings what the lobby says is to be delivered.
    :param clock: tells the monotonic time that the lobby goes by, and calls later.
    :param drain: stops the service.
    :param reload: reads again what may change; raises ValueError with a line for each mistake.
    :param banning: keeps out who is banned.
    :param lag: says how far a connection lags behind.
    """

    _log = Logger()

    def __init__(
        self,
        lobby: Lobby,
        deliver: Callable[[Iterable[Delivery]], None],
        clock: IReactorTime,
        drain: Drain,
        reload: Callable[[], Facts],
        banning: Banning,
        lag: Lag = lambda connection: (0, 0.0),
    ) -> None:
        super().__init__(lobby, clock, lag)
        self._deliver = deliver
        self._now = clock.seconds
        self._drain = drain
        self._reload = reload
        self._banning = banning
        self._started = clock.seconds()

    def status(self) -> Facts:
        """Return how many guests there are, and what they do.

        The ``phase`` is ``open``, or ``draining`` or ``closing`` when the service is to stop. Times
        are in seconds. A guest is ``absent`` while its connection is lost, and ``away`` while the
        page is not looked at.
        """
        now, guests = self._now(), self._lobby.guests.values()
        entered = [ticket.entered for ticket in self._lobby.pool]
        return Facts(
            uptime=_seconds(now - self._started),
            phase=self._lobby.phase.value,
            guests=len(guests),
            **{state.value: sum(guest.state is state for guest in guests) for state in State},
            absent=sum(guest.connection is None for guest in guests),
            away=sum(guest.away for guest in guests),
            longest_wait=_seconds(now - min(entered)) if entered else None,
        )

    def guests(self) -> Table:
        """Return every guest, in the order of arrival."""
        return Table(self._row(guest) for guest in self._lobby.guests.values())

    def waiting(self) -> Table:
        """Return who waits, for how long and for whom; the longest first.

        Who is away or absent is ``parked``: it keeps its place, but is not matched.
        """
        now = self._now()
        return Table(
            {
                "guest": ticket.guest,
                "waited": _seconds(now - ticket.entered),
                "stage": ticket.stage.value,
                "parked": ticket.parked,
                **_wishes(ticket.wishes),
            }
            for ticket in sorted(self._lobby.pool, key=lambda ticket: ticket.entered)
        )

    def pairs(self) -> Table:
        """Return who talks with whom, and how many messages they have exchanged."""
        guests = self._lobby.guests
        rows = Table()
        for guest in guests.values():
            leg = guest.leg
            # Of two who are both on this node, the one with the lesser id stands for both.
            if leg is None or (leg.partner.guest in guests and leg.partner.guest < guest.id):
                continue
            rows.append(
                {
                    "one": guest.id,
                    "other": leg.partner.guest,
                    "messages": leg.said + leg.heard,
                    "absent": guest.connection is None or leg.partner_absent,
                    "chat": leg.chat,
                }
            )
        return rows

    def guest(self, guest_id: str) -> Facts:
        """Return what is known of one guest."""
        guest, now = self._find(guest_id), self._now()
        leg, leaves_at, ticket = guest.leg, guest.leaves_at, guest.ticket
        return Facts(
            **self._row(guest),
            chat=leg and leg.chat,
            said=leg and leg.said,
            heard=leg and leg.heard,
            waited=_seconds(now - ticket.entered) if ticket else None,
            **_wishes(guest.wishes),
            leaves_in=None if leaves_at is None else _seconds(max(0.0, leaves_at - now)),
            can_resume=guest.resume is not None,
            met=len(guest.met),
            blocked=len(guest.blocked),
        )

    def kick(self, guest_id: str) -> Facts:
        """Send a guest away for good; the partner is told.

        The same person can come back as a new guest.
        """
        guest = self._find(guest_id)
        self._deliver(self._lobby.kick(guest.id, self._now()))
        self._log.info("Kicked guest {guest}", guest=guest.id, audit=True)
        return Facts(kicked=guest.id)

    def ban(
        self,
        whom: str,
        hours: float | None = None,
        reason: str = "",
        address: bool | None = None,
    ) -> Facts:
        """Keep out a guest, an address or a prefix, for so many hours or for ever.

        Whoever is inside from there leaves, and the partners are told. A guest is banned by the
        addresses that it has come from. If more than five others share them, nothing is done until
        ``address`` is True: then they are banned as well; or False: then none is, and the guest is
        sent away, but may come back as a new one. An IPv6 address is its /64.
        """
        with _bad_calls():
            if isinstance(whom, str) and any(sign in whom for sign in ".:/"):
                return self._banning.network(whom, hours, reason)
            return self._banning.guest(self._find(whom), hours, reason, address)

    def unban(self, ban: int) -> Facts:
        """Take back a ban, by its number."""
        with _bad_calls():
            return self._banning.lift(ban)

    def bans(self) -> Table:
        """Return the bans that hold, the oldest first; the times are UTC."""
        return self._banning.table()

    def announce(self, text: str) -> Facts:
        """Say something to everybody who has a connection, in at most 2000 characters."""
        if not isinstance(text, str):
            raise BadCall("an announcement is a text, in quotes")
        said = clean(text)
        if not said.strip():
            raise BadCall("an announcement needs a text")
        if len(said) > MESSAGE_CHARACTERS:
            raise BadCall(
                f"an announcement has at most {MESSAGE_CHARACTERS} characters, not {len(said)}"
            )
        told = sum(guest.connection is not None for guest in self._lobby.guests.values())
        self._deliver(self._lobby.announce(said))
        self._log.info("Announced something; guests told: {told}", told=told, audit=True)
        return Facts(told=told)

    def limits(self, **changes: float) -> Facts:
        """Return how many times a second guests may do what; set what is given, 0 for any.

        ``messages``, ``skips`` and ``frames`` are what the options of these names say. ``others``
        is what a guest asks besides; ``refusals`` is how often it may be too fast before it is
        closed with 4029.

        New limits count at once and for everybody, but for ``frames``: there for new connections
        only. The next reload puts back what the options say.
        """
        limits = self._lobby.limits
        if changes:
            names = [field.name for field in fields(limits)]
            for name, rate in changes.items():
                if name not in names:
                    raise BadCall(f"there is no limit {name!r}: there are {', '.join(names)}")
                if isinstance(rate, bool) or not isinstance(rate, int | float):
                    raise BadCall(f"{name} is a number of times a second")
                if not is_rate(rate):
                    raise BadCall(f"{name} is 0, or from 0.001 to 1000000 a second")
            limits = replace(limits, **changes)
            self._lobby.limit(limits)
            self._log.info("Limited guests to {limits}", limits=limits, audit=True)
        return Facts(**asdict(limits))

    def drain(self, *, stop: bool = True) -> Facts:
        """Let nobody in any more, and stop when the pairs have finished, or had their time.

        This is what SIGTERM does, but that sockets of systemd's are served until the end, and that
        whoever calls there later starts the service again. With ``stop=False`` the pairs have all
        the time that they like, and the service goes on, empty. The status tells how far it is.
        After a signal this changes nothing.
        """
        if not isinstance(stop, bool):
            raise BadCall("stop is True or False")
        self._drain.drain(stop=stop)
        return Facts(phase=self._lobby.phase.value, guests=len(self._lobby.guests))

    def undrain(self) -> Facts:
        """Let guests in again, as long as the connections are not being closed.

        After a signal it is too late.
        """
        try:
            self._drain.undrain()
        except CannotReopen as error:
            raise BadCall(str(error)) from None
        return Facts(phase=self._lobby.phase.value)

    def reload(self) -> Facts:
        """Read options, texts and certificates again, as SIGHUP does; a mistake changes nothing.

        Return what has ``changed`` by that, and what would have by a ``restart``.
        """
        try:
            return self._reload()
        except ValueError as error:
            raise BadCall(str(error)) from None

    def _row(self, guest: Guest) -> dict[str, Any]:
        return {
            "guest": guest.id,
            "state": guest.state.value,
            "absent": guest.connection is None,
            "away": guest.away,
            "age": _seconds(self._now() - guest.arrived),
            "partner": guest.leg and guest.leg.partner.guest,
        }


@contextmanager
def _bad_calls() -> Iterator[None]:
    try:
        yield
    except CannotBan as error:
        raise BadCall(str(error)) from None


def _wishes(wishes: Wishes) -> dict[str, Any]:
    return {
        "only": wishes.only,
        "languages": sorted(wishes.languages),
        "topics": list(wishes.topics.values()),
    }


def _seconds(value: float) -> float:
    return round(value, 1)
