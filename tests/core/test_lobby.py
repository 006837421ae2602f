"""What happens over several verbs: acknowledging, coming back, meeting again, being sent away."""

from itertools import pairwise

import pytest

from roulette.core import events, frames, verbs
from roulette.core.events import Code, Reason, Stage, State
from roulette.core.frames import Address
from roulette.core.leg import KEPT_MESSAGES
from tests.core.world import Line, World, chat_of, couple


def texts(told: list[events.Event]) -> list[str]:
    return [event.text for event in told if isinstance(event, events.GotMessage)]


def of(kind: type[events.Event], told: list[events.Event]) -> list[events.Event]:
    return [event for event in told if isinstance(event, kind)]


# Acknowledging.


def test_what_is_said_is_acknowledged_after_fifty_milliseconds_all_at_once() -> None:
    world = World()
    one, _, chat = couple(world)
    for number in range(1, 4):
        assert world.do(one, verbs.Message(chat, f"id{number}", "hi")) == []
    world.pass_time(0.049)
    assert one.take() == []
    world.pass_time(0.002)
    assert one.take() == [events.Ack(chat, "id3", 3)]


def test_a_repeated_id_is_acknowledged_again_and_said_once() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Message(chat, "a", "hi"))
    world.pass_time(1)
    one.take()
    world.do(one, verbs.Message(chat, "a", "hi"))
    world.pass_time(1)
    assert one.take() == [events.Ack(chat, "a", 1)]
    assert texts(other.take()) == ["hi"]


def test_seen_says_what_an_acknowledgement_would() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Message(chat, "a", "hi"))
    world.do(other, verbs.Seen(chat, 1))
    world.pass_time(1)
    assert one.take() == [events.Seen(chat, 1)]


def test_acknowledgements_keep_their_distance_though_seen_came_between() -> None:
    world = World()
    one, other, chat = couple(world)
    acknowledged = []
    for tick in range(40):
        if tick % 3 == 0:
            world.do(one, verbs.Message(chat, f"{tick}", "hi"))
        if tick == 1:
            world.do(other, verbs.Seen(chat, 1))
        world.pass_time(0.01)
        acknowledged += [tick] * len(of(events.Ack, one.take()))
    # Looked at every 10 ms.
    assert len(acknowledged) >= 4
    assert all(later - tick >= 5 for tick, later in pairwise(acknowledged)), acknowledged


def test_what_was_accepted_is_acknowledged_before_the_end_is_told() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Message(chat, "a", "hi"))
    world.do(other, verbs.Disconnect(chat))
    assert one.take() == [
        events.Ack(chat, "a", 1),
        events.StrangerDisconnected(chat, Reason.LEFT, True),
    ]


# Coming back.


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


# Meeting again.


def ended(world: World) -> tuple[Line, Line, str]:
    one, other, chat = couple(world)
    world.do(one, verbs.Disconnect(chat))
    other.take()
    return one, other, chat


def test_two_who_both_ask_meet_again() -> None:
    world = World()
    one, other, chat = ended(world)
    world.pass_time(10)
    assert world.do(one, verbs.Rematch(chat)) == []
    assert other.take() == [events.RematchOffered(chat, 50.0)]
    told = world.do(other, verbs.Rematch(chat))
    assert told == [events.Connected(chat_of(told), (), (), True)]
    assert chat_of(one.take()) == chat_of(told) != chat


@pytest.mark.parametrize("seconds", [60.0, 61.0])
def test_after_a_minute_nobody_can_ask(seconds: float) -> None:
    world = World()
    one, _, chat = ended(world)
    world.pass_time(seconds)
    (error,) = world.do(one, verbs.Rematch(chat))
    assert isinstance(error, events.Error)
    assert error.code is Code.STALE_CHAT


def test_who_is_blocked_is_not_met_again_and_not_told() -> None:
    world = World()
    one, other, chat = ended(world)
    world.do(one, verbs.Rematch(chat))
    other.take()
    world.do(other, verbs.Block(chat))
    assert world.do(one, verbs.Rematch(chat)) == []
    world.do(one, verbs.Start())
    world.do(other, verbs.Start())
    world.pass_time(1000)
    assert world.guest(one).state is State.WAITING


def test_a_late_block_ends_the_chat_if_it_is_with_the_same_stranger() -> None:
    world = World()
    one, other, chat = ended(world)
    world.do(one, verbs.Rematch(chat))
    second = chat_of(world.do(other, verbs.Rematch(chat)))
    one.take()
    assert world.do(other, verbs.Block(chat)) == [events.Idle()]
    assert one.take() == [events.StrangerDisconnected(second, Reason.LEFT, True)]


