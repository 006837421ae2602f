"""The socket of a connection that uvloop serves: whose it is, and its options."""

import socket
import struct
from asyncio import Transport
from contextlib import suppress

from twisted.internet.address import IPv4Address, IPv6Address

RESET = struct.pack("ii", 1, 0)
"""A SO_LINGER with which ``close`` resets the connection (socket(7))."""


def address(name: tuple[str, int] | tuple[str, int, int, int]) -> IPv4Address | IPv6Address:
    """Return Twisted's address for a socket's name."""
    if len(name) == 2:
        return IPv4Address("TCP", *name)
    if name[3]:
        # A link-local address is told with its link, as in fe80::1%eth0.
        host, _ = socket.getnameinfo(name, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
        return IPv6Address("TCP", host, *name[1:])
    return IPv6Address("TCP", *name)


class Socket:
    """The part of a transport that asks uvloop for the socket, or tells about it."""

    __slots__ = ("_transport",)

    _transport: Transport
    """uvloop's own, which is one of asyncio's in all but name."""

    def getPeer(self) -> IPv4Address | IPv6Address:
        """Return the address of the client."""
        return address(self._transport.get_extra_info("peername"))

    def getHost(self) -> IPv4Address | IPv6Address:
        """Return the address to which the client has connected."""
        return address(self._transport.get_extra_info("sockname"))

    def getHandle(self) -> socket.socket:
        """Return what uvloop gives for a socket; only its options may be changed."""
        handle: socket.socket = self._transport.get_extra_info("socket")
        return handle

    def getTcpNoDelay(self) -> bool:
        """Say whether small segments are sent at once; uvloop asks for that itself."""
        return bool(self.getHandle().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Set whether small segments are sent at once."""
        self.getHandle().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, enabled)

    def getTcpKeepAlive(self) -> bool:
        """Say whether the system probes an idle connection."""
        return bool(self.getHandle().getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Set whether the system probes an idle connection."""
        self.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, enabled)

    def _reset_when_closed(self) -> None:
        # It may be gone already.
        with suppress(OSError):
            self.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
