"""A WebSocket client that does what no client may."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.crowd import CLOSE, UPGRADE, address

PATIENCE = 20.0
"""Seconds that anything may take which the server does at once."""

PLAIN_UPGRADE = UPGRADE.partition(b"Sec-WebSocket-Protocol")[0] + b"\r\n"
"""The same handshake without a subprotocol: plain text."""


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = b"\x01\x02\x03\x04",
    size: int | None = None,
) -> bytes:
    """Return a frame (RFC 6455 section 5.2), true or false.

    ``rsv`` are the three reserved bits, ``mask`` None for a frame without one, ``size`` the
    length that is claimed, if not the true one.
    """
    size = len(payload) if size is None else size
    masks = 0x80 if mask is not None else 0
    head = bytes((0x80 * fin | rsv << 4 | opcode,))
    if size < 126:
        head += bytes((masks | size,))
    elif size < 1 << 16:
        head += struct.pack("!BH", masks | 126, size)
    else:
        head += struct.pack("!BQ", masks | 127, size)
    if mask is None:
        return head + payload
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + hidden.to_bytes(len(payload), "big")


class Attacker:
    """A socket to the server, and what a close frame on it said."""

    def __init__(self, port: int, number: int, buffer: int | None) -> None:
        self.socket = socket.socket()
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.bind((address(number), 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def upgrade(self, request: bytes = PLAIN_UPGRADE) -> None:
        """Shake hands; raise RuntimeError if the server refuses."""
        self.send(request)
        head, found, self._received = self._read_until(b"\r\n\r\n").partition(b"\r\n\r\n")
        if not found or not head.startswith(b"HTTP/1.1 101 "):
            raise RuntimeError(head.decode(errors="backslashreplace"))

    def send(self, data: bytes) -> bool:
        """Send bytes; return False if the server has hung up."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, TimeoutError):
            return False
        return True

    def reset(self) -> None:
        """Close with RST: what is under way is lost."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def closed(self) -> int | None:
        """Wait until the server closes; return the code, None if it just hung up.

        Raises TimeoutError if it does neither.
        """
        for opcode, payload in self.frames():
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")
        return None

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield the opcode and payload of each frame that comes, until the server hangs up."""
        while (parsed := self._frame()) is not None:
            yield parsed

    def _frame(self) -> tuple[int, bytes] | None:
        head = self._take(2)
        size = head[1] & 0x7F if head else 0
        if size > 125:
            size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
        payload = self._take(size)
        return (head[0] & 0xF, payload) if head and len(payload) == size else None

    def _take(self, size: int) -> bytes:
        while len(self._received) < size and self._more():
            pass
        taken, self._received = self._received[:size], self._received[size:]
        return taken if len(taken) == size else b""

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._received and self._more():
            pass
        return self._received

    def _more(self) -> bool:
        try:
            came = self.socket.recv(65536)
        except ConnectionError:
            return False
        self._received += came
        return bool(came)


@contextmanager
def attacker(
    port: int, number: int = 1_000, *, buffer: int | None = None, upgrade: bool = True
) -> Iterator[Attacker]:
    """Connect from the address of client ``number``, and shake hands unless told not to.

    ``buffer`` is the size of the receive buffer, in bytes: a small one fills soon.
    """
    attacking = Attacker(port, number, buffer)
    try:
        if upgrade:
            attacking.upgrade()
        yield attacking
    finally:
        attacking.socket.close()