def test_a_late_block_leaves_a_chat_with_somebody_else_alone() -> None:
    world = World()
    one, other, chat = ended(world)
    third = world.arrive("third")
    second = world.meet(other, third)
    assert world.do(other, verbs.Block(chat)) == []
    leg = world.guest(other).leg
    assert leg is not None
    assert leg.chat == second
    assert list(world.guest(other).blocked) == [one.guest]


@pytest.mark.parametrize("gone", ["away", "lost"])
def test_who_asked_and_then_went_is_not_met_but_finds_the_offer(gone: str) -> None:
    world = World()
    one, other, chat = ended(world)
    world.do(one, verbs.Rematch(chat))
    if gone == "away":
        world.do(one, verbs.Away())
    else:
        world.lost(one)
    assert world.do(other, verbs.Rematch(chat)) == []
    if gone == "away":
        assert one.take() == [events.RematchOffered(chat, 60.0)]
        world.do(one, verbs.Back())
        back = one
    else:
        back = world.back("back", one)
        assert back.take()[-1] == events.RematchOffered(chat, 60.0)
    assert chat_of(world.do(back, verbs.Rematch(chat)))


def test_who_is_away_cannot_ask() -> None:
    world = World()
    one, _, chat = ended(world)
    world.do(one, verbs.Away())
    (error,) = world.do(one, verbs.Rematch(chat))
    assert isinstance(error, events.Error)
    assert error.code is Code.INVALID_STATE


def both_ask_on_two_nodes() -> tuple[World, Line, Line]:
    """Return two who have parted and asked to meet again, with every frame on its way."""
    world = World("east", "west", delayed=True)
    lines = {"east": Line("one"), "west": Line("other")}
    for node, line in lines.items():
        world.post(world.nodes[node], world.nodes[node].hello(line, verbs.Hello(), "", 0.0))
    for here, there in (("east", "west"), ("west", "east")):
        guest = world.nodes[here].guests[lines[here].guest]
        world.nodes[here].open(guest, "c", Address(there, lines[there].guest), 0.0)
    for verb in (verbs.Disconnect(), verbs.Rematch("c")):
        for node, line in lines.items():
            world.post(world.nodes[node], world.nodes[node].do(line, verb, 0.0))
    return world, lines["east"], lines["west"]


def carry_everything(world: World) -> None:
    while wires := [wire for wire, queue in world.wires.items() if queue]:
        for wire in wires:
            world.carry(wire)


def test_two_who_ask_at_the_same_time_meet_in_one_chat() -> None:
    world, one, other = both_ask_on_two_nodes()
    carry_everything(world)
    met, also_met = one.take()[-1], other.take()[-1]
    assert isinstance(met, events.Connected)
    assert met == also_met


def test_who_follows_a_partner_that_is_gone_is_told() -> None:
    world, one, other = both_ask_on_two_nodes()
    west = world.nodes["west"]
    world.post(west, west.kick(other.guest, 0.0))
    carry_everything(world)
    met, gone = one.take()[-2:]
    assert gone == events.StrangerDisconnected(chat_of([met]), Reason.LEFT, False)


# The operator.


def test_who_is_sent_away_is_told_last_and_the_partner_why() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(other, verbs.Message(chat, "a", "hi"))
    one.take()
    world.post(world.lobby, world.lobby.kick(other.guest, world.now))
    assert other.take() == [events.Ack(chat, "a", 1), events.Kicked()]
    assert one.take() == [events.StrangerDisconnected(chat, Reason.KICKED, False)]
    with pytest.raises(KeyError):
        world.lobby.kick(other.guest, world.now)
    assert world.back("again", other).guest != other.guest


def test_an_announcement_reaches_whoever_has_a_connection() -> None:
    world = World()
    one, other, _ = couple(world)
    world.lost(other)
    one.take()
    world.post(world.lobby, world.lobby.announce("closing at nine"))
    assert one.take() == [events.ServerMessage("closing at nine")]
    assert events.ServerMessage("closing at nine") not in other.take()


# What is told beside the chats.


def test_everybody_is_told_how_many_are_here_at_most_every_ten_seconds_if_it_changed() -> None:
    world = World()
    one = world.arrive("one")
    world.pass_time(3)
    world.arrive("two")
    world.arrive("three")
    world.pass_time(6.9)
    assert one.take() == []
    world.pass_time(0.2)
    assert one.take() == [events.Guests(3)]
    world.pass_time(60)
    assert one.take() == []


