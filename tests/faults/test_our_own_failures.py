"""What fails inside, by our fault, ends one connection; its partner is told, and it is counted off.

The figure names the hooks: in each of them something that it calls is broken.
"""

import asyncio
import shlex
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.faults.crowd import Refused, come
from tests.faults.promises import Promises
from tests.faults.visitor import Visitor
from tests.faults.watched import Watched, watching_command
from tests.service import TWISTD, on

INSIDE = Path(__file__).with_name("inside.tac")
GRACE = 1.0
FAILURE = r"RuntimeError: broken for a test, by a client named \x1b[2J"
NO_GUEST_YET = {"wire_for", "register"}


class Inside:
    """The way into a service that can be broken."""

    def __init__(self, connection: socket.socket) -> None:
        self._answers = connection.makefile("rw")

    def says(self, line: str) -> tuple[int, int]:
        """Return how many connections and guests there are after it was told something."""
        self._answers.write(f"{line}\n")
        self._answers.flush()
        connections, guests = self._answers.readline().split()
        return int(connections), int(guests)

    def empties(self) -> tuple[int, int]:
        """Return how many connections and guests remain, once none do or the grace is over."""
        deadline = time.monotonic() + GRACE + 2.0
        while (left := self.says("count")) != (0, 0) and time.monotonic() < deadline:
            time.sleep(0.05)  # there is no event to wait for: only the other process knows
        return left


@contextmanager
def breakable(*options: str) -> Iterator[Watched]:
    """Run a service that can be broken; its log tells of failures, but of nothing private."""
    said = shlex.join([*on(), "--grace", str(GRACE), *options])
    environment = ["env", f"ROULETTE_OPTIONS={said}", "INSIDE=tcp:0:interface=127.0.0.1"]
    command = [*environment, TWISTD, "-n", "--pidfile=", "-y", str(INSIDE)]
    with watching_command(command) as house:
        yield house


@pytest.mark.parametrize(
    "broken",
    [
        "wire_for",
        "register",
        "communicate",
        "unregister",
    ],
)
def test_a_failure_in_a_hook_ends_one_connection_only(promises: Promises, broken: str) -> None:
    with breakable() as house:
        port = house.port_of("Factory")
        with socket.create_connection(("127.0.0.1", port)) as connection:
            inside = Inside(connection)
            guest, told = asyncio.run(
                BREAK[broken](house.port, partial(inside.says, f"break {broken}"))
            )
            connections, guests = inside.empties()
    promises.at_most(19, f"{broken}: connections left over", connections, 0)
    promises.at_most(19, f"{broken}: guests left over", guests, 0)
    promises.at_most(19, f"{broken}: partners not told", not told, 0)
    logged = house.log.count(FAILURE)
    promises.at_least(19, f"{broken}: times logged, at least", logged, 1)
    promises.at_most(19, f"{broken}: times logged, at most", logged, 1)
    assert f"guest {guest} has failed" in house.log or broken in NO_GUEST_YET


def test_who_could_not_be_let_in_takes_nobodys_place() -> None:
    async def come_after_a_failure(port: int, break_it: Break) -> None:
        ada, bob = Visitor(), Visitor()
        break_it()
        with pytest.raises(Refused):
            await come(port, [ada])
        await come(port, [bob])
        for each in (ada, bob):
            each.transport.abort()
            await each.gone

    with (
        breakable("--max-guests", "1") as house,
        socket.create_connection(("127.0.0.1", house.port_of("Factory"))) as connection,
    ):
        break_it = partial(Inside(connection).says, "break buildProtocol")
        asyncio.run(come_after_a_failure(house.port, break_it))
    assert house.log.count(FAILURE) == 1


Break = Callable[[], object]


async def in_coming(port: int, break_it: Break) -> tuple[str, bool]:
    """Fail while Ada comes in; nobody is to be told."""
    ada = Visitor()
    break_it()
    with pytest.raises(Refused):
        await come(port, [ada])
    return "", True


async def in_the_hello(port: int, break_it: Break) -> tuple[str, bool]:
    """Fail at Ada's first word; nobody is to be told."""
    ada = Visitor()
    await come(port, [ada])
    break_it()
    ada.send("hello")
    assert await ada.gone == 1011
    return "", True


async def in_a_word(port: int, break_it: Break) -> tuple[str, bool]:
    """Fail at a word of Ada's to Bob; return who she is, and whether he was told."""
    ada, bob, guest, chat = await a_pair(port)
    break_it()
    ada.send("typing", chat=chat)
    assert await ada.gone == 1011
    return guest, await bob.is_left(GRACE + 2.0)


async def in_going(port: int, break_it: Break) -> tuple[str, bool]:
    """Fail when Ada goes; return who she was, and whether Bob was told."""
    ada, bob, guest, _ = await a_pair(port)
    break_it()
    ada.transport.abort()
    return guest, await bob.is_left(GRACE + 2.0)


async def a_pair(port: int) -> tuple[Visitor, Visitor, str, str]:
    """Return two who have met, who the first is, and their chat."""
    ada, bob = Visitor(), Visitor()
    await come(port, [ada, bob])
    for each in (ada, bob):
        each.send("hello")
    guest: str = (await ada.told_of("welcome"))["guest"]
    for each in (ada, bob):
        each.send("start")
    chat: str = (await bob.told_of("connected"))["chat"]
    return ada, bob, guest, chat


BREAK = {
    "wire_for": in_coming,
    "register": in_the_hello,
    "communicate": in_a_word,
    "unregister": in_going,
}
