"""Searching, meeting and parting: what the verbs and the frames are made of."""

from collections.abc import Callable
from enum import Enum
from math import inf
from random import Random
from secrets import token_urlsafe

from msgspec.structs import replace

from roulette.core import events, frames
from roulette.core.deadlines import Deadlines, Renewals
from roulette.core.events import Ack, Code, Event, Reason, Refused
from roulette.core.frames import Address, Frame
from roulette.core.guest import Connection, Former, Guest, Unheard
from roulette.core.leg import Leg
from roulette.core.limits import UNLIMITED, Kind, Limits, TokenBucket
from roulette.core.pool import Match, Pool, SameAddress
from roulette.core.tally import Tally
from roulette.core.ticket import Ticket

GRACE = 30.0
"""Seconds for which a guest without a connection is kept."""

REMATCH_WITHIN = 60.0
"""Seconds after a chat's end in which both may ask to meet again."""

SKIPPED_CREDIT = 1.0
"""Seconds of waiting that somebody who was skipped is given for the next search."""

ACKS_EVERY = 0.05
"""Seconds for which acknowledgements are gathered."""

ACKS_RIDE = 0.04
"""The last of these, within which they go along with a message to the same guest."""

TYPING_LASTS = 5.0
"""Seconds after which a partner who said no more about it writes no longer."""

Delivery = tuple[Connection, Event] | Frame


class Phase(Enum):
    """How far the service is on its way to stop."""

    OPEN = "open"
    DRAINING = "draining"
    CLOSING = "closing"


OPEN = Phase.OPEN
"""Asked for with every message, and slow to look up in an enum."""


