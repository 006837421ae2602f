"""What happens over several verbs; coming back and meeting again have files of their own."""

from itertools import pairwise
from math import inf

import pytest

from roulette.core import events, frames, verbs
from roulette.core.events import Code, Reason, Stage, State
from roulette.core.frames import Address
from tests.core.world import Line, World, chat_of, couple, of, texts

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


def test_who_goes_on_talking_is_acknowledged_every_fifty_milliseconds() -> None:
    world = World()
    one, _, chat = couple(world)
    heard: list[events.Event] = []
    for number in range(1, 8):
        heard += world.do(one, verbs.Message(chat, f"id{number}", "hi"))
        world.pass_time(0.02)
        heard += one.take()
    assert heard == [events.Ack(chat, "id3", 3), events.Ack(chat, "id6", 6)]


def test_an_acknowledgement_goes_along_with_a_message_after_ten_milliseconds() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Message(chat, "a", "hi"))
    world.pass_time(0.009)
    world.do(other, verbs.Message(chat, "b", "hi"))
    assert of(events.Ack, one.take()) == []
    world.pass_time(0.002)
    world.do(other, verbs.Message(chat, "c", "hi"))
    assert of(events.Ack, one.take()) == [events.Ack(chat, "a", 1)]
    world.pass_time(1)
    assert one.take() == []


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


def test_a_repeated_id_is_acknowledged_also_behind_something_newer() -> None:
    world = World()
    one, _, chat = couple(world)
    for message_id in ("a", "b", "c"):
        world.do(one, verbs.Message(chat, message_id, "hi"))
    world.pass_time(1)
    one.take()
    assert world.do(one, verbs.Message(chat, "d", "hi")) == []
    assert world.do(one, verbs.Message(chat, "b", "hi")) == [events.Ack(chat, "b", 2)]
    world.pass_time(1)
    assert one.take() == [events.Ack(chat, "d", 4)]


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


@pytest.mark.parametrize(("seconds", "retry_after"), [(60.0, 60.0), (inf, None)])
def test_who_is_banned_is_told_for_how_long(seconds: float, retry_after: float | None) -> None:
    world = World()
    one, other, chat = couple(world)
    world.post(world.lobby, world.lobby.ban(other.guest, seconds, world.now))
    [error, last] = other.take()
    assert isinstance(error, events.Error)
    assert (error.code, error.ref, error.retry_after) == (Code.BANNED, None, retry_after)
    assert last == events.Banned()
    assert one.take() == [events.StrangerDisconnected(chat, Reason.KICKED, False)]
    assert world.back("again", other).guest != other.guest


def test_the_latest_places_that_a_guest_has_come_from_are_known() -> None:
    world = World()
    line = world.arrive("one")
    assert world.guest(line).pseudonyms == ()
    for place in ("a", "b", "a", None, "c", "d", "e"):
        again = Line("again")
        hello = verbs.Hello(line.resume)
        world.post(world.lobby, world.lobby.hello(again, hello, "", world.now, place))
    assert world.guest(line).pseudonyms == ("b", "c", "d", "e")
    new = Line("new")
    world.post(world.lobby, world.lobby.hello(new, verbs.Hello(), "", world.now, "a"))
    assert world.guest(new).pseudonyms == ("a",)


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


def test_who_goes_on_writing_leaves_one_deadline() -> None:
    world = World()
    one, other, chat = couple(world)
    for _ in range(100):
        world.do(one, verbs.Typing(chat))
        world.do(other, verbs.Typing(chat))
        world.pass_time(0.1)
    assert len(world.lobby.writing) == 2
    other.take()
    world.pass_time(4.89)
    assert other.take() == []
    world.pass_time(0.02)
    assert other.take() == [events.StoppedTyping(chat)]
    assert len(world.lobby.writing) == 0
