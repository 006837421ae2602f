"""A guest whose connection is lost, and what it finds when it comes back in time."""

from msgspec.structs import replace

from roulette.core import events, frames, verbs
from roulette.core.chats import Chats
from roulette.core.events import Reason
from roulette.core.guest import Guest
from roulette.core.leg import Leg


def went_absent(chats: Chats, guest: Guest) -> None:
    """Let a guest without a connection be met by nobody; its partner is told."""
    if guest.ticket is not None:
        chats.pool.park(guest.ticket)
    if (leg := guest.leg) is not None:
        leg.partner_typing_until = leg.unconfirmed = None
        chats.send(frames.Absent(leg.partner, leg.me, leg.chat, on=True))
    guest.withdraw()


def came_back(chats: Chats, guest: Guest, verb: verbs.Hello, was_absent: bool, now: float) -> None:
    """Tell a guest on a new connection what it has missed, and let it go on.

    ``was_absent`` if it had none meanwhile, so that its partner was told.
    """
    unheard = guest.unheard
    if unheard is not None and (not unheard.told or verb.chat == unheard.leg.chat):
        guest.unheard = replace(unheard, told=True)
        missed, end = unheard.leg.missed(verb.seq, verb.chat), unheard.event
        for message in missed or ():
            chats.tell(guest, message)
        chats.tell(guest, end if missed is not None else replace(end, reason=Reason.TIMEOUT))
    if guest.leg is not None:
        _resume_chat(chats, guest, guest.leg, verb, was_absent, now)
    elif guest.ticket is not None:
        match = chats.pool.unpark(guest.ticket, now) if guest.present else None
        chats.meet_or_wait(guest, match, now)
    former = guest.former
    if guest.leg is None and former is not None and former.offered and now < former.until:
        chats.tell(guest, events.RematchOffered(former.chat, former.until - now))


def _resume_chat(
    chats: Chats, guest: Guest, leg: Leg, verb: verbs.Hello, was_absent: bool, now: float
) -> None:
    missed = leg.missed(verb.seq, verb.chat)
    if missed is None:
        chats.fail_chat(guest, leg, now)
        return
    for message in missed:
        chats.tell(guest, message)
    if leg.seen_by_partner:
        chats.tell(guest, events.Seen(leg.chat, leg.seen_by_partner))
    if leg.partner_absent:
        chats.tell(guest, events.StrangerReconnecting(leg.chat))
    elif leg.partner_away:
        chats.tell(guest, events.StrangerAway(leg.chat))
    if leg.partner_typing_until is not None:
        chats.tell(guest, events.Typing(leg.chat))
    if was_absent:
        chats.send(frames.Absent(leg.partner, leg.me, leg.chat, on=False))
