"""Guests of the JSON wire by the thousand, in one process: asyncio, and frames made by hand."""

import asyncio
from typing import Any, TypeVar

import msgspec

from roulette.wire import v1

G = TypeVar("G", bound="Guest")

AT_ONCE = 64
"""Handshakes under way at the same time."""

UPGRADE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Protocol: {v1.SUBPROTOCOL}\r\n\r\n"
).encode()
"""An opening handshake, with the key of RFC 6455 section 1.3."""

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class Refused(Exception):
    """The server did not shake hands; says what it answered."""


def address(number: int) -> str:
    """Return the loopback address of client ``number``, so that each is one of its own."""
    high, low = divmod(number % 62_500, 250)
    return f"127.1.{high}.{low + 1}"


def masked(opcode: int, payload: bytes) -> bytes:
    """Return a whole frame of a client's, under the mask 0 (RFC 6455 section 5.2)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    else:
        head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


class Guest(asyncio.Protocol):
    """One connection. Who inherits says in :meth:`told` and :meth:`lost` what to do."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.code: int | None = None
        self.reason = ""
        self._received = b""

    def told(self, frame: dict[str, Any]) -> None:
        """Take what the server tells."""

    def lost(self) -> None:
        """Take note that the connection has ended."""

    def send(self, kind: str, **fields: Any) -> None:
        """Send a frame of the JSON wire."""
        self.transport.write(masked(TEXT, msgspec.json.encode({"type": kind, **fields})))

    async def leave(self) -> None:
        """Say goodbye; return when the server has hung up."""
        self.transport.write(masked(CLOSE, b"\x03\xe8"))
        await self.gone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(UPGRADE)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(Refused(f"the connection was lost: {error}"))
        if not self.gone.cancelled():
            self.gone.set_result(self.code)
        self.lost()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self.opened.done():
            head, ended, rest = self._received.partition(b"\r\n\r\n")
            if not ended:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self.opened.set_exception(Refused(head.partition(b"\r\n")[0].decode()))
                self.transport.abort()
                return
            self._received = rest
            self.opened.set_result(None)
        at = 0
        while (frame := self._frame(at)) is not None:
            opcode, payload, at = frame
            if opcode == TEXT:
                self.told(msgspec.json.decode(payload))
            elif opcode == PING:
                self.transport.write(masked(PONG, payload))
            elif opcode == CLOSE:
                self.code, self.reason = int.from_bytes(payload[:2], "big"), payload[2:].decode()
                self.transport.write(masked(CLOSE, payload[:2]))
        self._received = self._received[at:]

    def _frame(self, at: int) -> tuple[int, bytes, int] | None:
        """Return the opcode and payload of the frame that begins at an offset, and its end."""
        received = self._received
        if len(received) < at + 2:
            return None
        opcode, size, begin = received[at] & 0xF, received[at + 1], at + 2
        if size == 126:
            begin += 2
            size = int.from_bytes(received[at + 2 : begin], "big")
        if len(received) < begin + size:
            return None
        return opcode, received[begin : begin + size], begin + size


async def come(port: int, guests: list[G], *, first: int = 0) -> None:
    """Connect guests, each from an address of its own; ``first`` is the number of the first.

    Raises OSError or Refused if one cannot come in.
    """
    loop = asyncio.get_running_loop()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, guest: G) -> None:
        async with places:
            await loop.create_connection(
                lambda: guest, "127.0.0.1", port, local_addr=(address(number), 0)
            )
            await guest.opened

    await asyncio.gather(*(one(number, guest) for number, guest in enumerate(guests, first)))
