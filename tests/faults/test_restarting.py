"""A crash, and everybody comes back at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from random import Random
from typing import TypeVar

import pytest

from tests.faults.promises import Promises
from tests.faults.returning import Returning, until_paired
from tests.faults.watched import watching
from tests.processes import free_port

T = TypeVar("T")

PATIENCE = 60.0


def test_after_a_crash_everybody_finds_somebody_again(chance: Random) -> None:
    asyncio.run(crash(100, chance))


@pytest.mark.soak
def test_after_a_crash_two_thousand_are_back_soon(promises: Promises, chance: Random) -> None:
    listening, paired = asyncio.run(crash(2_000, chance))
    promises.at_most(15, "until it listens", listening, 3, "s")
    promises.at_most(15, "until 95 % of 2,000 have partners", paired, 15, "s")


async def crash(number: int, chance: Random) -> tuple[float, float]:
    """Return the seconds from the crash until the service listens, and until 95 % have met.

    Raises TimeoutError if they do not.
    """
    port = free_port()
    guests = [Returning(port, at, chance) for at in range(number)]
    staying = [asyncio.ensure_future(guest.stay()) for guest in guests]
    try:
        async with beside(watching(port=port)) as house:
            await until_paired(guests, 1.0, PATIENCE)
            house.process.kill()
        began = time.monotonic()
        async with beside(watching(port=port)):
            listening = time.monotonic() - began
            await until_paired(guests, 0.95, PATIENCE)
            paired = time.monotonic() - began
            for each in staying:
                each.cancel()
            await asyncio.wait(staying)
    finally:
        for each in staying:
            each.cancel()
    return listening, paired


@asynccontextmanager
async def beside(blocking: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a context in a thread, so that meanwhile the guests go on trying."""
    entered = await asyncio.to_thread(blocking.__enter__)
    try:
        yield entered
    finally:
        await asyncio.to_thread(blocking.__exit__, None, None, None)
