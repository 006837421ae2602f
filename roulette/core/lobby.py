"""The guests, their states and their legs.

The laws, which the tests search for ways to break:

1. A guest is in exactly one state: idle, waiting or chatting.
2. Partners are symmetric: if A's leg names B, then B's leg names A, or B's bye is on its way.
3. Nobody meets themselves, or somebody who is blocked either way, or the same partner twice
   in a row while somebody else waits.
4. Every verb is done, refused or ignored in every state, as ``table.py`` says.
5. A guest is always told when the partner has gone, and why.
6. Between two who stay, every accepted message arrives once, in order, and nowhere else.
7. Nothing here grows with the number of guests but what is kept of them.

The lobby never calls out: a verb, a frame or the time goes in, and what is to be delivered
to whom comes back.
"""

from collections.abc import Hashable
from math import ceil

from roulette.core import events, frames, verbs
from roulette.core.chats import OPEN, Delivery
from roulette.core.events import Code, Reason, Refused
from roulette.core.frames import Frame
from roulette.core.guest import Connection, Guest
from roulette.core.leaving import Departures
from roulette.core.on_frame import ON_FRAME, ON_REMATCH
from roulette.core.on_verb import ON_VERB
from roulette.core.pool import Match
from roulette.core.resume import came_back, went_absent
from roulette.core.table import IGNORE, QUIET, REPEAT, TABLE

GOODBYE_GRACE = 5.0
"""Seconds of grace after a connection that said goodbye, as a page does when it is reloaded."""

RETRY_AFTER = 10.0
"""Seconds after which to try again where there was no room."""

COUNT_EVERY = 10.0
"""Seconds between two times that a guest is told how many are here."""


