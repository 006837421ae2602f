"""Guests who leave, however they do, leave nothing behind."""

import asyncio
import time
from random import Random

from tests.faults.crowd import come
from tests.faults.promises import Promises
from tests.faults.visitor import Visitor
from tests.faults.watched import watching

GRACE = 1.0

LOOKS = 5
"""How often to look: a busy machine takes its time to note a loss, and that the grace is over."""


async def come_and_go(port: int, number: int, chance: Random) -> None:
    """Let guests come, of whom some wait, some chat and some do nothing, and go in every way."""
    guests = [Visitor() for _ in range(number)]
    await come(port, guests)
    for guest in guests:
        if chance.random() < 0.9:
            guest.send("hello")
            await guest.told_of("welcome")
            if chance.random() < 0.9:
                guest.send("start")
    for guest in guests:
        match chance.randrange(4):
            case 0:
                await guest.leave()
            case 1:
                guest.transport.abort()
            case 2:
                guest.transport.write(b"\x81\xfe")  # half a frame
                guest.transport.write_eof()
            case _:
                guest.transport.close()
    await asyncio.gather(*(guest.gone for guest in guests))


async def guests_there(port: int) -> int:
    """Return how many guests there are beside the one who asks, who is told nobody is there."""
    asking = Visitor()
    await come(port, [asking], first=50_000)
    asking.send("hello")
    welcome = await asking.told_of("welcome")
    await asking.leave()
    return int(welcome["guests"]) - 1


def test_after_all_have_left_nothing_is_left(promises: Promises, chance: Random) -> None:
    with watching("--grace", str(GRACE)) as house:
        house.answers()
        # Only now that it runs does it have all that it has by itself.
        before = house.descriptors
        asyncio.run(come_and_go(house.port, 300, chance))
        left_over = house.settles(before) - before
        for _ in range(LOOKS):
            # Who looks is there too, for as long.
            time.sleep(GRACE + 0.1)
            if (there := asyncio.run(guests_there(house.port))) == 0:
                break
    promises.at_most(3, "descriptors left over", left_over, 0)
    promises.at_most(3, "guests left over, waiting or paired", there, 0)
