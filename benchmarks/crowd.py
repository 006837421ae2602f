"""Many guests of one server, in one process: sockets, epoll, and frames made beforehand."""

import select
import socket
import ssl
import time

from benchmarks.guests import Guest

AT_ONCE = 16
"""Handshakes under way at the same time; even, since guests arrive two by two."""

PATIENCE = 30.0
"""Seconds within which another guest must have come."""


class Crowd:
    """Guests of one kind, who come and stay, and answer pings; with a context through TLS.

    Methods raise ConnectionError if the server lets somebody go.
    """

    def __init__(self, port: int, kind: type[Guest], context: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._kind = kind
        self._context = context
        self._epoll = select.epoll()
        self._guests: dict[int, Guest] = {}
        self._arriving: set[Guest] = set()

    def __len__(self) -> int:
        return len(self._guests)

    def come(self, number: int) -> list[Guest]:
        """Let an even number of guests come; return them when each one has arrived.

        Raise RuntimeError if nobody arrives for a while.
        """
        came: list[Guest] = []
        end = time.monotonic() + PATIENCE
        while len(came) < number or self._arriving:
            while len(came) < number and len(self._arriving) < AT_ONCE:
                came.append(self._connect())
            for guest in self.ready(PATIENCE):
                if guest not in self._arriving:
                    guest.listen()
                elif guest.arrive():
                    self._arriving.remove(guest)
                    end = time.monotonic() + PATIENCE
            if time.monotonic() > end:
                raise RuntimeError(f"nobody came for {PATIENCE:.0f} s")
        return came

    def ready(self, patience: float) -> list[Guest]:
        """Return those for whom something has come, waiting so many seconds at most."""
        return [self._guests[number] for number, _ in self._epoll.poll(patience)]

    def ready_within(self, seconds: float) -> list[Guest]:
        """Do as :meth:`ready`, but to the microsecond; epoll itself counts milliseconds."""
        return self.ready(0) if select.select([self._epoll], [], [], seconds)[0] else []

    def close(self) -> None:
        """Leave without a word."""
        for guest in self._guests.values():
            guest.socket.close()
        self._epoll.close()

    def _connect(self) -> Guest:
        connection = socket.create_connection(("127.0.0.1", self._port))
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_hostname="127.0.0.1")
        guest = self._kind(connection)
        self._guests[guest.socket.fileno()] = guest
        self._arriving.add(guest)
        guest.socket.setblocking(False)
        guest.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        guest.send(guest.upgrade)
        self._epoll.register(guest.socket, select.EPOLLIN)
        return guest
