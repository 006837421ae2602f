"""Who keeps the service busy, and whom it waits for."""

import heapq
from collections.abc import Callable, Iterable, Mapping

from roulette.core.guest import Connection, Guest
from roulette.ops.table import Table

Lag = Callable[[Connection], tuple[int, float]]
"""Says of a connection how many bytes wait to be read, and for how long a ping to be answered."""


def messages(guest: Guest) -> int:
    """Return how many messages a guest has said and heard, in all of its chats."""
    leg = guest.leg
    return guest.said + guest.heard + (leg.said + leg.heard if leg else 0)


def busiest(
    guests: Iterable[Guest], before: Mapping[str, int], seconds: float, now: float, n: int
) -> Table:
    """Return the ``n`` who say and hear most, the busiest of the last ``seconds`` first.

    ``before`` are the messages of each guest that long ago.
    """

    def rates(guest: Guest) -> tuple[float, float]:
        count = messages(guest)
        # Of who has just come, the average says nothing.
        age = max(1.0, now - guest.arrived)
        return (count - before.get(guest.id, 0)) / seconds, count / age

    rows = Table()
    for guest in heapq.nlargest(n, guests, key=rates):
        lately, rate = rates(guest)
        rows.append(
            {
                "guest": guest.id,
                "state": guest.state.value,
                "lately": round(lately, 1),
                "rate": round(rate, 2),
                "messages": messages(guest),
                "chats": guest.chats + (guest.leg is not None),
                "age": round(now - guest.arrived, 1),
            }
        )
    return rows


def slowest(guests: Iterable[Guest], lag: Lag, n: int) -> Table:
    """Return the first ``n`` of those for whom something waits, the most bytes first."""
    lags = {guest: lag(guest.connection) for guest in guests if guest.connection is not None}
    slow = (guest for guest, behind in lags.items() if any(behind))
    rows = Table()
    for guest in heapq.nlargest(n, slow, key=lags.__getitem__):
        unread, unanswered = lags[guest]
        rows.append(
            {
                "guest": guest.id,
                "state": guest.state.value,
                "unread": unread,
                "unanswered": round(unanswered, 1),
                "partner": guest.leg and guest.leg.partner.guest,
            }
        )
    return rows