def test_whoever_waits_is_told_when_less_is_insisted_on() -> None:
    world = World()
    one = world.arrive("one")
    assert world.do(one, verbs.Start(("tea",), ("pl",))) == [
        events.Waiting(0.0, Stage.TOPICS, None)
    ]
    world.pass_time(5)
    assert one.take() == [events.Waiting(5.0, Stage.LANGUAGES, None)]
    world.pass_time(5)
    assert one.take() == [events.Waiting(10.0, Stage.ANYONE, None)]
    world.pass_time(100)
    assert one.take() == []


def test_nobody_writes_for_more_than_five_seconds_without_saying_so_again() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Typing(chat))
    world.pass_time(3)
    world.do(one, verbs.Typing(chat))
    assert other.take() == [events.Typing(chat)]
    world.pass_time(4.9)
    assert other.take() == []
    world.pass_time(0.2)
    assert other.take() == [events.StoppedTyping(chat)]


def test_a_message_ends_the_writing() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Typing(chat))
    world.do(one, verbs.Message(chat, None, "hi"))
    other.take()
    world.do(one, verbs.StoppedTyping(chat))
    world.pass_time(10)
    assert other.take() == []


def test_an_away_guest_is_not_met_until_it_is_back() -> None:
    world = World()
    one, other = world.arrive("one"), world.arrive("other")
    world.do(one, verbs.Start())
    world.do(one, verbs.Away())
    world.do(other, verbs.Start())
    world.pass_time(100)
    assert world.guest(other).state is State.WAITING
    assert chat_of(world.do(one, verbs.Back()))


def test_who_was_away_is_so_still_on_a_new_connection() -> None:
    world = World()
    one, other = world.arrive("one"), world.arrive("other")
    world.do(one, verbs.Away())
    world.lost(one)
    again = world.back("again", one)
    world.do(again, verbs.Start())
    world.do(other, verbs.Start())
    assert world.guest(other).state is State.WAITING
    assert chat_of(world.do(again, verbs.Back()))


def test_away_and_back_are_told_once() -> None:
    world = World()
    one, other, chat = couple(world)
    for verb in (verbs.Away(), verbs.Away(), verbs.Back(), verbs.Back()):
        world.do(one, verb)
    assert other.take() == [events.StrangerAway(chat), events.StrangerBack(chat)]


def test_before_hello_nothing_is_done() -> None:
    world = World()
    line = Line("stranger")
    (error,) = world.do(line, verbs.Start())
    assert isinstance(error, events.Error)
    assert error.code is Code.INVALID_STATE
    assert not world.lobby.guests


def test_hello_is_said_once() -> None:
    world = World()
    one = world.arrive("one")
    world.hello(one)
    (error,) = one.take()
    assert isinstance(error, events.Error)
    assert (error.code, error.ref) == (Code.INVALID_STATE, "hello")
    assert len(world.lobby.guests) == 1


# Frames that come too late, or from somebody else.


def test_a_frame_of_another_chat_or_sender_is_answered_by_a_bye_and_not_told() -> None:
    world = World(delayed=True)
    one, _, chat = couple(world)
    mine = Address("local", one.guest)
    partner = world.guest(one).leg
    assert partner is not None
    for sender, named in ((partner.partner, "old"), (Address("local", "somebody"), chat)):
        frame = frames.Text(mine, sender, named, 1, "hi", 0.0)
        (answer,) = world.lobby.receive(frame, 0.0)
        assert answer == frames.Bye(sender, mine, named, Reason.LEFT, False)
        assert world.lobby.receive(frames.Bye(mine, sender, named, Reason.LEFT, True), 0.0) == []
    assert one.take() == []


def test_a_frame_that_comes_twice_is_told_once_and_one_that_is_missing_ends_the_chat() -> None:
    world = World(delayed=True)
    one, other, chat = couple(world)
    mine = Address("local", one.guest)
    sender = Address("local", other.guest)

    def text(seq: int) -> frames.Text:
        return frames.Text(mine, sender, chat, seq, f"{seq}", 0.0)

    for seq in (1, 2, 2, 1):
        world.post(world.lobby, world.lobby.receive(text(seq), 0.0))
    assert texts(one.take()) == ["1", "2"]
    world.post(world.lobby, world.lobby.receive(text(4), 0.0))
    assert one.take() == [events.StrangerDisconnected(chat, Reason.TIMEOUT, False)]
    world.carry(("local", "local"))
    assert other.take() == [events.StrangerDisconnected(chat, Reason.TIMEOUT, False)]
