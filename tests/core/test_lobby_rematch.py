"""Two who have parted meet again, if both ask."""

import pytest

from roulette.core import events, verbs
from roulette.core.events import Code, Reason, State
from roulette.core.frames import Address
from tests.core.world import Line, World, chat_of, couple


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
