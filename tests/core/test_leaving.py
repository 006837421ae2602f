"""What guests are told when the service is to stop."""

import pytest

from roulette.core import events, verbs
from roulette.core.chats import Phase
from roulette.core.events import Code, Reason
from tests.core.world import Line, World, couple, of, texts


class Stopping(World):
    """A world whose node is to stop."""

    def enter(self, phase: Phase) -> None:
        """Begin a phase, and let all go whose time it is."""
        self.lobby.phase = phase
        for guest in tuple(self.lobby.guests):
            self.post(self.lobby, self.lobby.dismiss(guest, self.now))


@pytest.mark.parametrize("wishes", [None, verbs.Start(("tea",), only=True)])
def test_whoever_has_no_partner_is_told_and_forgotten(wishes: verbs.Start | None) -> None:
    world = Stopping()
    line = world.arrive("one")
    if wishes is not None:
        world.do(line, wishes)
    line.take()
    world.enter(Phase.DRAINING)
    assert line.take() == [events.Restarting()]
    assert not world.lobby.guests
    assert len(world.lobby.pool) == 0


def test_a_pair_goes_on_and_each_leaves_when_it_has_parted() -> None:
    world = Stopping()
    one, other, chat = couple(world)
    world.enter(Phase.DRAINING)
    assert one.take() == other.take() == []
    world.do(one, verbs.Message(chat, "1", "still here"))
    assert texts(other.take()) == ["still here"]
    world.pass_time(1)
    one.take()
    assert world.do(one, verbs.Next(chat)) == [events.Restarting()]
    assert other.take() == [
        events.StrangerDisconnected(chat, Reason.NEXT, True),
        events.Restarting(),
    ]
    assert not world.lobby.guests


def test_nobody_new_is_let_in() -> None:
    world = Stopping()
    one, other, _ = couple(world)
    for phase, farewell in (
        (Phase.DRAINING, events.Restarting()),
        (Phase.CLOSING, events.ShuttingDown()),
    ):
        world.lobby.phase = phase
        for hello in (verbs.Hello(), verbs.Hello("unknown"), verbs.Hello(lasting=False)):
            new = Line("new")
            world.hello(new, hello)
            [error, last] = new.take()
            assert isinstance(error, events.Error)
            assert (error.code, error.ref) == (Code.DRAINING, "hello")
            assert last == farewell
            assert not of(events.Waiting, world.do(new, verbs.Start()))
    assert set(world.lobby.guests) == {one.guest, other.guest}


def test_who_chats_may_come_back_and_finds_what_was_said() -> None:
    world = Stopping()
    one, other, chat = couple(world)
    world.enter(Phase.DRAINING)
    world.lost(one)
    world.do(other, verbs.Message(chat, "1", "where are you?"))
    again = world.back("again", one, 0, chat)
    assert texts(again.take()) == ["where are you?"]
    assert world.do(again, verbs.Message(chat, "1", "here")) == []
    assert texts(other.take()) == ["here"]


def test_a_pair_that_has_lost_both_connections_holds_nobody_up() -> None:
    world = Stopping()
    one, other, _ = couple(world)
    world.enter(Phase.DRAINING)
    world.lost(one)
    assert len(world.lobby.guests) == 2
    world.lost(other)
    assert not world.lobby.guests
    one, other, _ = couple(before := Stopping())
    before.lost(one)
    before.lost(other)
    assert len(before.lobby.guests) == 2
    before.enter(Phase.DRAINING)
    assert not before.lobby.guests


def test_who_loses_the_connection_last_waits_for_no_answer_from_the_partners_node() -> None:
    world = Stopping()
    one, other, _ = couple(world)
    world.enter(Phase.DRAINING)
    world.lost(one)
    world.lobby.lost(other, world.now)
    assert len(world.lobby.guests) == 1


def test_whoever_roams_does_not_search_again() -> None:
    world = Stopping()
    plain = verbs.Hello(lasting=False, roams=True)
    one, other = world.arrive("one", plain), world.arrive("other", plain)
    chat = world.meet(one, other)
    world.enter(Phase.DRAINING)
    world.do(one, verbs.Disconnect())
    assert other.take() == [
        events.StrangerDisconnected(chat, Reason.LEFT, True),
        events.Restarting(),
    ]


def test_nobody_meets_again() -> None:
    world = Stopping()
    one, other, chat = couple(world)
    world.do(one, verbs.Disconnect())
    world.do(other, verbs.Rematch(chat))
    one.take()
    world.lobby.phase = Phase.DRAINING
    assert not of(events.Connected, world.do(one, verbs.Rematch(chat)))
    assert world.do(other, verbs.Start()) == [events.Restarting()]


def test_at_the_end_everybody_is_told_of_the_partner_first() -> None:
    world = Stopping()
    one, other, chat = couple(world)
    idle = world.arrive("idle")
    world.enter(Phase.CLOSING)
    gone = [events.StrangerDisconnected(chat, Reason.SHUTDOWN, False), events.ShuttingDown()]
    assert one.take() == other.take() == gone
    assert idle.take() == [events.ShuttingDown()]
    assert not world.lobby.guests


def test_in_a_restart_everybody_is_asked_to_come_back() -> None:
    world = Stopping()
    one, other, chat = couple(world)
    world.lobby.restarting = True
    world.enter(Phase.CLOSING)
    gone = [events.StrangerDisconnected(chat, Reason.SHUTDOWN, False), events.Restarting()]
    assert one.take() == other.take() == gone


def test_an_open_house_lets_nobody_go() -> None:
    world = Stopping()
    line = world.arrive("one")
    world.enter(Phase.DRAINING)
    world.enter(Phase.OPEN)
    line = world.arrive("two")
    world.enter(Phase.OPEN)
    assert line.take() == []
    assert set(world.lobby.guests) == {line.guest}
    assert world.lobby.dismiss("nobody", world.now) == []


@pytest.mark.parametrize(
    ("phase", "lasting", "plain"),
    [(Phase.OPEN, True, True), (Phase.DRAINING, True, False), (Phase.CLOSING, False, False)],
)
def test_a_connection_is_of_use_to_whom(phase: Phase, lasting: bool, plain: bool) -> None:
    world = World()
    world.lobby.phase = phase
    assert world.lobby.lets_in(lasting=True) is lasting
    assert world.lobby.lets_in(lasting=False) is plain