class Chats:
    """The guests of one node, those who wait, and the chats between them.

    :param rng: draws partners.
    :param grace: seconds for which a guest without a connection is kept.
    :param max_guests: how many there may be, with those whose connection is lost.
    :param same_address: whether two guests from one address may meet.
    :param limits: how fast each guest may be; :meth:`limit` sets others.
    :param epoch: the Unix time at which the monotonic clock showed 0; it may be set at any time.
    :param node: the name of this node in addresses.
    :param token: makes unguessable ids and tokens.

    ``phase`` says whether all of them are to leave, and ``restarting`` that another process will be
    there at once: then they are asked to come back.
    """

    def __init__(
        self,
        rng: Random,
        *,
        grace: float = GRACE,
        max_guests: float = inf,
        same_address: SameAddress = SameAddress.ALLOW,
        limits: Limits = UNLIMITED,
        epoch: float = 0.0,
        node: str = "local",
        token: Callable[[], str] = lambda: token_urlsafe(16),
    ) -> None:
        self.guests: dict[str, Guest] = {}
        self.pool = Pool(rng, same_address)
        self.tally = Tally()
        self.grace = grace
        self.max_guests = max_guests
        self.phase = OPEN
        self.restarting = False
        self._connected: dict[Connection, Guest] = {}
        self._resumes: dict[str, Guest] = {}
        self.limits = limits
        self.epoch = epoch
        self.node = node
        self.token = token
        self._deadlines: Deadlines[tuple[Callable[[Guest, float], None], Guest]] = Deadlines()
        self._counts: Deadlines[Guest] = Deadlines()
        self.writing: Renewals[Guest] = Renewals(TYPING_LASTS)
        self._out: list[Delivery] = []

    def limit(self, limits: Limits) -> None:
        """Set how fast guests may be from now on; everybody begins anew."""
        self.limits = limits
        for guest in self.guests.values():
            guest.buckets.clear()

    def spend(self, guest: Guest, kind: Kind, now: float) -> None:
        """Count something that a guest does; raise Refused if it is too fast.

        Whoever goes on regardless is sent away, and may come back.
        """
        bucket = guest.buckets.get(kind) or self._bucket(guest, kind)
        if not (wait := bucket.take(now)):
            return
        self.tally.limited[kind] += 1
        if self._bucket(guest, Kind.REFUSALS).take(now):
            self.tally.limited[Kind.REFUSALS] += 1
            self.tell(guest, events.TooFast())
        raise Refused(Code.RATE_LIMITED, "too fast: wait for a moment", wait)

    def _bucket(self, guest: Guest, kind: Kind) -> TokenBucket:
        if kind not in guest.buckets:
            guest.buckets[kind] = self.limits.bucket(kind)
        return guest.buckets[kind]

    def tell(self, guest: Guest, event: Event) -> None:
        """Tell a guest something, if it has a connection."""
        if guest.connection is not None:
            self._out.append((guest.connection, event))

    def tell_state(self, guest: Guest, now: float) -> None:
        """Tell a guest outside of a chat where it stands."""
        if (ticket := guest.ticket) is None:
            self.tell(guest, events.Idle())
        else:
            waited = max(0.0, now - ticket.entered)
            self.tell(guest, events.Waiting(waited, ticket.stage, self.pool.estimate(now)))

    def send(self, frame: Frame) -> None:
        """Send something to another leg, wherever it is."""
        self._out.append(frame)

    def address(self, guest: Guest) -> Address:
        """Return where other nodes reach a guest."""
        return Address(self.node, guest.id)

    def answer_bye(self, frame: Frame) -> None:
        """Tell whoever sent a frame for a chat that is over that it is."""
        self.send(frames.Bye(frame.sender, frame.to, frame.chat, Reason.LEFT, False))

    def decline(self, frame: frames.Met) -> None:
        """Tell whoever opened the chat that both had asked for that nobody follows."""
        self.answer_bye(replace(frame, chat=frame.agreed))

    def after(
        self, now: float, delay: float, act: Callable[[Guest, float], None], guest: Guest
    ) -> None:
        """Let ``act`` be called ``delay`` seconds from now; it looks whether it is still meant."""
        self._deadlines.add(now, delay, (act, guest))

    def search(self, guest: Guest, now: float) -> None:
        """Let a guest search with its present wishes, unless it is about to be let go."""
        if self.phase is not OPEN:
            return
        if guest.ticket is None:
            since = now - SKIPPED_CREDIT if guest.skipped else now
            guest.skipped = False
            guest.ticket = Ticket(
                guest.id,
                guest.address,
                guest.wishes,
                guest.met,
                guest.blocked,
                entered=now,
                since=since,
                parked=not guest.present,
            )
            match = self.pool.enter(guest.ticket, now)
        else:
            match = self.pool.change(guest.ticket, guest.wishes, now)
        self.meet_or_wait(guest, match, now)

    def meet_or_wait(self, guest: Guest, match: Match | None, now: float) -> None:
        """Follow up what the pool said about a guest."""
        if match is None:
            self.tell_state(guest, now)
        else:
            self.meet(match, now)

    def meet(self, match: Match, now: float) -> None:
        """Open the chat of two who have left the pool."""
        chat = self.token()
        for mine, theirs in ((match.one, match.other), (match.other, match.one)):
            guest = self.guests[mine.guest]
            guest.ticket = None
            self.tally.waits[mine.stage].observe(now - mine.entered)
            self.open(guest, chat, Address(self.node, theirs.guest), now, mine.common(theirs))

    def open(
        self,
        guest: Guest,
        chat: str,
        partner: Address,
        now: float,
        common: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    ) -> None:
        """Give a guest its leg of a new chat; ``common`` are the shared topics and languages."""
        if guest.ticket is not None:
            self.pool.leave(guest.ticket)
            guest.ticket = None
        guest.leg, guest.unheard = Leg(chat, self.address(guest), partner, now), None
        self.tally.legs += 1
        met_before = guest.meet(partner.guest, now)
        self.tell(guest, events.Connected(chat, *common, met_before))

    def leave_chat(
        self, guest: Guest, leg: Leg, reason: Reason, now: float, *, again: bool = True
    ) -> None:
        """End a chat from our guest's side, and tell the partner why.

        ``again`` says whether the partner may ask for a rematch.
        """
        self.tally.ended[reason] += 1
        self.tally.chat_seconds.observe(now - leg.began)
        self.tally.chat_messages.observe(leg.said + leg.heard)
        self.send(frames.Bye(leg.partner, leg.me, leg.chat, reason, again))
        self.close(guest, leg, now, again)

    def fail_chat(self, guest: Guest, leg: Leg, now: float) -> None:
        """End a chat in which a message would be lost; both are told that it timed out."""
        self.end_chat(guest, leg, Reason.TIMEOUT, now)

    def end_chat(self, guest: Guest, leg: Leg, reason: Reason, now: float) -> None:
        """End a chat for a reason that neither side has given; both are told."""
        self.leave_chat(guest, leg, reason, now, again=False)
        self.left_behind(guest, leg, reason, now, again=False)

    def left_behind(self, guest: Guest, leg: Leg, reason: Reason, now: float, again: bool) -> None:
        """Tell a guest that its partner has gone, now or when it is back."""
        event = events.StrangerDisconnected(leg.chat, reason, again)
        guest.unheard = Unheard(leg, event, told=guest.connection is not None)
        self.tell(guest, event)
        guest.skipped = reason is Reason.NEXT
        if guest.roams:
            self.search(guest, now)

    def close(self, guest: Guest, leg: Leg, now: float, again: bool) -> None:
        """Take away the leg of a chat that is over; ``again`` if it may be asked for again."""
        self.confirm(guest, inf)
        guest.leg = None
        guest.chats += 1
        guest.said += leg.said
        guest.heard += leg.heard
        self.tally.legs -= 1
        guest.meet(leg.partner.guest, now)
        until = now + REMATCH_WITHIN if again else now
        guest.former = Former(leg.chat, leg.partner, until)

    def acknowledge(self, guest: Guest, leg: Leg, ack: Ack, now: float) -> None:
        """Let a guest know, with whatever else it says by then, that a message is accepted."""
        if leg.unconfirmed is None:
            leg.confirm_at = now + ACKS_EVERY
            self.after(now, ACKS_EVERY, self.confirm, guest)
        elif ack.seq < leg.unconfirmed.seq:
            # A repeat: who said it cannot know that the later one counts for it.
            self.tell(guest, ack)
            return
        leg.unconfirmed = ack

    def confirm(self, guest: Guest, by: float) -> None:
        """Acknowledge what a guest has said so far, if that falls due until ``by``."""
        leg = guest.leg
        if leg is not None and leg.unconfirmed is not None and leg.confirm_at <= by:
            self.tell(guest, leg.unconfirmed)
            leg.unconfirmed = None

    def stop_writing(self, guest: Guest, now: float) -> None:
        """Tell that the partner writes no longer, unless it has gone or said so since."""
        leg = guest.leg
        if leg is not None and leg.partner_typing_until is not None:
            leg.partner_typing_until = None
            self.tell(guest, events.StoppedTyping(leg.chat))

    def delivered(self) -> list[Delivery]:
        """Return what is to be delivered, in order, and start anew."""
        out, self._out = self._out, []
        return out
