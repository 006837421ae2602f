"""Who does not read: held up to a size and for a time, then cut, and the partner is told."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from tests.faults.attacker import Attacker, attacker
from tests.faults.crowd import CLOSE, TEXT, come, masked
from tests.faults.promises import Promises
from tests.faults.talk import Report
from tests.faults.visitor import Visitor
from tests.faults.watched import watching_command
from tests.service import REACTORS, fine, on, twistd

pytestmark = pytest.mark.soak

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


class Left(Visitor):
    """Says some words to who reads nothing; knows when it was told that the stranger has left."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = [str(number) for number in range(words)]
        self.settled = asyncio.Event()
        self.left_at: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def told(self, frame: dict[str, Any]) -> None:
        super().told(frame)
        if frame["type"] == "strangerDisconnected":
            self.left_at.set_result(time.monotonic())
        if self.left_at.done() or (frame["type"] == "ack" and frame["id"] == self.words[-1]):
            self.settled.set()

    async def left(self, reader: Attacker, chat: str) -> float:
        """Return how long after the reader has said goodbye one is told."""
        for word in self.words:
            self.send("message", chat=chat, id=word, text=WORDS)
        await self.settled.wait()
        reader.send(masked(CLOSE, b"\x03\xe8"))
        began = time.monotonic()
        try:
            async with asyncio.timeout(2 * TOLD_WITHIN):
                return await self.left_at - began
        finally:
            self.transport.abort()


async def leaving_unread(port: int) -> list[float]:
    """Have some who read nothing say goodbye, each after more words than the one before.

    Of the first ones nothing waits in the server by then, and the last ones it has cut before.
    Return after how many seconds each of their partners was told.
    """
    with ExitStack() as readers:
        leaving = []
        for number in range(1, 25):
            reader = readers.enter_context(attacker(port, 2 * number, buffer=4096))
            await come(port, [writer := Left(2 * number)], first=2 * number + 1)
            writer.send("hello")
            writer.send("start")
            leaving.append(writer.left(reader, (await writer.told_of("connected"))["chat"]))
        return await asyncio.gather(*leaving)


@dataclass
class Flood:
    """What came of it."""

    what: str
    mb: float
    told: list[float]
    left: int
    report: Report


@pytest.fixture(scope="module", params=REACTORS)
def flood(request: pytest.FixtureRequest) -> Iterator[Flood]:
    """Flood those who do not read, on one reactor after the other."""
    command = [*twistd(request.param), "-n", "--pidfile=", "roulette", *on()]
    with watching_command(command) as house:
        with house.talking() as talk:
            before = house.descriptors
            with house.growth() as growth:
                told = asyncio.run(flooded(house.port))
            left = house.settles(before) - before
        what = f"100 slow readers, {request.param}"
        yield Flood(what, growth.mb, told, left, talk.report)
    fine(house.log)


def test_slow_readers_are_cut_and_their_partners_told(flood: Flood, promises: Promises) -> None:
    promises.at_least(7, f"{flood.what}: partners told", len(flood.told), READERS)
    promises.at_most(7, f"{flood.what}: told, the last", max(flood.told), TOLD_WITHIN, "s")
    promises.at_most(7, f"{flood.what}: descriptors left", flood.left, 0)
    promises.at_most(7, f"{flood.what}: other pairs disturbed", flood.report.disturbed, 0)


@pytest.mark.parametrize("reactor", REACTORS)
def test_who_says_goodbye_and_reads_nothing_is_gone(reactor: str, promises: Promises) -> None:
    command = [*twistd(reactor), "-n", "--pidfile=", "roulette", *on()]
    with watching_command(command) as house:
        house.answers()
        before = house.descriptors
        told = asyncio.run(leaving_unread(house.port))
        left = house.settles(before) - before
    what = f"goodbye from who reads nothing, {reactor}"
    promises.at_most(7, f"{what}: partners told, the last", max(told), TOLD_WITHIN, "s")
    promises.at_most(7, f"{what}: descriptors left", left, 0)
    fine(house.log)


def test_slow_readers_hold_little(flood: Flood, promises: Promises) -> None:
    promises.under(7, f"{flood.what}: memory", flood.mb, 50, "MB")
