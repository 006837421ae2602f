"""What each verb does, where the table says that it is done."""

from collections.abc import Callable
from typing import Any

from roulette.core import events, frames, text, verbs
from roulette.core.chats import Chats
from roulette.core.events import Code, Reason, Refused
from roulette.core.guest import Guest
from roulette.core.limits import Kind
from roulette.core.ticket import Wishes


def start(chats: Chats, guest: Guest, verb: verbs.Start, now: float) -> None:
    """Search with new wishes."""
    chats.spend(guest, Kind.SKIPS if guest.ticket is None else Kind.OTHERS, now)
    guest.wishes = Wishes.of(verb.topics, verb.languages, verb.only)
    guest.unheard = None
    chats.search(guest, now)


def next_(chats: Chats, guest: Guest, verb: verbs.Next, now: float) -> None:
    """Leave whatever chat there is, and search; who is too fast leaves it all the same."""
    leaves = guest.leg is not None
    if guest.leg is not None:
        chats.leave_chat(guest, guest.leg, Reason.NEXT, now)
    try:
        chats.spend(guest, Kind.SKIPS, now)
    except Refused:
        if leaves:
            chats.tell_state(guest, now)
        raise
    guest.unheard = None
    chats.search(guest, now)


def stop(chats: Chats, guest: Guest, verb: verbs.Verb, now: float) -> None:
    """Leave whatever chat there is, or stop searching."""
    if guest.leg is not None:
        chats.leave_chat(guest, guest.leg, Reason.LEFT, now)
    if guest.ticket is not None:
        chats.pool.leave(guest.ticket)
        guest.ticket = None
    chats.tell_state(guest, now)


def message(chats: Chats, guest: Guest, verb: verbs.Message, now: float) -> None:
    """Say something; a repeated id is acknowledged again and said only once."""
    leg = guest.its_leg()
    if verb.id is not None and (ack := leg.repeated(verb.id)) is not None:
        chats.acknowledge(guest, leg, ack, now)
        return
    said = text.clean(verb.text)
    if not said.strip():
        raise Refused(Code.INVALID_FIELD, "the text is empty")
    if len(said) > text.MESSAGE_CHARACTERS:
        raise Refused(
            Code.MESSAGE_TOO_LARGE, f"a message has at most {text.MESSAGE_CHARACTERS} characters"
        )
    chats.spend(guest, Kind.MESSAGES, now)
    seq = leg.say(verb.id)
    chats.tally.messages += 1
    at = int((chats.epoch + now) * 1000) / 1000
    chats.send(frames.Text(leg.partner, leg.me, leg.chat, seq, said, at))
    if verb.id is not None:
        chats.acknowledge(guest, leg, events.Ack(leg.chat, verb.id, seq), now)


def typing(chats: Chats, guest: Guest, verb: verbs.Verb, now: float) -> None:
    """Pass on whether the guest is writing."""
    chats.spend(guest, Kind.OTHERS, now)
    leg, on = guest.its_leg(), isinstance(verb, verbs.Typing)
    chats.send(frames.Typing(leg.partner, leg.me, leg.chat, on))


def seen(chats: Chats, guest: Guest, verb: verbs.Seen, now: float) -> None:
    """Let go of what was shown, and pass it on."""
    leg = guest.its_leg()
    if verb.seq > leg.heard:
        raise Refused(Code.INVALID_FIELD, "there is no such message yet")
    if verb.seq > leg.seen:
        chats.spend(guest, Kind.OTHERS, now)
        leg.seen = verb.seq
        leg.confirm(verb.seq)
        chats.send(frames.Seen(leg.partner, leg.me, leg.chat, verb.seq))


def block(chats: Chats, guest: Guest, verb: verbs.Block, now: float) -> None:
    """Never meet the partner again, or the last one if that is the chat that is named."""
    leg, former = guest.leg, guest.former
    if leg is not None and verb.chat in (None, leg.chat):
        partner = leg.partner
    elif former is not None:
        partner = former.partner
    else:
        raise Refused(Code.STALE_CHAT, "there is nobody to block")
    guest.block(partner.guest)
    chats.tally.blocks += 1
    if leg is not None and leg.partner == partner:
        chats.leave_chat(guest, leg, Reason.LEFT, now)
    if guest.former is not None:
        guest.former.until = now
    if guest.leg is None:
        chats.tell_state(guest, now)


def away(chats: Chats, guest: Guest, verb: verbs.Verb, now: float) -> None:
    """Note that the guest looks elsewhere, or here again."""
    is_away = isinstance(verb, verbs.Away)
    if guest.away is is_away:
        return
    chats.spend(guest, Kind.OTHERS, now)
    guest.away = is_away
    if is_away:
        guest.withdraw()
    if (leg := guest.leg) is not None:
        chats.send(frames.Away(leg.partner, leg.me, leg.chat, is_away))
    elif guest.ticket is not None and is_away:
        chats.pool.park(guest.ticket)
    elif guest.ticket is not None:
        chats.meet_or_wait(guest, chats.pool.unpark(guest.ticket, now), now)


def rematch(chats: Chats, guest: Guest, verb: verbs.Rematch, now: float) -> None:
    """Ask the last partner to meet again."""
    former = guest.former
    if former is None or former.until <= now:
        raise Refused(Code.STALE_CHAT, "it is too late to meet again")
    if guest.away:
        raise Refused(Code.INVALID_STATE, "you are away")
    if former.asked is None:
        chats.spend(guest, Kind.SKIPS, now)
        former.asked = chats.token()
        me = chats.address(guest)
        chats.send(frames.Again(former.partner, me, former.chat, former.asked))


ON_VERB: dict[type[verbs.Verb], Callable[[Chats, Guest, Any, float], None]] = {
    verbs.Start: start,
    verbs.Cancel: stop,
    verbs.Message: message,
    verbs.Typing: typing,
    verbs.StoppedTyping: typing,
    verbs.Seen: seen,
    verbs.Next: next_,
    verbs.Disconnect: stop,
    verbs.Block: block,
    verbs.Away: away,
    verbs.Back: away,
    verbs.Rematch: rematch,
}
