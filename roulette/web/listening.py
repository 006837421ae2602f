"""Ports that log no address, even when out of descriptors, and whose connections hold little."""

import socket
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.logger import ILogObserver, LogEvent, Logger
from zope.interface import implementer

from roulette.web import refusals
from roulette.web.refusals import Refusals

SEND_BUFFER = 64 * 1024
"""Bytes; Linux takes twice as many. Left alone, it holds 4 MB for each who does not read."""

RECEIVE_BUFFER = 64 * 1024
"""The same for what comes in: else who writes faster than we read gets up to 32 MB ahead."""


@implementer(IStreamServerEndpoint)
class Discreet:
    """An endpoint that counts what its port would log, and whose connections hold little.

    Out of descriptors, Twisted's port closes every connection that it accepts, and logs each with
    three lines and the address.
    """

    def __init__(self, endpoint: IStreamServerEndpoint, refused: Refusals) -> None:
        self._endpoint = endpoint
        self._refused = refused

    def listen(self, factory: IProtocolFactory) -> "Deferred[IListeningPort]":
        """Listen as the endpoint does."""
        listening: Deferred[IListeningPort] = self._endpoint.listen(factory)
        return listening.addCallback(self._hush)

    def _hush(self, port: Any) -> IListeningPort:
        port._logger = Logger(observer=_Counts(self._refused))
        if (listener := getattr(port, "socket", None)) is not None:
            # Those that are accepted inherit it.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            if listener.family in {socket.AF_INET, socket.AF_INET6}:
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        listening: IListeningPort = port
        return listening


@implementer(ILogObserver)
class _Counts:
    def __init__(self, refused: Refusals) -> None:
        self._refused = refused

    def __call__(self, event: LogEvent) -> None:
        if "address" in event or "acceptError" in event:
            self._refused.note(refusals.FILES)
