"""Pairs who talk at a steady pace, in a process of their own, and what became of it.

``python -m tests.faults.talk PORT PAIRS RATE MESSAGES FIRST`` says ``talking`` when all have met;
each guest then says RATE messages a second, until MESSAGES have been said by all (0: without end).
At SIGTERM, or when all was said, it prints a report and ends. FIRST is the number of the first
guest's address.
"""

import asyncio
import json
import signal
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests import processes
from tests.faults.crowd import Guest, come

ROOT = Path(__file__).parents[2]

SECRET = "zatajone"
"""A word in every message, that must be in no log."""

PATIENCE = 30.0
"""Seconds within which all have met, and within which the last message has come."""

LEAST = 5
"""Messages that each guest says at least, so that there is something to measure."""

WINDOW = 20
"""Messages that one has on the way at most: who does not wait for an answer measures a queue."""

TICK = 0.01
"""Seconds between two looks at what is to be said."""


@dataclass
class Report:
    """What became of the messages; latencies are in milliseconds, one way."""

    sent: int = 0
    heard: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    foreign: int = 0
    """Messages of another pair's."""
    ended: int = 0
    """Chats that ended, or were interrupted, and frames that were refused."""
    p50: float = 0.0
    p99: float = 0.0
    worst: float = 0.0
    late: float = 0.0
    """How late this process was woken by the machine, p99: what its load adds to a latency."""

    @property
    def disturbed(self) -> int:
        """Return how many things went wrong."""
        return self.lost + self.doubled + self.reordered + self.foreign + self.ended


class Talker(Guest):
    """One of a pair; says numbered messages, and checks those of the other."""

    other: "Talker"

    def __init__(self, pair: int, report: Report, latencies: "array[float]") -> None:
        super().__init__()
        self.met: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pair = pair
        self.sent = 0
        self.leaving = False
        self._report, self._latencies = report, latencies
        self._chat = ""
        self._last = 0
        self.missing: set[int] = set()
        self._now = asyncio.get_running_loop().time

    def say(self) -> None:
        self.sent += 1
        self._report.sent += 1
        text = f"{SECRET} {self.pair} {id(self)} {self.sent} {self._now()}"
        self.send("message", chat=self._chat, id=str(self.sent), text=text)

    def told(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "gotMessage":
                self._hear(frame["chat"], *frame["text"].split())
            case "welcome":
                self.send("start", topics=[f"pair {self.pair}"], only=True)
            case "connected":
                self._chat = frame["chat"]
                self.met.set_result(None)
            case "ack" | "guests" | "waiting":
                pass
            case _:
                self._report.ended += not self.leaving

    def lost(self) -> None:
        self._report.ended += not self.leaving

    @property
    def may_speak(self) -> bool:
        """Return whether there is a connection, and not too much on the way already."""
        return not self.gone.done() and self.other.unheard < WINDOW

    @property
    def unheard(self) -> int:
        """Return how many messages of the other's have not come."""
        return len(self.missing) + self.other.sent - self._last

    def _hear(self, chat: str, _: str, pair: str, who: str, number: str, at: str) -> None:
        self._latencies.append(self._now() - float(at))
        if (chat, int(pair), int(who)) != (self._chat, self.pair, id(self.other)):
            self._report.foreign += 1
            return
        seq = int(number)
        if seq > self._last:
            self.missing.update(range(self._last + 1, seq))
            self._report.heard += 1
            self._last = seq
        elif seq in self.missing:
            self.missing.remove(seq)
            self._report.heard += 1
            self._report.reordered += 1
        else:
            self._report.doubled += 1


async def talk(port: int, pairs: int, rate: float, messages: int, first: int) -> Report:
    """Let pairs talk until SIGTERM, or until all was said; return what became of it."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    report, latencies = Report(), array("d")
    guests = [Talker(number // 2, report, latencies) for number in range(2 * pairs)]
    for number, guest in enumerate(guests):
        guest.other = guests[number ^ 1]
    async with asyncio.timeout(PATIENCE):
        await come(port, guests, first=first)
        for guest in guests:
            guest.send("hello")
        await asyncio.gather(*(guest.met for guest in guests))
    print("talking", flush=True)
    late = await _say(guests, rate, messages, stop)
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while any(guest.unheard for guest in guests) and not _over(deadline):  # noqa: ASYNC110
        await asyncio.sleep(TICK)
    report.lost = sum(guest.unheard for guest in guests)
    for guest in guests:
        guest.leaving = True
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(guest.leave() for guest in guests if not guest.gone.done()))
    report.p50, report.p99, report.worst = (_part(latencies, part) for part in (0.5, 0.99, 1.0))
    report.late = _part(late, 0.99)
    return report


def _part(seconds: "array[float]", part: float) -> float:
    """Return below what a part of some times is, in milliseconds."""
    return round(1000 * sorted(seconds)[int(part * (len(seconds) - 1))], 2)


async def _say(
    guests: list[Talker], rate: float, messages: int, stop: asyncio.Event
) -> "array[float]":
    """Let the guests speak in turn, evenly, as long as they may.

    Returns how late this process was each time it wanted to be woken, in seconds.
    """
    late = array("d")
    now = asyncio.get_running_loop().time
    began, turn, said = now(), 0, 0
    while said < messages if messages else turn < LEAST * len(guests) or not stop.is_set():
        if all(guest.gone.done() for guest in guests):
            break
        due = int((now() - began) * rate * len(guests))
        for number in range(turn, due):
            guest = guests[number % len(guests)]
            if guest.may_speak and not (messages and said == messages):
                guest.say()
                said += 1
        turn = due
        asleep = now()
        await asyncio.sleep(TICK)
        late.append(now() - asleep - TICK)
    return late


def _over(deadline: float) -> bool:
    return asyncio.get_running_loop().time() > deadline


class Talk:
    """Pairs who talk beside a test; the report is there when they have ended."""

    report = Report()


@contextmanager
def talking(
    port: int, *, pairs: int = 10, rate: float = 4.0, messages: int = 0, first: int = 0
) -> Iterator[Talk]:
    """Let pairs talk while the body runs, or until they have said so many messages.

    Raises RuntimeError if they cannot meet, or cannot leave.
    """
    talk = Talk()
    arguments = [str(each) for each in (port, pairs, rate, messages, first)]
    command = [sys.executable, "-m", "tests.faults.talk", *arguments]
    with processes.running(command, "talking", ROOT) as process:
        yield talk
        if messages:
            process.popen.wait(2 * PATIENCE + 2 * messages / (pairs * rate))
    talk.report = Report(**json.loads(process.log.splitlines()[-1]))


if __name__ == "__main__":
    port, pairs, rate, messages, first = sys.argv[1:]
    done = talk(int(port), int(pairs), float(rate), int(messages), int(first))
    print(json.dumps(asdict(asyncio.run(done))))
