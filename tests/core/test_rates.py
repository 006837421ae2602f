"""How fast a guest may be: what is refused, what never is, and who is sent away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.core import events, verbs
from roulette.core.events import Code, Event
from roulette.core.limits import BURSTS, UNLIMITED, Kind, Limits
from tests.core.profiles import searching
from tests.core.world import Line, World, chat_of, couple, of, texts

MESSAGES, SKIPS, OTHERS, REFUSALS = (int(BURSTS[kind]) for kind in Kind)


def limited() -> tuple[World, Line, Line, str]:
    world = World()
    world.lobby.limit(Limits())
    one, other, chat = couple(world)
    # The search that led here counts for nobody.
    world.lobby.limit(Limits())
    return world, one, other, chat


def refused(told: list[Event]) -> events.Error | None:
    """Return the refusal for being too fast that is among these events."""
    for event in told:
        if isinstance(event, events.Error) and event.code is Code.RATE_LIMITED:
            return event
    return None


def say(world: World, line: Line, chat: str, number: int) -> events.Error | None:
    return refused(world.do(line, verbs.Message(chat, str(number), f"word {number}")))


def test_too_many_messages_are_refused_and_accepted_after_what_was_told() -> None:
    world, one, other, chat = limited()
    assert [say(world, one, chat, n) for n in range(MESSAGES)] == [None] * MESSAGES
    error = say(world, one, chat, MESSAGES)
    assert error == events.Error(
        Code.RATE_LIMITED, "too fast: wait for a moment", "message", 0.2, str(MESSAGES)
    )
    world.pass_time(0.2)
    assert say(world, one, chat, MESSAGES) is None
    assert texts(other.take()) == [f"word {n}" for n in range(MESSAGES + 1)]


def test_a_repeated_message_costs_nothing_and_a_new_connection_gives_nothing() -> None:
    world, one, other, chat = limited()
    for number in range(MESSAGES):
        say(world, one, chat, number)
    back = world.back("back", one)
    assert [say(world, back, chat, n) for n in range(MESSAGES)] == [None] * MESSAGES
    assert say(world, back, chat, MESSAGES) is not None
    assert len(texts(other.take())) == MESSAGES


def test_all_that_a_client_may_have_on_its_way_can_be_refused() -> None:
    world, one, _, chat = limited()
    for number in range(256):
        say(world, one, chat, number)
        assert not of(events.TooFast, one.told)


def test_who_goes_on_is_sent_away_and_can_come_back() -> None:
    world, one, other, chat = limited()
    for _ in range(MESSAGES + REFUSALS):
        told = world.do(one, verbs.Message(chat, None, "again"))
        assert not of(events.TooFast, told)
    told = world.do(one, verbs.Message(chat, None, "again"))
    assert of(events.TooFast, told) == [events.TooFast()]
    world.lost(one)
    assert of(events.StrangerReconnecting, other.take())
    assert world.back("back", one).take()[0] == events.Welcome(
        one.guest, one.resume, True, events.State.CHATTING, chat, 2, 30.0
    )


def test_who_skips_too_fast_leaves_all_the_same_and_is_idle_and_not_searching() -> None:
    world, one, other, chat = limited()
    assert refused(world.do(one, verbs.Next(chat))) is None
    assert of(events.StrangerDisconnected, other.take())
    for _ in range(SKIPS - 1):
        world.do(one, verbs.Cancel())
        assert refused(world.do(one, verbs.Next())) is None
    third = world.arrive("third")
    chat = chat_of(world.do(third, verbs.Start()))
    told = world.do(one, verbs.Next(chat))
    assert isinstance(told[0], events.Idle)
    error = refused(told)
    assert error is not None
    assert (error.ref, error.retry_after) == ("next", 1.0)
    assert of(events.StrangerDisconnected, third.take())
    assert refused(world.do(one, verbs.Start())) is not None
    world.pass_time(1.0)
    assert of(events.Waiting, world.do(one, verbs.Next(chat)))


@pytest.mark.parametrize("leave", [verbs.Disconnect, verbs.Block])
def test_to_leave_is_never_refused(leave: type[verbs.Disconnect | verbs.Block]) -> None:
    world, one, other, chat = limited()
    while not of(events.TooFast, world.do(one, verbs.Message(chat, None, "again"))):
        pass
    assert of(events.Idle, world.do(one, leave(chat)))
    assert of(events.StrangerDisconnected, other.take())


def test_to_change_the_wishes_is_no_skip() -> None:
    world = World()
    world.lobby.limit(Limits())
    one = world.arrive("one")
    for number in range(OTHERS):
        assert refused(world.do(one, verbs.Start((f"topic {number}",)))) is None


@pytest.mark.parametrize("verb", [verbs.Typing, verbs.StoppedTyping])
def test_whatever_else_is_limited_as_well(
    verb: type[verbs.Typing | verbs.StoppedTyping],
) -> None:
    world, one, _, chat = limited()
    for _ in range(OTHERS):
        assert refused(world.do(one, verb(chat))) is None
    assert refused(world.do(one, verb(chat))) is not None


def test_limits_are_changed_for_everybody_at_once() -> None:
    world, one, _, chat = limited()
    while say(world, one, chat, world.guest(one).its_leg().said) is None:
        pass
    world.lobby.limit(UNLIMITED)
    assert [say(world, one, chat, 1_000 + n) for n in range(1_000)] == [None] * 1_000


@searching(50)
@given(
    waits=st.lists(st.floats(0, 3), min_size=1, max_size=120), drops=st.sets(st.integers(0, 119))
)
def test_who_waits_as_told_says_everything_in_order_and_is_never_sent_away(
    waits: list[float], drops: set[int]
) -> None:
    world, one, other, chat = limited()
    line = one
    for number, wait in enumerate(waits):
        world.pass_time(wait)
        if number in drops:
            line = world.back(f"one/{number}", one)
        while (error := say(world, line, chat, number)) is not None:
            assert error.retry_after is not None
            world.pass_time(error.retry_after + 1e-9)
        assert number + 1 <= MESSAGES + 5 * world.now + 1e-6
    assert texts(other.take()) == [f"word {n}" for n in range(len(waits))]
