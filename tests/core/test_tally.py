"""What has happened is counted where it happens, once."""

import pytest

from roulette.core import verbs
from roulette.core.events import Code, Reason, Stage
from roulette.core.limits import BURSTS, Kind, Limits
from roulette.core.tally import Histogram
from tests.core.world import World, couple


def test_a_bucket_ends_with_its_bound() -> None:
    histogram = Histogram((1, 2))
    for value in (0.0, 1.0, 1.5, 2.0, 2.5, 100.0):
        histogram.observe(value)
    assert histogram.counts == [2, 2, 2]
    assert histogram.sum == 107.0


def test_a_chat_is_counted_once_with_its_length() -> None:
    world = World()
    tally = world.lobby.tally
    one, other, chat = couple(world)
    assert (tally.arrived, tally.legs) == (2, 2)
    for line, text in ((one, "1"), (other, "2"), (one, "3")):
        world.do(line, verbs.Message(chat, text, text))
    world.do(one, verbs.Message(chat, "3", "repeated, so not said again"))
    world.pass_time(7.0)
    world.do(other, verbs.Next())
    assert tally.messages == 3
    assert (tally.legs, tally.ended[Reason.NEXT], sum(tally.ended.values())) == (0, 1, 1)
    assert (tally.chat_seconds.sum, sum(tally.chat_seconds.counts)) == (7.0, 1)
    assert (tally.chat_messages.sum, sum(tally.chat_messages.counts)) == (3, 1)


@pytest.mark.parametrize(
    ("wishes", "waited", "stage"),
    [
        (verbs.Start(), 0.0, Stage.ANYONE),
        (verbs.Start(("tea",)), 2.0, Stage.TOPICS),
        (verbs.Start(("tea",), ("pl",)), 7.0, Stage.LANGUAGES),
    ],
)
def test_a_wait_is_counted_for_each_at_the_stage_that_was_reached(
    wishes: verbs.Start, waited: float, stage: Stage
) -> None:
    world = World()
    one, other = world.arrive("one"), world.arrive("other")
    world.do(one, wishes)
    world.pass_time(waited)
    world.do(other, wishes if stage is Stage.TOPICS else verbs.Start(languages=wishes.languages))
    waits = world.lobby.tally.waits
    assert world.lobby.tally.legs == 2
    assert sum(waits[stage].counts) >= 1
    assert sum(sum(each.counts) for each in waits.values()) == 2
    assert sum(each.sum for each in waits.values()) == waited


def test_who_comes_back_is_no_new_guest() -> None:
    world = World()
    line = world.arrive("one")
    world.lost(line)
    assert world.lobby.absent == 1
    world.back("again", line)
    assert (world.lobby.tally.arrived, world.lobby.tally.resumed, world.lobby.absent) == (1, 1, 0)


def test_a_second_meeting_and_a_block_are_counted_once() -> None:
    world = World()
    one, other, chat = couple(world)
    world.do(one, verbs.Disconnect())
    world.do(one, verbs.Rematch(chat))
    world.do(other, verbs.Rematch(chat))
    tally = world.lobby.tally
    assert (tally.rematches, tally.legs) == (1, 2)
    world.do(one, verbs.Block(None))
    assert (tally.blocks, tally.legs, tally.ended[Reason.LEFT]) == (1, 0, 2)


def test_a_limit_that_is_hit_is_counted_and_so_is_the_error() -> None:
    world = World()
    world.lobby.limit(Limits(skips=1.0))
    line = world.arrive("one")
    for _ in range(int(BURSTS[Kind.SKIPS]) + 2):
        world.do(line, verbs.Start())
        world.do(line, verbs.Cancel())
    assert world.lobby.tally.limited[Kind.SKIPS] == 2
    assert world.lobby.tally.refused[Code.RATE_LIMITED] == 2


def test_who_finds_no_room_is_counted() -> None:
    world = World()
    world.lobby.max_guests = 0
    world.arrive("one")
    assert world.lobby.tally.refused[Code.SERVER_FULL] == 1
    assert world.lobby.tally.arrived == 0
