"""Who does not read: held up to a size and for a time, then cut, and the partner is told."""

import asyncio
import socket
import time

import msgspec
import pytest

from tests.faults.crowd import TEXT, come, masked
from tests.faults.promises import Promises
from tests.faults.visitor import Visitor
from tests.faults.watched import Watched, watching_command
from tests.service import REACTORS, fine, on, twistd

READERS = 100
FLOOD = 10_000_000
TOLD_WITHIN = 10.0
WORDS = "\N{GRINNING FACE}" * 2000


class Writer(Visitor):
    """Writes as fast as it is read, until the stranger is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = asyncio.Event()
        self.may_write.set()

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    async def flood(self, chat: str) -> float:
        """Write at most 10 MB; return after how many seconds one was told that nobody reads."""
        began = time.monotonic()
        told = asyncio.create_task(self.told_of("strangerReconnecting", 2 * TOLD_WITHIN))
        for number in range(FLOOD // 8000):
            said = {"type": "message", "chat": chat, "id": str(number), "text": WORDS}
            self.transport.write(masked(TEXT, msgspec.json.encode(said)))
            await asyncio.sleep(0)
            await self.may_write.wait()
            if told.done():
                break
        await told
        return time.monotonic() - began


async def flooded(port: int) -> list[float]:
    """Flood those who do not read; return when each of their partners was told, in seconds."""
    pairs: list[tuple[Writer, str]] = []
    silent: list[Visitor] = []
    for number in range(READERS):
        reader, writer = Visitor(), Writer()
        await come(port, [reader, writer], first=2_000 + 2 * number)
        for each in (reader, writer):
            each.send("hello")
            each.send("start")
        chat = (await writer.told_of("connected"))["chat"]
        await reader.told_of("connected")
        reader.transport.pause_reading()
        plug: socket.socket = reader.transport.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        pairs.append((writer, chat))
        silent.append(reader)
    try:
        return await asyncio.gather(*(writer.flood(chat) for writer, chat in pairs))
    finally:
        for each in (*silent, *(writer for writer, _ in pairs)):
            each.transport.abort()


@pytest.mark.parametrize("reactor", REACTORS)
def test_slow_readers_are_cut_and_hold_little(promises: Promises, reactor: str) -> None:
    command = [*twistd(reactor), "-n", "--pidfile=", "roulette", *on()]
    with watching_command(command) as house:
        check(house, promises, reactor)
    fine(house.log)


def check(house: Watched, promises: Promises, reactor: str) -> None:
    before = house.descriptors
    with house.talking() as talk:
        during = house.descriptors
        with house.growth() as growth:
            told = asyncio.run(flooded(house.port))
        left = house.settles(during) - during
    what = f"100 slow readers, {reactor}"
    promises.under(7, f"{what}: memory", growth.mb, 50, "MB")
    promises.at_least(7, f"{what}: partners told", len(told), READERS)
    promises.at_most(7, f"{what}: cut, the last", max(told), TOLD_WITHIN, "s")
    promises.at_most(7, f"{what}: descriptors left", left, 0)
    assert talk.report.disturbed == 0
    assert house.settles(before) == before
