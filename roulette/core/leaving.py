"""How guests leave for good: one by one, or all of them, since the service stops.

Until it is to stop, the house is open. While it drains, nobody comes in and nobody begins to
search; who has nobody to talk with leaves. When it closes, everybody leaves.
"""

from collections.abc import Iterable

from roulette.core import events
from roulette.core.chats import OPEN, Chats, Delivery, Phase
from roulette.core.events import Event, Reason
from roulette.core.guest import Connection, Guest


class Departures(Chats):
    """The guests who leave, one by one or all."""

    def lets_in(self, *, lasting: bool) -> bool:
        """Say whether to take a connection; by a ``lasting`` one somebody may come back."""
        return self.phase is OPEN or (lasting and self.phase is Phase.DRAINING)

    def dismiss(self, guest_id: str, now: float) -> list[Delivery]:
        """Let a guest go if it is time: while draining only who has nobody to talk with.

        Both sides of a chat that is ended by it are told. It does nothing if there is no guest
        of that id any more: one goes through all who were there.
        """
        guest = self.guests.get(guest_id)
        if guest is not None:
            if guest.leg is not None and self.phase is Phase.CLOSING:
                self.end_chat(guest, guest.leg, Reason.SHUTDOWN, now)
            self.let_go(guest, now)
        return self.delivered()

    def let_go(self, guest: Guest, now: float) -> None:
        """Let a guest leave if the service is to stop, and there is nobody to talk with."""
        if self.phase is OPEN or guest.id not in self.guests:
            return
        # Two who have both lost the connection hold nobody up.
        if guest.leg is None or (guest.connection is None and guest.leg.partner_absent):
            connection = guest.connection
            self.remove(guest, Reason.TIMEOUT, now)
            self.send_off(connection)

    def send_off(self, connection: Connection | None) -> None:
        """End a connection, if there is one, since the service is to stop."""
        if connection is not None:
            self._out.append((connection, self.farewell()))

    def farewell(self) -> events.Event:
        """Return what a connection is told that ends, since the service is to stop."""
        if self.restarting or self.phase is Phase.DRAINING:
            return events.Restarting()
        return events.ShuttingDown()

    def kick(self, guest_id: str, now: float) -> list[Delivery]:
        """Send a guest away for good; raise KeyError if there is none of that id."""
        return self._expel(guest_id, [events.Kicked()], now)

    def ban(self, guest_id: str, seconds: float, now: float) -> list[Delivery]:
        """Send away a guest who is banned for so many seconds, or ``inf``; raise KeyError likewise.

        It is the door that keeps it out from now on.
        """
        return self._expel(guest_id, events.banned(seconds), now)

    def _expel(self, guest_id: str, told: Iterable[Event], now: float) -> list[Delivery]:
        guest = self.guests[guest_id]
        connection = guest.connection
        self.remove(guest, Reason.KICKED, now)
        if connection is not None:
            self._out += [(connection, event) for event in told]
        return self.delivered()

    def forget(self, guest_id: str, now: float) -> list[Delivery]:
        """Let go of a guest, if it is there, whatever state a failure of ours has left it in."""
        guest = self.guests.get(guest_id)
        if guest is not None:
            # A connection that was taken from the guest only is found by looking at all.
            for connection in [each for each, its in self._connected.items() if its is guest]:
                del self._connected[connection]
            guest.connection = None
            self.remove(guest, Reason.TIMEOUT, now)
        return self.delivered()

    def end_grace(self, guest: Guest, now: float) -> None:
        """Let a guest go whose connection did not come back in time."""
        if guest.leaves_at is not None and guest.leaves_at <= now:
            self.remove(guest, Reason.TIMEOUT, now)

    def remove(self, guest: Guest, reason: Reason, now: float) -> None:
        """Forget a guest; its partner is told the reason."""
        if guest.leg is not None:
            self.leave_chat(guest, guest.leg, reason, now, again=False)
        if guest.ticket is not None:
            self.pool.leave(guest.ticket)
            guest.ticket = None
        if guest.connection is not None:
            del self._connected[guest.connection]
            guest.connection = None
        guest.leaves_at = None
        self._resumes.pop(guest.resume or "", None)
        del self.guests[guest.id]
