"""SIGTERM with many guests: each that reads is told why, and the process ends with 0."""

import asyncio
import signal
from time import monotonic
from typing import Any

import pytest

from roulette.wire.closing import Closing
from tests.faults.crowd import come
from tests.faults.promises import Promises
from tests.faults.visitor import Visitor
from tests.faults.watched import Watched, watching

CLOSE_WITHIN, EXIT_WITHIN = 3.0, 8.0
"""Seconds after the pairs had their time."""


class Leaver(Visitor):
    """Notes when it was told that the service will stop, and when it was gone."""

    warned_at = at = 0.0

    def told(self, frame: dict[str, Any]) -> None:
        super().told(frame)
        if frame["type"] == "serverMessage":
            self.warned_at = monotonic()

    def lost(self) -> None:
        self.at = monotonic()


async def stop(house: Watched, number: int) -> tuple[list[Leaver], list[Leaver], float, float]:
    """Stop a service with many guests; half of them chat, and a few read nothing.

    Return who chatted and who waited, when it was stopped, and when it had ended.
    """
    chatting, waiting, deaf = ([Leaver() for _ in range(n)] for n in (number // 2,) * 2 + (10,))
    guests = [*chatting, *waiting, *deaf]
    for at in range(0, len(guests), 100):
        # Nobody may take ten seconds to say hello.
        some = guests[at : at + 100]
        await come(house.port, some, first=at)
        for guest in some:
            guest.send("hello")
    for number, guest in enumerate(guests):
        await guest.told_of("welcome")
        if guest in deaf:
            guest.transport.pause_reading()
        elif number < len(chatting):
            guest.send("start")
        else:
            guest.send("start", topics=[str(number)], only=True)
    for guest in chatting:
        await guest.told_of("connected")
    for guest in waiting:
        await guest.told_of("waiting")
    began = monotonic()
    house.process.popen.send_signal(signal.SIGTERM)
    await asyncio.gather(*(guest.gone for guest in (*chatting, *waiting)))
    assert await asyncio.to_thread(house.process.popen.wait, 60) == 0
    for guest in deaf:
        guest.transport.abort()
    return chatting, waiting, began, monotonic()


@pytest.mark.parametrize(
    ("number", "timeout"),
    [
        pytest.param(200, 2.0, id="200"),
        pytest.param(2_000, 2.0, id="2,000", marks=pytest.mark.soak),
        pytest.param(2_000, 10.0, id="2,000-default", marks=pytest.mark.soak),
    ],
)
def test_everybody_is_told_and_the_process_ends_with_0(
    promises: Promises, number: int, timeout: float
) -> None:
    with watching("--drain-timeout", str(timeout)) as house:
        chatting, waiting, began, ended = asyncio.run(stop(house, number))
    said = {(guest.code, guest.reason) for guest in waiting}
    assert said == {Closing.RESTART.value}
    assert {(guest.code, guest.reason) for guest in chatting} == {Closing.SHUTDOWN.value}
    last = [max(guest.at for guest in guests) - began for guests in (waiting, chatting)]
    warned = max(guest.warned_at for guest in chatting) - began
    assert all(guest.warned_at for guest in chatting)
    promises.at_most(14, f"told of their {timeout:g} s", warned, CLOSE_WITHIN, "s")
    promises.at_most(14, "told, who waited", last[0], CLOSE_WITHIN, "s")
    promises.at_most(14, f"told, who had {timeout:g} s", last[1], timeout + CLOSE_WITHIN, "s")
    promises.at_most(14, "ended with status 0", ended - began, timeout + EXIT_WITHIN, "s")
