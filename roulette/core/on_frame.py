"""What each frame does to the guest that it is for.

All but the two of a rematch come only to a guest whose leg they belong to, and with it.
"""

from collections.abc import Callable
from typing import Any

from roulette.core import events, frames
from roulette.core.chats import ACKS_RIDE, TYPING_LASTS, Chats
from roulette.core.guest import Former, Guest
from roulette.core.leg import Leg


def text(chats: Chats, guest: Guest, leg: Leg, frame: frames.Text, now: float) -> None:
    """Keep what the partner said until it is known to have arrived, and tell it."""
    if frame.seq <= leg.heard:
        return
    leg.partner_typing_until = None
    message = events.GotMessage(leg.chat, frame.seq, frame.text, frame.at)
    in_order = frame.seq == leg.heard + 1
    handed, lasting = guest.connection is not None, guest.resume is not None
    if in_order and leg.hear(message, handed=handed, lasting=lasting):
        chats.tell(guest, message)
        chats.confirm(guest, now + ACKS_RIDE)
    else:
        chats.fail_chat(guest, leg, now)


def typing(chats: Chats, guest: Guest, leg: Leg, frame: frames.Typing, now: float) -> None:
    """Tell that the partner writes, or no longer does."""
    was = leg.partner_typing_until is not None
    if frame.on and guest.connection is not None:
        leg.partner_typing_until = now + TYPING_LASTS
        chats.writing.renew(now, guest)
        if not was:
            chats.tell(guest, events.Typing(leg.chat))
    elif was:
        leg.partner_typing_until = None
        chats.tell(guest, events.StoppedTyping(leg.chat))


def seen(chats: Chats, guest: Guest, leg: Leg, frame: frames.Seen, now: float) -> None:
    """Tell how far the partner has read; that says also what was accepted."""
    leg.seen_by_partner = frame.seq
    if leg.unconfirmed is not None and leg.unconfirmed.seq <= frame.seq:
        leg.unconfirmed = None
    chats.tell(guest, events.Seen(leg.chat, frame.seq))


def away(chats: Chats, guest: Guest, leg: Leg, frame: frames.Away, now: float) -> None:
    """Tell that the partner looks elsewhere, or here again."""
    leg.partner_away = frame.on
    if not leg.partner_absent:
        _tell_presence(chats, guest, leg)


def absent(chats: Chats, guest: Guest, leg: Leg, frame: frames.Absent, now: float) -> None:
    """Tell that the partner has lost its connection, or found it again."""
    leg.partner_absent = frame.on
    leg.partner_typing_until = None
    _tell_presence(chats, guest, leg)


def bye(chats: Chats, guest: Guest, leg: Leg, frame: frames.Bye, now: float) -> None:
    """End the chat, since the partner has."""
    chats.close(guest, leg, now, frame.again)
    chats.left_behind(guest, leg, frame.reason, now, frame.again)


def again(chats: Chats, guest: Guest, frame: frames.Again, now: float) -> None:
    """Meet again if our guest has asked too, else tell of the offer.

    Who cannot meet says nothing: neither a block nor another chat is the partner's business.
    """
    former = _former(guest, frame, now)
    if former is None:
        return
    former.offered = frame.proposal
    if former.asked is not None:
        # Both nodes know both proposals, and choose alike.
        agreed = min(former.asked, former.offered)
        chats.tally.rematches += 1
        chats.send(frames.Met(frame.sender, frame.to, frame.chat, agreed))
        chats.open(guest, agreed, former.partner, now)
    else:
        chats.tell(guest, events.RematchOffered(former.chat, former.until - now))


def met(chats: Chats, guest: Guest, frame: frames.Met, now: float) -> None:
    """Follow the partner into the chat that both have asked for."""
    if guest.leg is not None and guest.leg.chat == frame.agreed:
        return
    former = _former(guest, frame, now)
    if former is not None and former.asked is not None:
        chats.open(guest, frame.agreed, former.partner, now)
    else:
        chats.decline(frame)


def _former(guest: Guest, frame: frames.Frame, now: float) -> Former | None:
    former = guest.former
    if (
        former is not None
        and guest.leg is None
        and former.chat == frame.chat
        and former.partner == frame.sender
        and now < former.until
    ):
        return former
    return None


def _tell_presence(chats: Chats, guest: Guest, leg: Leg) -> None:
    if leg.partner_absent:
        chats.tell(guest, events.StrangerReconnecting(leg.chat))
    elif leg.partner_away:
        chats.tell(guest, events.StrangerAway(leg.chat))
    else:
        chats.tell(guest, events.StrangerBack(leg.chat))


ON_FRAME: dict[type[frames.Frame], Callable[[Chats, Guest, Leg, Any, float], None]] = {
    frames.Text: text,
    frames.Typing: typing,
    frames.Seen: seen,
    frames.Away: away,
    frames.Absent: absent,
    frames.Bye: bye,
}
"""What is done with a frame that belongs to a leg."""

ON_REMATCH: dict[type[frames.Frame], Callable[[Chats, Guest, Any, float], None]] = {
    frames.Again: again,
    frames.Met: met,
}
"""What is done with one for which the chat that has ended counts."""
