"""A guest to whom a test speaks."""

import asyncio
from typing import Any

from tests.faults.crowd import Guest

PATIENCE = 20.0
"""Seconds that anything may take which the server does at once."""


class Visitor(Guest):
    """Keeps what it is told until it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def told(self, frame: dict[str, Any]) -> None:
        self._heard.put_nowait(frame)

    async def told_of(self, kind: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Return the next frame of a kind; what comes before it is passed over.

        Raises TimeoutError if there is none.
        """
        async with asyncio.timeout(patience):
            while True:
                frame = await self._heard.get()
                if frame["type"] == kind:
                    return frame

    async def is_left(self, patience: float = PATIENCE) -> bool:
        """Return whether one is told in time that the stranger has gone; then go as well."""
        try:
            await self.told_of("strangerDisconnected", patience)
        except TimeoutError:
            return False
        finally:
            await self.leave()
        return True
