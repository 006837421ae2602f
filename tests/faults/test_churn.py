"""Guests who come, skip and go, for minutes: what they leave behind does not add up."""

import asyncio
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.faults.crowd import CLOSE, Guest, come, masked
from tests.faults.promises import Promises
from tests.faults.visitor import Visitor
from tests.faults.watched import Watched

CYCLES = 1_000_000
FIRST = 100_000
"""Cycles after which all that is made only once is there."""

CROWD = 12_000
"""More guests at once than there will be again: memory that is given back may be kept for others.

Who says goodbye is kept for 5 seconds more, and at full speed two thousand go in a second.
"""

TOGETHER = 200
SECONDS = 1_200.0
"""How long it may take, with both rests; how many there were by then is written down."""

PATIENCE = 5.0

AT_REST = 70.0
"""Seconds after which nothing is remembered of anybody who has gone: a rematch has 60."""


class Skipping(Guest):
    """Comes, searches, skips the first partner, and goes."""

    _going = False  # the next partner may have been found before that was heard

    def told(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.send("start")
            case "connected" if not self._going:
                self._going = True
                self.send("next")
                self.transport.write(masked(CLOSE, b"\x03\xe8"))


@pytest.mark.soak
def test_memory_does_not_drift(house: Watched, promises: Promises) -> None:
    numbers = count()
    house.answers()
    # Only now that it runs does it have all that it has by itself.
    before = house.descriptors
    asyncio.run(crowd(house.port))
    at_rest(house)
    deadline = time.monotonic() + SECONDS
    asyncio.run(churn(house.port, numbers, FIRST, deadline))
    first = at_rest(house)
    asyncio.run(churn(house.port, numbers, CYCLES, deadline))
    drift = 100 * (at_rest(house) - first) / first
    left_over = house.settles(before) - before
    promises.at_least(20, "guests who came, skipped and went", next(numbers), FIRST)
    promises.under(20, "drift of memory", drift, 5, "%")
    promises.at_most(20, "descriptors left over", left_over, 0)


def at_rest(house: Watched) -> float:
    """Return how many megabytes a service takes once it has forgotten everybody."""
    time.sleep(AT_REST)
    house.answers()
    return house.memory


async def crowd(port: int) -> None:
    """Let many guests come, find each other, and leave."""
    guests = [Visitor() for _ in range(CROWD)]
    await come(port, guests)
    for guest in guests:
        guest.send("hello")
        guest.send("start")
    for guest in guests:
        await guest.told_of("connected")
    await asyncio.gather(*(guest.leave() for guest in guests))


async def churn(port: int, numbers: Iterator[int], until: int, deadline: float) -> None:
    """Let guests come, skip and go until one has such a number, or the deadline has come."""

    async def one_by_one() -> None:
        while (number := next(numbers)) < until and time.monotonic() < deadline:
            guest = Skipping()
            await come(port, [guest], first=number)
            guest.send("hello")
            try:
                assert await guest.gone == 1000, guest.reason
            finally:
                guest.transport.abort()

    churning = [asyncio.ensure_future(one_by_one()) for _ in range(TOGETHER)]
    await asyncio.wait(churning, return_when=asyncio.FIRST_COMPLETED)
    # Whoever is the last has nobody to meet.
    _, alone = await asyncio.wait(churning, timeout=PATIENCE)
    for each in alone:
        each.cancel()
    for ended in await asyncio.gather(*churning, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
