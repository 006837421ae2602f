"""Each cell of state and verb: what the guest is told, and what the partner.

The tables say it in words of the wire: what the guest is told, or ``-`` for nothing; then,
after ``/``, what the partner is, if anything. ``wrong`` and ``stale`` are the error codes
``invalid_state`` and ``stale_chat``; ``left+`` is a stranger that has left, and that may be
asked for a rematch. What a partner without a connection is told counts when it is back.
"""

from collections.abc import Callable
from typing import Any

import pytest

from roulette.core import events, verbs
from roulette.core.events import State
from roulette.core.table import TABLE
from tests.core.world import Line, World, couple

STATES = ("idle", "waiting", "chatting", "absent")

RIGHT = """
                idle                waiting             chatting              absent
hello           wrong               wrong               wrong                 wrong
start           waiting             waiting             wrong                 wrong
cancel          idle                idle                wrong                 wrong
message         stale               stale               ack 1 / gotMessage 1  ack 1 / gotMessage 1
typing          -                   -                   - / typing            -
stoppedTyping   -                   -                   - / stoppedTyping     -
seen            -                   -                   - / seen 1            - / seen 1
next            waiting             waiting             waiting / next+       waiting / next+
disconnect      idle                idle                idle / left+          idle / left+
block           idle                waiting             idle / left+          idle / left+
away            -                   -                   - / strangerAway      - / strangerAway
back            -                   waiting             - / strangerBack      -
rematch         - / rematchOffered  - / rematchOffered  wrong                 wrong
"""
"""The chat that is named is the guest's present one, or else its last one."""

UNKNOWN = """
                idle   waiting  chatting  absent
message         stale  stale    stale     stale
typing          -      -        -         -
stoppedTyping   -      -        -         -
seen            -      -        -         -
next            stale  stale    stale     stale
disconnect      stale  stale    stale     stale
block           stale  stale    stale     stale
rematch         stale  stale    wrong     wrong
"""
"""The chat that is named is older than the last one, or was never the guest's."""

LAST = """
                chatting  absent
message         stale     stale
typing          -         -
stoppedTyping   -         -
seen            -         -
next            stale     stale
disconnect      stale     stale
block           -         -
rematch         wrong     wrong
"""
"""The chat that is named was the one before, with somebody else."""

AGAIN = """
                idle                waiting             chatting              absent
message         stale x2            stale x2            ack 1 / gotMessage 1  ack 1 / gotMessage 1
start           waiting x2          waiting x2          wrong x2              wrong x2
cancel          idle x2             idle x2             wrong x2              wrong x2
typing          -                   -                   - / typing            -
stoppedTyping   -                   -                   - / stoppedTyping     -
seen            -                   -                   - / seen 1            - / seen 1
next            waiting x2          waiting x2          waiting x2 / next+    waiting x2 / next+
disconnect      idle x2             idle x2             idle x2 / left+       idle x2 / left+
block           idle x2             waiting x2          idle x2 / left+       idle x2 / left+
away            -                   -                   - / strangerAway      - / strangerAway
back            -                   waiting             - / strangerBack      -
rematch         - / rematchOffered  - / rematchOffered  wrong x2              wrong x2
"""
"""The verb comes twice, as it does from a client that is not sure of the first."""

VERBS: dict[str, Callable[[Any], verbs.Verb]] = {
    "hello": lambda chat: verbs.Hello(),
    "start": lambda chat: verbs.Start(("tea",), (), True),
    "cancel": lambda chat: verbs.Cancel(),
    "message": lambda chat: verbs.Message(chat, "id", "hi"),
    "typing": verbs.Typing,
    "stoppedTyping": verbs.StoppedTyping,
    "seen": lambda chat: verbs.Seen(chat, 1),
    "next": verbs.Next,
    "disconnect": verbs.Disconnect,
    "block": verbs.Block,
    "away": lambda chat: verbs.Away(),
    "back": lambda chat: verbs.Back(),
    "rematch": verbs.Rematch,
}

NAMELESS = ("message", "typing", "stoppedTyping", "seen", "next", "disconnect", "block")
"""The verbs of a wire on which chats have no names."""


def cells(table: str) -> list[tuple[str, str, str]]:
    head, *rows = table.strip("\n").splitlines()
    states = head.split()
    found = []
    for row in rows:
        verb, rest = row[:16].strip(), row[16:]
        told = [cell.strip() for cell in rest.split("  ") if cell.strip()]
        assert len(told) == len(states), row
        found += [(verb, state, cell) for state, cell in zip(states, told, strict=True)]
    return found


def named(event: events.Event) -> str:
    match event:
        case events.Error():
            return event.code
        case events.StrangerDisconnected():
            return f"{event.reason}{'+' if event.rematch else ''}"
        case events.Ack() | events.GotMessage() | events.Seen():
            return f"{wire_name(event)} {event.seq}"
        case _:
            return wire_name(event)


def wire_name(event: events.Event) -> str:
    name = type(event).__name__
    return name[0].lower() + name[1:]


SHORT = {"invalid_state": "wrong", "stale_chat": "stale"}


def words(told: list[events.Event]) -> str:
    names = [SHORT.get(name, name) for name in map(named, told)]
    if len(names) == 2 and names[0] == names[1]:
        return f"{names[0]} x2"
    return ", ".join(names) or "-"


