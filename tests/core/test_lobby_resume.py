"""A connection is lost, and its guest comes back or does not."""

import pytest

from roulette.core import events, verbs
from roulette.core.events import Reason, State
from roulette.core.leg import KEPT_MESSAGES
from tests.core.world import World, couple, of, texts


def test_who_comes_back_finds_what_was_missed_and_the_partner_knows() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Message(chat, "a", "first"))
    world.lost(other)
    assert one.take() == [events.StrangerReconnecting(chat)]
    world.do(one, verbs.Message(chat, "b", "second"))
    world.pass_time(29)
    one.take()
    again = world.back("again", other, seq=1, chat=chat)
    assert again.take() == [
        events.Welcome(other.guest, other.resume, True, State.CHATTING, chat, 2, 30.0),
        events.GotMessage(chat, 2, "second", 0.0),
    ]
    assert one.take() == [events.StrangerBack(chat)]


@pytest.mark.parametrize(
    ("goodbye", "grace", "kept"), [(False, 30, 30), (True, 30, 5), (True, 3, 3)]
)
def test_the_grace_ends_on_time(goodbye: bool, grace: float, kept: float) -> None:
    world = World(grace=grace)
    one, other, chat = couple(world)
    world.lost(other, goodbye=goodbye)
    world.pass_time(kept - 0.001)
    assert not of(events.StrangerDisconnected, one.take())
    world.pass_time(0.002)
    assert of(events.StrangerDisconnected, one.take()) == [
        events.StrangerDisconnected(chat, Reason.TIMEOUT, False)
    ]
    assert world.back("late", other).guest != other.guest


def test_a_grace_as_long_as_the_counting_of_guests_ends_on_time_too() -> None:
    world = World(grace=10.0)
    world.pass_time(0.5)
    one, other, chat = couple(world)
    world.pass_time(0.1)
    world.lost(other)
    world.pass_time(10.001)
    assert one.take()[-1] == events.StrangerDisconnected(chat, Reason.TIMEOUT, False)


def test_who_lost_a_connection_again_is_given_the_whole_grace_again() -> None:
    world = World()
    one, other, _ = couple(world)
    world.lost(other)
    world.pass_time(20)
    again = world.back("again", other)
    world.lost(again)
    world.pass_time(29)
    assert not of(events.StrangerDisconnected, one.take())


def test_a_chat_that_ended_meanwhile_is_told_with_its_last_messages() -> None:
    world = World()
    one, other, chat = couple(world)
    world.lost(other)
    world.do(one, verbs.Message(chat, "a", "farewell"))
    world.do(one, verbs.Next(chat))
    assert world.back("again", other).take() == [
        events.Welcome(other.guest, other.resume, True, State.IDLE, None, 2, 30.0),
        events.GotMessage(chat, 1, "farewell", 0.0),
        events.StrangerDisconnected(chat, Reason.NEXT, True),
    ]


def test_a_second_connection_replaces_the_first() -> None:
    world = World()
    one, other, chat = couple(world)
    again = world.back("again", other)
    assert other.take() == [events.Replaced()]
    world.lost(other)
    assert one.take() == []
    world.do(one, verbs.Message(chat, "a", "hi"))
    assert texts(again.take()) == ["hi"]


def test_a_connection_that_replaces_learns_that_the_partner_writes() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Typing(chat))
    again = world.back("again", other)
    assert again.take()[-1] == events.Typing(chat)
    world.pass_time(5)
    assert again.take() == [events.StoppedTyping(chat)]


@pytest.mark.parametrize("seq", [1, 5])
def test_a_seq_of_an_earlier_chat_loses_nothing_of_this_one(seq: int) -> None:
    # The client never heard of the second chat: its seq counts in the first.
    world = World()
    one, other, first = couple(world)
    for number in range(5):
        world.do(one, verbs.Message(first, f"{number}", "hi"))
    world.do(one, verbs.Disconnect(first))
    world.pass_time(400)
    chat = world.meet(one, other)
    for number in range(2):
        world.do(one, verbs.Message(chat, f"{number}", f"new {number}"))
    world.lost(other)
    again = world.back("again", other, seq=seq, chat=first)
    assert texts(again.take()) == ["new 0", "new 1"]


def test_a_seq_beyond_this_chat_is_of_another_even_if_none_is_named() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Message(chat, "a", "hi"))
    world.lost(other)
    assert texts(world.back("again", other, seq=7).take()) == ["hi"]


