"""A crash, or a restart on a socket that outlives it, and everybody comes back."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from random import Random
from typing import TypeVar

import pytest

from roulette.wire.closing import Closing
from tests.faults.promises import Promises
from tests.faults.returning import Returning, until_paired, until_talking
from tests.faults.watched import watching
from tests.manager import serving_on
from tests.processes import free_port
from tests.service import Service, started

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


@pytest.mark.parametrize(
    "number",
    [pytest.param(200, id="200"), pytest.param(2_000, id="2,000", marks=pytest.mark.soak)],
)
def test_a_restart_refuses_nobody_and_all_talk_again(
    promises: Promises, chance: Random, number: int
) -> None:
    ended, talking, guests = asyncio.run(restart(number, chance))
    told = sum(guest.codes[0] == Closing.RESTART.code for guest in guests)
    promises.at_least(25, f"told 1012, of {number:,}", told, number)
    promises.at_most(25, f"refused, of {number:,}", sum(guest.refused for guest in guests), 0)
    promises.at_most(25, f"the old process had ended, {number:,}", ended, 8, "s")
    promises.at_most(25, f"until 95 % of {number:,} talk again", talking, 15, "s")


async def restart(number: int, chance: Random) -> tuple[float, float, list[Returning]]:
    """Restart the service as systemd does, on a socket of somebody else's, while guests talk.

    Return the seconds from the signal until the old process has ended, and until 95 % talk again;
    and the guests. Raises TimeoutError if they do not.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as held:
        guests = [Returning(held.getsockname()[1], at, chance) for at in range(number)]
        async with beside(serving(held)) as house:
            staying = [asyncio.ensure_future(guest.stay()) for guest in guests]
            await until_talking(guests, 1.0, PATIENCE)
            began = time.monotonic()
            house.process.popen.send_signal(signal.SIGTERM)
            await asyncio.to_thread(house.process.popen.wait, PATIENCE)
            ended = time.monotonic() - began
        async with beside(serving(held)):
            await until_talking(guests, 0.95, PATIENCE)
            talking = time.monotonic() - began
            for each in staying:
                each.cancel()
            await asyncio.wait(staying)
    return ended, talking, guests


def serving(held: socket.socket) -> AbstractContextManager[Service]:
    """Run the service on a socket that stays open when it ends."""
    return started(serving_on(held), keeping=[held.fileno()])


@asynccontextmanager
async def beside(blocking: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a context in a thread, so that meanwhile the guests go on trying."""
    entered = await asyncio.to_thread(blocking.__enter__)
    try:
        yield entered
    finally:
        await asyncio.to_thread(blocking.__exit__, None, None, None)
