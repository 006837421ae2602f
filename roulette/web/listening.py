"""Ports that log no address, even when the process is out of file descriptors."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.logger import ILogObserver, LogEvent, Logger
from zope.interface import implementer

from roulette.web import refusals
from roulette.web.refusals import Refusals


@implementer(IStreamServerEndpoint)
class Discreet:
    """An endpoint that counts what its port would log.

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
        listening: IListeningPort = port
        return listening


@implementer(ILogObserver)
class _Counts:
    def __init__(self, refused: Refusals) -> None:
        self._refused = refused

    def __call__(self, event: LogEvent) -> None:
        if "address" in event or "acceptError" in event:
            self._refused.note(refusals.FILES)
