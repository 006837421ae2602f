"""No library at all: an asyncio protocol on uvloop that takes frames apart and makes new ones."""

import asyncio
import sys
from base64 import b64encode
from hashlib import sha1
from typing import cast

import uvloop

from benchmarks.peers import Pairs, starting

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE = 0x81, 0x88


class Relay(asyncio.Protocol):
    """One client."""

    transport: asyncio.Transport
    partner: asyncio.Transport

    def __init__(self, pairs: "Pairs[Relay]") -> None:
        self.pairs = pairs
        self.shaken = False
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        """Shake hands, then relay every whole frame."""
        if self.received:
            data = self.received + data
        if not self.shaken:
            if not data.endswith(b"\r\n\r\n"):
                self.received = data
                return
            self.received = b""
            self._shake(data)
            return
        at, size = 0, len(data)
        while size - at >= 6:
            length, start = data[at + 1] & 0x7F, at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            end = start + 4 + length
            if end > size:
                break
            self._relay(data[at], data[start : start + 4], data[start + 4 : end])
            at = end
        self.received = data[at:]

    def _shake(self, request: bytes) -> None:
        """Answer an opening handshake, RFC 6455 section 4.2.2."""
        headers = dict(line.split(b": ", 1) for line in request.split(b"\r\n")[1:-2])
        accept = b64encode(sha1(headers[b"Sec-WebSocket-Key"] + GUID).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.shaken = True
        self.pairs.come(self)

    def _relay(self, kind: int, mask: bytes, masked: bytes) -> None:
        if kind == CLOSE:
            self.transport.close()
        if kind != TEXT:
            return
        size = len(masked)
        repeated = (mask * (size // 4 + 1))[:size]
        numbers = int.from_bytes(masked, "little") ^ int.from_bytes(repeated, "little")
        head = bytes((TEXT, size)) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")
        self.partner.write(head + numbers.to_bytes(size, "little"))


def meet(one: Relay, other: Relay) -> None:
    """Let two talk."""
    one.partner, other.partner = other.transport, one.transport


async def main(port: int) -> None:
    """Serve."""
    pairs = Pairs(meet)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Relay(pairs), "127.0.0.1", port, backlog=1024)
    starting(port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
