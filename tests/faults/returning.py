"""Guests who come back, as the chapter on the wire asks: later each time, by chance."""

import asyncio
from random import Random
from typing import Any

from roulette.client.backoff import Backoff
from tests.faults.crowd import Guest, Refused, address


class Connection(Guest):
    """One of a guest's connections: it searches until it has met somebody."""

    def __init__(self, guest: "Returning") -> None:
        super().__init__()
        self._guest = guest

    def told(self, frame: dict[str, Any]) -> None:
        match frame:
            case {"type": "welcome", "resume": token, "state": state}:
                self._guest.token = token
                if state == "idle":
                    self.send("start")
                self._guest.paired = state == "chatting"
            case {"type": "connected"}:
                self._guest.paired = True
            case {"type": "strangerDisconnected"}:
                self._guest.paired = False
                self.send("start")

    def lost(self) -> None:
        self._guest.paired = False


class Returning:
    """Somebody who wants to talk, whatever becomes of the server."""

    def __init__(self, port: int, number: int, chance: Random) -> None:
        self.paired = False
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
                await connection.gone
            except (OSError, Refused):
                pass
            finally:
                if hasattr(connection, "transport"):
                    connection.transport.abort()
            await asyncio.sleep(self._backoff.delay())


async def until_paired(guests: list[Returning], share: float, patience: float) -> float:
    """Return the seconds until such a share of guests has a partner.

    Raises TimeoutError if that takes longer than ``patience`` seconds.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(patience):
        while sum(guest.paired for guest in guests) < share * len(guests):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return loop.time() - began
