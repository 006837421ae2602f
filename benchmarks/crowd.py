"""Many guests of one server, in one process: sockets, epoll, and frames made beforehand."""

import selectors
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

AT_ONCE = 16
"""Handshakes under way at the same time; even, since guests arrive two by two."""

PATIENCE = 30.0
"""Seconds within which another guest must have come or gone."""

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
"""An opening handshake, with the key of RFC 6455 section 1.3."""

# Frames of a client, RFC 6455 section 5.2, under the mask 0.
GOODBYE = b"\x88\x82\0\0\0\0\x03\xe8"
"""Close, with the code 1000."""

PING, PONG = 0x89, 0x8A


@dataclass(eq=False, slots=True)
class Guest:
    """One connection, and what came that is not understood yet."""

    socket: socket.socket
    received: bytes = b""


class Crowd:
    """Guests who come, stay, answer pings, and go; ``arrived`` is as in :class:`Server`."""

    def __init__(self, port: int, arrived: bytes) -> None:
        self._port = port
        self._arrived = arrived
        self._selector = selectors.DefaultSelector()
        self._guests: set[Guest] = set()
        self._arriving: set[Guest] = set()

    def come(self, number: int) -> list[Guest]:
        """Let an even number of guests come; return them when each one has arrived.

        Raise RuntimeError if the server makes no headway, or lets somebody go.
        """
        came: list[Guest] = []
        present = len(self._guests)

        def more() -> bool:
            while len(came) < number and len(self._arriving) < AT_ONCE:
                came.append(self._connect())
            return bool(self._arriving)

        self._until_not(more)
        if len(self._guests) != present + number:
            raise RuntimeError("the server let a guest go")
        return came

    def go(self, guests: Collection[Guest]) -> None:
        """Say goodbye for some guests; return when the server has hung up on each."""
        for guest in guests:
            guest.socket.send(GOODBYE)
        self._until_not(lambda: not self._guests.isdisjoint(guests))

    def close(self) -> None:
        """Leave without a word."""
        for guest in self._guests:
            guest.socket.close()
        self._selector.close()

    def _connect(self) -> Guest:
        guest = Guest(socket.create_connection(("127.0.0.1", self._port)))
        guest.socket.send(UPGRADE)
        guest.socket.setblocking(False)
        self._selector.register(guest.socket, selectors.EVENT_READ, guest)
        self._guests.add(guest)
        self._arriving.add(guest)
        return guest

    def _until_not(self, awaited: Callable[[], bool]) -> None:
        present, end = 0, 0.0
        while awaited():
            if len(self._guests) != present:
                present, end = len(self._guests), time.monotonic() + PATIENCE
            elif time.monotonic() > end:
                raise RuntimeError(f"nobody came or went for {PATIENCE:.0f} s")
            for key, _ in self._selector.select(PATIENCE):
                self._receive(key.data)

    def _receive(self, guest: Guest) -> None:
        received = guest.socket.recv(4096)
        if not received:
            self._selector.unregister(guest.socket)
            guest.socket.close()
            self._guests.discard(guest)
            self._arriving.discard(guest)
            return
        guest.received += received
        if guest in self._arriving:
            if not guest.received.endswith(self._arrived):
                return
            self._arriving.remove(guest)
            guest.received = b""
        else:
            _answer_pings(guest)


def _answer_pings(guest: Guest) -> None:
    """Take every whole frame of a server, all of them short, and answer the pings."""
    while len(guest.received) > 1 and len(guest.received) >= (end := 2 + guest.received[1]):
        kind, payload = guest.received[0], guest.received[2:end]
        guest.received = guest.received[end:]
        if kind == PING:
            guest.socket.send(bytes((PONG, 0x80 | len(payload), 0, 0, 0, 0)) + payload)
