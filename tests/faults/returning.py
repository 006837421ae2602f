"""Guests who talk, and come back as the chapter on the wire asks: later each time, by chance."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from roulette.client.backoff import Backoff
from roulette.client.connection import BUSY
from tests.faults.crowd import Guest, Refused, address

THINKS = 2.0
"""Seconds for which one thinks about an answer."""


class Connection(Guest):
    """One of a guest's connections: it searches until it has met somebody, and talks."""

    def __init__(self, guest: "Returning") -> None:
        super().__init__()
        self._guest = guest
        self._said = 0

    def told(self, frame: dict[str, Any]) -> None:
        match frame:
            case {"type": "welcome", "resume": token, "state": state}:
                self._guest.token = token
                if state == "idle":
                    self.send("start")
                self._guest.paired = state == "chatting"
            case {"type": "connected", "chat": chat}:
                self._guest.paired = True
                self._say(chat)
            case {"type": "gotMessage", "chat": chat}:
                self._guest.talks = True
                asyncio.get_running_loop().call_later(THINKS, self._say, chat)
            case {"type": "strangerDisconnected"}:
                self._guest.paired = self._guest.talks = False
                self.send("start")

    def _say(self, chat: str) -> None:
        self._said += 1
        self.send("message", chat=chat, id=str(self._said), text="so it is")

    def lost(self) -> None:
        self._guest.paired = self._guest.talks = False


class Returning:
    """Somebody who wants to talk, whatever becomes of the server.

    ``codes`` are those with which connections ended, and ``refused`` counts those that none were.
    """

    def __init__(self, port: int, number: int, chance: Random) -> None:
        self.paired = False
        self.talks = False
        self.codes: list[int | None] = []
        self.refused = 0
        self.token: str | None = None
        self._port, self._address = port, address(number)
        self._backoff = Backoff(chance)

    async def stay(self) -> None:
        """Connect, and connect again, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            connection = Connection(self)
            try:
                await loop.create_connection(
                    lambda guest=connection: guest,  # type: ignore[misc]
                    "127.0.0.1",
                    self._port,
                    local_addr=(self._address, 0),
                )
                await connection.opened
                connection.send("hello", resume=self.token)
                self._backoff.reset()
                self.codes.append(await connection.gone)
            except (OSError, Refused):
                self.refused += 1
            finally:
                if hasattr(connection, "transport"):
                    connection.transport.abort()
            await asyncio.sleep(self._backoff.delay(busy=connection.code in BUSY))


async def until_paired(guests: list[Returning], share: float, patience: float) -> None:
    """Return when such a share of guests has a partner.

    Raises TimeoutError if that takes longer than ``patience`` seconds.
    """
    await _until(lambda: sum(guest.paired for guest in guests) >= share * len(guests), patience)


async def until_talking(guests: list[Returning], share: float, patience: float) -> None:
    """Return when such a share of guests has heard a partner; raise as :func:`until_paired`."""
    await _until(lambda: sum(guest.talks for guest in guests) >= share * len(guests), patience)


async def _until(so_it_is: Callable[[], bool], patience: float) -> None:
    async with asyncio.timeout(patience):
        while not so_it_is():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