class Lobby(Departures):
    """Every guest of one node; what it is made with is said at :class:`Chats`."""

    # The ways in. Each returns what is to be delivered, in order.

    def hello(
        self,
        connection: Connection,
        verb: verbs.Hello,
        address: str,
        now: float,
        pseudonym: Hashable = None,
    ) -> list[Delivery]:
        """Let a guest in, or back in, through ``connection``.

        ``address`` is opaque: it is only compared, under the rule about same addresses.
        ``pseudonym`` is another name for it, by which the operator may ban the guest.
        """
        if connection in self._connected:
            self._refuse(connection, verb, Code.INVALID_STATE, "you have said hello already")
        elif verb.resume is not None and verb.resume in self._resumes:
            guest = self._resumes[verb.resume]
            self._resume(guest, connection, verb, now)
            guest.came_from(pseudonym)
            self.let_go(guest, now)
        elif self.has_room:
            self._arrive(connection, verb, address, now)
            self._connected[connection].came_from(pseudonym)
        elif self.phase is not OPEN:
            self._refuse(connection, verb, Code.DRAINING, "the server is about to stop")
            self.send_off(connection)
        else:
            why = "no more guests are let in"
            error = events.Error(Code.SERVER_FULL, why, verb.name, RETRY_AFTER)
            self.tally.refused[error.code] += 1
            self._out += [(connection, error), (connection, events.TurnedAway())]
        return self.delivered()

    def do(self, connection: Connection, verb: verbs.Verb, now: float) -> list[Delivery]:
        """Do what the guest behind ``connection`` asks for, as the table says."""
        guest = self._connected.get(connection)
        if guest is None:
            self._refuse(connection, verb, Code.INVALID_STATE, "say hello first")
        else:
            try:
                self._do(guest, verb, now)
            except Refused as refused:
                self._refuse(connection, verb, refused.code, refused.message, refused.retry_after)
            if self.phase is not OPEN:
                self.let_go(guest, now)
        return self.delivered()

    def receive(self, frame: Frame, now: float) -> list[Delivery]:
        """Take a frame that was sent to one of our guests."""
        guest = self.guests.get(frame.to.guest)
        leg = None if guest is None else guest.leg
        if (on_rematch := ON_REMATCH.get(type(frame))) is not None:
            if guest is not None and self.phase is OPEN:
                on_rematch(self, guest, frame, now)
            elif isinstance(frame, frames.Met):
                self.decline(frame)
        elif (
            guest is not None
            and leg is not None
            and leg.chat == frame.chat
            and leg.partner == frame.sender
        ):
            ON_FRAME[type(frame)](self, guest, leg, frame, now)
            if self.phase is not OPEN:
                self.let_go(guest, now)
        elif not isinstance(frame, frames.Bye):
            self.answer_bye(frame)
        return self.delivered()

    def lost(self, connection: Connection, now: float, *, goodbye: bool = False) -> list[Delivery]:
        """Note that a connection is gone; ``goodbye`` if it said so.

        Its guest stays for the grace. A connection that was replaced is nobody's.
        """
        guest = self._connected.pop(connection, None)
        if guest is not None:
            guest.connection = None
            if guest.resume is None:
                self.remove(guest, Reason.LEFT, now)
            else:
                grace = min(self.grace, GOODBYE_GRACE) if goodbye else self.grace
                guest.leaves_at = now + grace
                self.after(now, grace, self.end_grace, guest)
                went_absent(self, guest)
                self.let_go(guest, now)
        return self.delivered()

    def announce(self, text: str, to: str | None = None) -> list[Delivery]:
        """Say something to every guest that has a connection, or to one, if it is still there."""
        if to is None:
            guests = list(self._connected.values())
        else:
            guests = [self.guests[to]] if to in self.guests else []
        for guest in guests:
            self.tell(guest, events.ServerMessage(text))
        return self.delivered()

    def tick(self, now: float) -> list[Delivery]:
        """Do whatever is due."""
        for act, guest in self._deadlines.due(now):
            act(guest, now)
        for guest in self.writing.due(now):
            self.stop_writing(guest, now)
        for guest in self._counts.due(now):
            self._tell_count(guest, now)
        for found in self.pool.tick(now):
            if isinstance(found, Match):
                self.meet(found, now)
            else:
                self.tell_state(self.guests[found.guest], now)
        return self.delivered()

    def next_deadline(self) -> float:
        """Return the time at which :meth:`tick` has something to do, ``inf`` if never."""
        return min(
            self._deadlines.next,
            self._counts.next,
            self.writing.next,
            self.pool.deadlines.next,
        )

    @property
    def has_room(self) -> bool:
        """Say whether a new guest would be let in; one who comes back always is."""
        return self.phase is OPEN and len(self.guests) < self.max_guests

    @property
    def absent(self) -> int:
        """Return how many guests have lost their connection, and may come back."""
        return len(self.guests) - len(self._connected)

    def who(self, connection: Connection) -> str | None:
        """Return the id of the guest behind ``connection``, None if there is none."""
        guest = self._connected.get(connection)
        return None if guest is None else guest.id

    # Coming, going and coming back.

    def _do(self, guest: Guest, verb: verbs.Verb, now: float) -> None:
        leg = guest.leg
        if leg is None:
            column = 0 if guest.ticket is None else 1
        else:
            column = 3 if leg.partner_absent else 2
        cell = TABLE[type(verb)][column]
        if type(cell) is Code:  # isinstance takes its time with an enum
            raise Refused(cell, f"you are {guest.state}")
        if cell is IGNORE:
            return
        chat = getattr(verb, "chat", None)
        means_its_leg = chat is None or (leg is not None and chat == leg.chat)
        if means_its_leg or _means_former(guest, verb, chat):
            if cell is REPEAT:
                self.tell_state(guest, now)
            else:
                ON_VERB[type(verb)](self, guest, verb, now)
        elif type(verb) not in QUIET:
            raise Refused(Code.STALE_CHAT, "that chat is over")

    def _refuse(
        self,
        connection: Connection,
        verb: verbs.Verb,
        code: Code,
        why: str,
        retry_after: float | None = None,
    ) -> None:
        self.tally.refused[code] += 1
        error = events.Error(code, why, verb.name, retry_after, getattr(verb, "id", None))
        self._out.append((connection, error))

    def _arrive(self, connection: Connection, verb: verbs.Hello, address: str, now: float) -> None:
        resume = self.token() if verb.lasting else None
        guest = Guest(self.token(), resume, verb.roams, address, connection, now)
        self.tally.arrived += 1
        self.guests[guest.id] = guest
        self._connected[connection] = guest
        if resume is not None:
            self._resumes[resume] = guest
            self._tell_count_later(guest, now)
        self._welcome(guest, resumed=False)

    def _welcome(self, guest: Guest, *, resumed: bool) -> None:
        guest.told_count = len(self.guests)
        chat = None if guest.leg is None else guest.leg.chat
        self.tell(
            guest,
            events.Welcome(
                guest.id,
                guest.resume or "",
                resumed,
                guest.state,
                chat,
                guest.told_count,
                self.grace,
            ),
        )

    def _resume(self, guest: Guest, connection: Connection, verb: verbs.Hello, now: float) -> None:
        self.tally.resumed += 1
        if guest.connection is not None:
            del self._connected[guest.connection]
            self.tell(guest, events.Replaced())
        guest.connection = connection
        self._connected[connection] = guest
        was_absent, guest.leaves_at = guest.leaves_at is not None, None
        self._welcome(guest, resumed=True)
        came_back(self, guest, verb, was_absent, now)

    def _tell_count_later(self, guest: Guest, now: float) -> None:
        # On whole seconds, so that one call serves everybody whose turn it is.
        self._counts.add(float(ceil(now)), COUNT_EVERY, guest)

    def _tell_count(self, guest: Guest, now: float) -> None:
        if guest.id not in self.guests:
            return
        count = len(self.guests)
        if guest.connection is not None and count != guest.told_count:
            guest.told_count = count
            self.tell(guest, events.Guests(count))
        self._tell_count_later(guest, now)


def _means_former(guest: Guest, verb: verbs.Verb, chat: str | None) -> bool:
    if guest.former is None or guest.former.chat != chat:
        return False
    # A block may come late: whoever was rude, and left, is blocked all the same.
    return guest.leg is None or isinstance(verb, verbs.Block)