def standing(state: str, verb: str) -> tuple[World, Line, Line, str]:
    """Let a guest come to a state, with a partner who has said one thing."""
    world = World()
    guest, partner, chat = couple(world)
    world.do(partner, verbs.Message(chat, None, "hello"))
    if verb == "stoppedTyping":
        world.do(guest, verbs.Typing(chat))
    if state in ("idle", "waiting"):
        world.do(guest, verbs.Disconnect(chat))
    if state == "waiting":
        world.do(guest, verbs.Start(("coffee",), (), True))
    if verb == "back":
        world.do(guest, verbs.Away())
    if state == "absent":
        world.lost(partner)
    guest.take()
    partner.take()
    return world, guest, partner, chat


def outcome(verb: str, state: str, name: str, times: int = 1) -> str:
    world, guest, partner, chat = standing(state, verb)
    naming = {"right": chat, "unknown": "nonsense", "none": None}[name]
    return play(world, guest, partner, VERBS[verb](naming), state, times)


def play(
    world: World, guest: Line, partner: Line, verb: verbs.Verb, state: str, times: int = 1
) -> str:
    before = world.guest(guest).state
    told: list[events.Event] = []
    for _ in range(times):
        told += world.do(guest, verb)
    world.pass_time(0.06)
    told += guest.take()
    states = [event for event in told if isinstance(event, events.Idle | events.Waiting)]
    after = before
    if states:
        after = State.IDLE if isinstance(states[-1], events.Idle) else State.WAITING
    assert world.guest(guest).state is after, "the guest stands elsewhere than it was told"
    if state == "absent":
        partner = world.back("partner again", partner, seq=0)
        welcome, *_ = partner.told
        assert isinstance(welcome, events.Welcome)
        del partner.told[0]
    heard = partner.take()
    return f"{words(told)} / {words(heard)}" if heard else words(told)


@pytest.mark.parametrize(("verb", "state", "told"), cells(RIGHT))
def test_a_verb_does_what_the_table_says(verb: str, state: str, told: str) -> None:
    assert outcome(verb, state, "right") == told


@pytest.mark.parametrize(("verb", "state", "told"), cells(UNKNOWN))
def test_a_verb_of_an_unknown_chat_is_refused_or_ignored(verb: str, state: str, told: str) -> None:
    assert outcome(verb, state, "unknown") == told


@pytest.mark.parametrize(
    ("verb", "state", "told"), [cell for cell in cells(RIGHT) if cell[0] in NAMELESS]
)
def test_a_verb_that_names_no_chat_means_the_present_one(verb: str, state: str, told: str) -> None:
    assert outcome(verb, state, "none") == told


@pytest.mark.parametrize(("verb", "state", "told"), cells(LAST))
def test_a_verb_of_the_chat_before_does_not_touch_this_one(
    verb: str, state: str, told: str
) -> None:
    world = World()
    guest, earlier, last = couple(world)
    world.do(earlier, verbs.Disconnect(last))
    partner = world.arrive("partner")
    world.meet(guest, partner)
    if state == "absent":
        world.lost(partner)
    guest.take()
    earlier.take()
    assert play(world, guest, partner, VERBS[verb](last), state) == told
    assert earlier.take() == []
    assert world.guest(guest).state is State.CHATTING
    assert list(world.guest(guest).blocked) == ([earlier.guest] if verb == "block" else [])


@pytest.mark.parametrize(("verb", "state", "told"), cells(AGAIN))
def test_a_verb_that_comes_twice_does_no_more(verb: str, state: str, told: str) -> None:
    assert outcome(verb, state, "right", times=2) == told


def test_the_tables_of_the_tests_are_whole() -> None:
    every = {verb for verb, _, _ in cells(RIGHT)}
    assert every == set(VERBS) == {verb("").name for verb in VERBS.values()}
    assert {type(verb("")) for verb in VERBS.values()} == set(TABLE)
    assert len(cells(RIGHT)) == len(TABLE) * len(STATES)


@pytest.mark.parametrize("state", [State.IDLE, State.WAITING])
def test_who_has_met_nobody_can_block_nobody(state: State) -> None:
    world = World()
    guest = world.arrive("guest")
    if state is State.WAITING:
        world.do(guest, verbs.Start())
    (error,) = world.do(guest, verbs.Block(None))
    assert words([error]) == "stale"


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        (verbs.Message(None, "a", ""), "invalid_field"),
        (verbs.Message(None, "a", " \n\t "), "invalid_field"),
        (verbs.Message(None, "a", "\u202e\x00"), "invalid_field"),
        (verbs.Message(None, "a", "x" * 2001), "message_too_large"),
        (verbs.Seen(None, 1), "invalid_field"),
        (verbs.Start(), "wrong"),
    ],
)
def test_what_is_not_fit_is_refused_and_disturbs_nobody(verb: verbs.Verb, code: str) -> None:
    world = World()
    guest, partner, _ = couple(world)
    told = world.do(guest, verb)
    assert words(told) == code
    (error,) = told
    assert isinstance(error, events.Error)
    assert (error.ref, error.id) == (verb.name, getattr(verb, "id", None))
    world.pass_time(1)
    assert partner.take() == guest.take() == []


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        (verbs.Start(tuple(map(str, range(11)))), "too_many_topics"),
        (verbs.Start(("x" * 33,)), "topic_too_long"),
        (verbs.Start((), tuple(map(str, range(11)))), "invalid_field"),
        (verbs.Start((), ("x" * 36,)), "invalid_field"),
    ],
)
def test_wishes_that_are_too_much_are_refused_and_the_old_ones_stay(
    verb: verbs.Verb, code: str
) -> None:
    world = World()
    guest = world.arrive("guest")
    world.do(guest, verbs.Start(("tea",)))
    assert words(world.do(guest, verb)) == code
    assert list(world.guest(guest).wishes.topics) == ["tea"]
    assert world.guest(guest).state is State.WAITING
