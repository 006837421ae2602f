"""Who is banned does not come in any more, and who is inside leaves."""

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import UTC, datetime
from typing import Protocol

from twisted.logger import Logger

from roulette.core import events
from roulette.core.chats import Delivery
from roulette.core.events import Event
from roulette.core.guest import Guest
from roulette.core.lobby import Lobby
from roulette.core.network import BITS
from roulette.core.text import clean
from roulette.ops.ban_file import BadState, Ban
from roulette.ops.bans import Bans
from roulette.ops.pseudonyms import Pseudonym
from roulette.ops.table import Facts, Table

FEW = 5
"""How many other guests a ban may send away, unless its operator says that it may be more."""

LONGEST_HOURS = 24 * 366 * 10
"""The longest ban that is not for ever."""

REASON_CHARACTERS = 200


class CannotBan(ValueError):
    """Nobody was banned, or no ban taken back; says why, in one line."""


class Client(Protocol):
    """A connection, with or without a guest."""

    pseudonym: Hashable

    def tell(self, event: Event) -> None:
        """Tell it something; it may end by that."""


class Banning:
    """Bans guests and networks, and sends away who is inside.

    :param lobby: the guests.
    :param deliver: brings what is to be delivered.
    :param now: returns the monotonic time that the lobby goes by.
    :param clients: the open connections.
    :param bans: the bans.

    What cannot be done raises :exc:`CannotBan`.
    """

    _log = Logger()

    def __init__(
        self,
        lobby: Lobby,
        deliver: Callable[[Iterable[Delivery]], None],
        now: Callable[[], float],
        clients: Collection[Client],
        bans: Bans,
    ) -> None:
        self._lobby = lobby
        self._deliver = deliver
        self._now = now
        self._clients = clients
        self._bans = bans

    def guest(self, guest: Guest, hours: float | None, reason: str, address: bool | None) -> Facts:
        """Ban a guest, and the addresses that it has come from unless ``address`` is False.

        If that would hit more than ``FEW`` others, ``address`` has to be True.
        """
        # At the prompt a "no" would count as True.
        if address is not None and not isinstance(address, bool):
            raise CannotBan("address is True, False or None")
        networks = () if address is False else guest.pseudonyms
        if address and not networks:
            raise CannotBan(f"guest {guest.id} has no address here: address=False bans it alone")
        others = sum(
            not set(networks).isdisjoint(other.pseudonyms)
            for other in self._lobby.guests.values()
            if other is not guest
        )
        if address is None and others > FEW:
            raise CannotBan(
                f"{others} others have the same address: address=True bans them as well,"
                " address=False only this guest"
            )
        return self._ban(guest.id, networks, hours, reason)

    def network(self, text: str, hours: float | None, reason: str) -> Facts:
        """Ban an address or a prefix."""
        try:
            network = self._bans.network(text)
        except ValueError as error:
            raise CannotBan(str(error)) from None
        return self._ban(None, (network,), hours, reason)

    def lift(self, number: int) -> Facts:
        """Take a ban back."""
        if isinstance(number, bool) or not isinstance(number, int):
            raise CannotBan("a ban is taken back by its number")
        try:
            self._bans.remove(number)
        except KeyError:
            raise CannotBan(f"there is no ban {number}") from None
        except BadState as error:
            raise CannotBan(str(error)) from None
        self._log.info("Ban {ban} was taken back", ban=number, audit=True)
        return Facts(unbanned=number)

    def table(self) -> Table:
        """Return the bans that hold, the oldest first."""
        return Table(_row(number, ban) for number, ban in self._bans.current().items())

    def reload(self) -> None:
        """Read the bans again, and send away whom they hit."""
        try:
            self._bans.reload()
        except BadState as error:
            raise CannotBan(str(error)) from None
        self._send_away()

    def _ban(
        self, guest: str | None, networks: Iterable[Hashable], hours: float | None, reason: str
    ) -> Facts:
        lasts, why = _seconds(hours), _reason(reason)
        known = tuple(each for each in networks if isinstance(each, Pseudonym))
        try:
            number, ban = self._bans.add(guest, known, why, lasts)
        except BadState as error:
            raise CannotBan(str(error)) from None
        gone = 0
        if guest is not None:
            left = float("inf") if lasts is None else lasts
            self._deliver(self._lobby.ban(guest, left, self._now()))
            gone += 1
        gone += self._send_away()
        row = _row(number, ban)
        # Neither the reason, in which there may be anything, nor an address.
        self._log.info(
            "Ban {ban}: {kind} {of}, until {until}; guests gone: {gone}",
            ban=number,
            kind=row["kind"],
            of=row["of"],
            until=row["expires"] or "it is taken back",
            gone=gone,
            audit=True,
        )
        return Facts(row, gone=gone, lasting=self._bans.lasting)

    def _send_away(self) -> int:
        for client in tuple(self._clients):
            left = self._bans.left(client.pseudonym)
            if left and self._lobby.who(client) is None:
                self._deliver((client, event) for event in events.banned(left))
        gone = 0
        for guest in tuple(self._lobby.guests.values()):
            left = max(map(self._bans.left, guest.pseudonyms), default=0.0)
            # Whoever was its partner may have left by that, while the service drains.
            if left and guest.id in self._lobby.guests:
                self._deliver(self._lobby.ban(guest.id, left, self._now()))
                gone += 1
        return gone


def _row(number: int, ban: Ban) -> dict[str, object]:
    if ban.guest is not None:
        kind, of = "guest", ban.guest
    else:
        (network,) = ban.networks
        kind = "address" if network.bits == BITS[network.version] else "prefix"
        of = str(network)
    return {
        "ban": number,
        "kind": kind,
        "of": of,
        "addresses": len(ban.networks),
        "reason": ban.reason,
        "since": _date(ban.since),
        "expires": None if ban.expires is None else _date(ban.expires),
    }


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(hours: float | None) -> float | None:
    if hours is None:
        return None
    if isinstance(hours, bool) or not isinstance(hours, int | float):
        raise CannotBan("hours is a number, or None for ever")
    if not 0 < hours <= LONGEST_HOURS:
        raise CannotBan(f"hours is more than 0 and at most {LONGEST_HOURS}, or None for ever")
    return hours * 3600.0


def _reason(reason: str) -> str:
    if not isinstance(reason, str):
        raise CannotBan("a reason is a text, in quotes")
    why = " ".join(clean(reason).split())
    if len(why) > REASON_CHARACTERS:
        raise CannotBan(f"a reason has at most {REASON_CHARACTERS} characters, not {len(why)}")
    return why