def test_a_gap_in_what_is_kept_ends_the_chat() -> None:
    world = World()
    one, other, chat = couple(world)
    for number in range(KEPT_MESSAGES + 2):
        world.do(one, verbs.Message(chat, f"{number}", "hi"))
    world.lost(other)
    again = world.back("again", other, seq=0, chat=chat)
    assert again.take()[-1] == events.StrangerDisconnected(chat, Reason.TIMEOUT, False)
    assert one.take()[-1] == events.StrangerDisconnected(chat, Reason.TIMEOUT, False)


def test_who_took_what_was_kept_has_not_confirmed_what_was_not() -> None:
    world = World()
    one, other, chat = couple(world)
    for number in range(KEPT_MESSAGES + 2):
        world.do(one, verbs.Message(chat, f"{number}", "hi"))
    world.lost(other)
    takes = world.back("takes what is kept", other)
    assert len(texts(takes.take())) == KEPT_MESSAGES
    world.lost(takes)
    says = world.back("says that it has nothing", other, seq=0, chat=chat)
    told = says.take()
    assert texts(told) == []
    assert told[-1] == events.StrangerDisconnected(chat, Reason.TIMEOUT, False)


def test_an_end_told_to_a_dead_connection_is_told_again_to_who_still_names_the_chat() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Message(chat, "a", "unread"))
    world.do(one, verbs.Disconnect(chat))
    world.lost(other)
    again = world.back("again", other, seq=0, chat=chat)
    told = again.take()
    assert texts(told) == ["unread"]
    assert told[-1] == events.StrangerDisconnected(chat, Reason.LEFT, True)
    knows = world.back("knows", other)
    assert [type(event) for event in knows.take()] == [events.Welcome]


def test_a_gap_in_a_chat_that_ended_meanwhile_is_told_as_one() -> None:
    world = World()
    one, other, chat = couple(world)
    for number in range(KEPT_MESSAGES + 2):
        world.do(one, verbs.Message(chat, f"{number}", "hi"))
    world.do(one, verbs.Disconnect(chat))
    world.lost(other)
    told = world.back("again", other, seq=1, chat=chat).take()
    assert [type(event) for event in told] == [events.Welcome, events.StrangerDisconnected]
    assert told[-1] == events.StrangerDisconnected(chat, Reason.TIMEOUT, True)
    told = world.back("knows more", other, seq=2, chat=chat).take()
    assert len(texts(told)) == KEPT_MESSAGES
    assert told[-1] == events.StrangerDisconnected(chat, Reason.LEFT, True)


def test_who_never_heard_of_a_chat_of_which_something_is_lost_is_told_of_its_end() -> None:
    world = World()
    one, other, first = couple(world)
    world.do(one, verbs.Disconnect(first))
    world.pass_time(400)
    chat = world.meet(one, other)
    for number in range(KEPT_MESSAGES + 1):
        world.do(one, verbs.Message(chat, f"{number}", "hi"))
    world.lost(other)
    again = world.back("again", other, seq=0, chat=first)
    assert again.take()[-1] == events.StrangerDisconnected(chat, Reason.TIMEOUT, False)


def test_what_was_confirmed_is_not_owed_to_who_forgot_it() -> None:
    world = World()
    one, other, chat = couple(world)
    for number in range(3):
        world.do(one, verbs.Message(chat, f"{number}", f"{number}"))
    world.do(other, verbs.Seen(chat, 2))
    world.lost(other)
    assert texts(world.back("again", other, seq=1, chat=chat).take()) == ["2"]
    assert texts(world.back("once more", other, seq=0, chat=chat).take()) == ["2"]


def test_more_than_is_kept_for_an_absent_guest_ends_the_chat() -> None:
    world = World()
    one, other, chat = couple(world)
    world.lost(other)
    for number in range(201):
        world.do(one, verbs.Message(chat, None, f"{number}"))
    assert world.guest(one).state is State.IDLE
    told = world.back("again", other, seq=0, chat=chat).take()
    assert texts(told) == [f"{number}" for number in range(200)]
    assert told[-1] == events.StrangerDisconnected(chat, Reason.TIMEOUT, False)


def test_a_guest_that_cannot_come_back_goes_with_its_connection_for_good() -> None:
    world = World()
    one, plain = world.arrive("one"), world.arrive("plain", verbs.Hello(lasting=False, roams=True))
    chat = world.meet(one, plain)
    world.lost(plain)
    assert one.take() == [events.StrangerDisconnected(chat, Reason.LEFT, False)]
    assert list(world.lobby.guests) == [one.guest]


def test_nothing_is_kept_for_a_guest_that_cannot_come_back() -> None:
    world = World()
    one, plain = world.arrive("one"), world.arrive("plain", verbs.Hello(lasting=False))
    world.do(one, verbs.Message(world.meet(one, plain), "1", "hi"))
    assert texts(plain.take()) == ["hi"]
    assert world.guest(plain).its_leg().missed(None) == []
