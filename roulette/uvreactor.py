"""Twisted's reactor on uvloop, where uvloop itself serves TCP connections.

Everything else is :class:`twisted.internet.asyncioreactor.AsyncioSelectorReactor`'s: timers,
threads, clients, UDP and UNIX sockets. ``twistd --reactor=uvloop`` installs it.
"""

import socket
import time
from asyncio import AbstractEventLoop, AbstractServer
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop
from twisted.internet import tcp
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.main import installReactor
from twisted.logger import Logger
from twisted.python.failure import Failure

from roulette.uvtransport import Connection

T = TypeVar("T")

log = Logger()


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that has nothing to wait for.

    Raise RuntimeError if it waits.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError("this version of uvloop waits where it listens")


class Port(tcp.Port):
    """A port where uvloop accepts; Twisted binds it, names it and closes it."""

    reactor: "UvloopReactor"
    factory: IProtocolFactory  # type: ignore[assignment]  # it is given, and listening needs it
    _server: AbstractServer | None = None

    def startListening(self) -> None:
        """Listen; raise CannotListenError if that cannot be."""
        super().startListening()
        self.reactor.opened.add(self)

    def startReading(self) -> None:
        """Accept connections."""
        if self._server is None:
            # A socket of its own, as uvloop closes it. uvloop calls listen() again: where the
            # backlog is not known, since the socket was handed over, with the largest.
            backlog = socket.SOMAXCONN if self.backlog is None else self.backlog
            self._server = at_once(
                self.reactor.loop.create_server(
                    lambda: Connection(self.factory, self.reactor),
                    sock=self.socket.dup(),
                    backlog=backlog,
                )
            )

    def stopReading(self) -> None:
        """Accept none for now."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def connectionLost(self, reason: Failure) -> None:
        """Close it."""
        self.reactor.opened.discard(self)
        super().connectionLost(reason)


class UvloopReactor(AsyncioSelectorReactor):
    """The reactor.

    :param loop: a loop of uvloop's that nobody else runs; a new one if there is none.
    """

    def __init__(self, loop: uvloop.Loop | None = None) -> None:
        self.loop = loop or uvloop.new_event_loop()
        self.loop.set_exception_handler(_log_failure)
        self.opened: set[Connection | Port] = set()
        super().__init__(self.loop)

    # Unlike that of other reactors, it is never set back.
    seconds = staticmethod(time.monotonic)

    def removeAll(self) -> list[Any]:
        """Return all who were served, by uvloop or not, to be told that this is over."""
        opened, self.opened = self.opened, set()
        return [*opened, *super().removeAll()]

    def listenTCP(
        self, port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> Port:
        """Listen, as :class:`twisted.internet.interfaces.IReactorTCP` says."""
        listening: Port = Port(port, factory, backlog, interface, self)
        listening.startListening()
        return listening

    def adoptStreamPort(
        self, fileDescriptor: int, addressFamily: int, factory: IProtocolFactory
    ) -> tcp.Port:
        """Listen on a socket, as :class:`twisted.internet.interfaces.IReactorSocket` says."""
        if addressFamily in (socket.AF_INET, socket.AF_INET6):
            port: tcp.Port = Port._fromListeningDescriptor(
                self, fileDescriptor, addressFamily, factory
            )
            port.startListening()
        else:
            port = super().adoptStreamPort(fileDescriptor, addressFamily, factory)
        return port


def _log_failure(loop: AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what went wrong in a callback of the loop; connections in ``context`` are not named."""
    error = context.get("exception")
    if error is None:
        log.error("uvloop: {what}", what=context["message"])
    else:
        log.failure("uvloop: {what}", Failure(error), what=context["message"])


def install() -> None:
    """Make this the reactor of the process."""
    installReactor(UvloopReactor())
