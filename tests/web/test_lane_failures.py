"""The way of a message in C when something fails, and what it leaves behind."""

import gc
import resource
import sys
from typing import Any
from weakref import ref

import pytest
from twisted.internet.task import Clock

from roulette.web.protocol import ChatProtocol
from tests.web.houses import couple, said

pytestmark = pytest.mark.usefixtures("lane_in_c")


@pytest.mark.parametrize("one", [True, False])
@pytest.mark.parametrize("other", [True, False])
def test_what_was_accepted_is_told_though_memory_runs_out(
    clock: Clock, one: bool, other: bool
) -> None:
    no_memory = pytest.importorskip("_testcapi", reason="this Python is without its own tests")
    ran_out = lost = 0
    for allocation in range(60):
        _, house = couple(clock, one, other)
        data = b"".join(said(house, 0, f"{number}", f"é{number}") for number in range(3))
        take, connection, hears = house.factory.take, house.connections[0], house.guest(1)
        assert hears is not None
        assert hears.leg is not None
        heard, writes = hears.leg.heard, house.transports[1].writes
        writes.clear()
        try:
            no_memory.set_nomemory(allocation, allocation + 1)
            take(connection, data)
        except MemoryError:
            ran_out += 1
        finally:
            no_memory.remove_mem_hooks()
        accepted, told = hears.leg.heard - heard, b"".join(writes).count("é".encode())
        assert told in (accepted, 0)
        lost += told < accepted
    assert ran_out > 10
    assert lost <= 2, "but for want of memory for what is written, or to write it"


def test_what_is_not_asked_for_is_an_error(clock: Clock, lane_in_c: Any) -> None:
    _, c = couple(clock, True, True)
    one = c.connections[0]
    for wrong in ((), (one,), (one, b"", 0)):
        with pytest.raises(TypeError):
            c.factory.take(*wrong)
    for other in ((None, b"x"), (ChatProtocol(), b"x"), (one, bytearray(said(c, 0, "1", "hello")))):
        assert c.factory.take(*other) == 0
    with pytest.raises(TypeError):
        lane_in_c.Lane()
    with pytest.raises(TypeError):
        lane_in_c.Lane(*[object] * 27)


def test_where_writing_fails_it_is_as_ever(clock: Clock) -> None:
    houses = couple(clock, True, False)
    for house in houses:
        house.transports[1].write = None  # type: ignore[assignment, method-assign]
        with pytest.raises(TypeError):
            house.read(0, said(house, 0, "1", "hello"))
    assert houses[0].state() == houses[1].state()


@pytest.mark.parametrize("messages", [10_000, pytest.param(500_000, marks=pytest.mark.soak)])
def test_nothing_is_left_behind(clock: Clock, messages: int) -> None:
    houses = [couple(clock, kind, kind)[1] for kind in (True, False)]

    def talk(start: int, end: int) -> tuple[int, int]:
        for number in range(start, end):
            for house in houses:
                house.read(0, said(house, 0, str(number), "hello"))
                house.transports[1].writes.clear()
        gc.collect()
        return sys.getallocatedblocks(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    blocks, peak = talk(0, 1_000)
    blocks_later, peak_later = talk(1_000, messages)
    assert sum(house.taken for house in houses) > 1.98 * messages
    # The ids are from 256 to 512, with the numbers of the messages.
    assert abs(blocks_later - blocks) < 1_500
    assert peak_later - peak < 2_000  # KiB
    factories = [ref(house.factory) for house in houses]
    houses.clear()
    clock.calls.clear()
    gc.collect()
    assert [factory() for factory in factories] == [None, None]
