"""The admin shell on a UNIX socket: for scripts, and at a prompt.

A line of JSON asks: ``{"verb": "kick", "arguments": ["62BG"], "options": {}}``. One line answers
and ends it: ``{"result": …, "form": "Facts"}`` or ``{"error": "…"}``. Before that a trace sends
its rows, ``{"row": …}``. After ``{"columns": 80}`` it is a terminal of that width at the prompt.
"""

import json
import socket
from collections.abc import Awaitable
from pathlib import Path
from struct import Struct
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IDelayedCall
from twisted.internet.protocol import Factory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

from roulette.ops.admin import BadCall
from roulette.ops.seat import Seat, Seats
from roulette.ops.trace import Trace
from roulette.ops.unix import Port
from roulette.ops.verbs import verbs

REQUEST_BYTES = 64 * 1024
"""The longest request."""

ASKS_WITHIN = 30.0
"""Seconds from connecting in which to ask."""

CALLERS = 32
"""How many may be connected at once."""

_CREDENTIALS = Struct("3i")
"""What SO_PEERCRED tells: the process, its user and its group (unix(7))."""


class AdminSocket(Service):
    """Listens for operators on a UNIX socket.

    :param path: where.
    :param seats: what they find there.
    :param reactor: listens.
    """

    def __init__(self, path: Path, seats: Seats, reactor: Any) -> None:
        self._path = path
        self._port = Port(path, CallerFactory(seats, reactor), reactor)

    def startService(self) -> None:
        """Listen, with no more privileges than the service keeps; raise OSError if it cannot."""
        try:
            self._port.startListening()
        except CannotListenError as error:
            raise OSError(f"{self._path}: {error.socketError.strerror}") from None
        except OSError as error:
            raise OSError(f"{self._path}: {error.strerror}") from None
        super().startService()

    def stopService(self) -> "Deferred[Any]":
        """Listen no more."""
        super().stopService()
        return maybeDeferred(self._port.stopListening)


class Caller(LineReceiver):
    """One connection: asks once, or is at the prompt."""

    delimiter = b"\n"
    MAX_LENGTH = REQUEST_BYTES
    factory: "CallerFactory"
    transport: Any
    _log = Logger()
    _deadline: IDelayedCall | None = None
    _asked: "Deferred[None] | None" = None
    _terminal: Any = None

    def connectionMade(self) -> None:
        """See who it is, and wait for the request."""
        self.factory.callers.add(self)
        self._who, self._known_as = _peer(self.transport.getHandle())
        self._deadline = self.factory.reactor.callLater(
            ASKS_WITHIN, self._refuse, "you have asked nothing"
        )

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Wait for nothing any more."""
        self.factory.callers.discard(self)
        self._wait_no_longer()
        if self._asked is not None:
            self._asked.cancel()
        if self._terminal is not None:
            self._terminal.connectionLost(reason)
            self._log.info("Logout of {who}", who=self._who, audit=True)

    def lineReceived(self, line: bytes) -> None:
        """Do what is asked for."""
        self._wait_no_longer()
        self.setRawMode()
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            request = None
        match request:
            case {"columns": int(columns)}:
                self._open(max(20, columns))
            case {"verb": str(verb), "arguments": list(arguments), "options": dict(options)}:
                self._asked = Deferred.fromCoroutine(self._answer(verb, arguments, options))
            case _:
                self._refuse("this is no request")

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a request that is too long."""
        self._refuse(f"a request has at most {REQUEST_BYTES} bytes")

    def rawDataReceived(self, data: bytes) -> None:
        """Take what is typed at the prompt; after a request there is nothing to say."""
        if self._terminal is not None:
            self._terminal.dataReceived(data)

    def _open(self, columns: int) -> None:
        # Here, since it installs the reactor.
        from roulette.ops.prompt import Terminal

        self._log.info("Login of {who}", who=self._who, audit=True)
        self._terminal = Terminal(self._seat(), columns, self.transport.loseConnection)
        self._terminal.makeConnection(self.transport)

    async def _answer(self, verb: str, arguments: list[Any], options: dict[str, Any]) -> None:
        try:
            result = await self._result(verb, arguments, options)
            self._send(result=result, form=type(result).__name__)
        except BadCall as error:
            self._send(error=str(error))
        except CancelledError:
            return
        except Exception as error:
            self._log.failure("The verb {verb} has failed", verb=verb)
            self._send(error=f"{type(error).__name__}: {error}")
        self.transport.loseConnection()

    async def _result(self, verb: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        if verb not in verbs():
            raise BadCall(f"there is no verb {verb!r}")
        result = getattr(self._seat().verbs, verb)(*arguments, **options)
        if isinstance(result, Trace):
            result.follow(lambda row: self._send(row=row))
        return await result if isinstance(result, Awaitable) else result

    def _seat(self) -> Seat:
        return self.factory.seats.seat(self._who, self._known_as)

    def _refuse(self, why: str) -> None:
        self._send(error=why)
        self.transport.loseConnection()

    def _send(self, **answer: Any) -> None:
        self.transport.write(json.dumps(answer).encode() + b"\n")

    def _wait_no_longer(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()


class CallerFactory(Factory):
    """Lets operators in through a UNIX socket.

    :param seats: what they find there.
    :param reactor: calls later.
    """

    noisy = False
    protocol = Caller  # type: ignore[assignment]  # the narrower one

    def __init__(self, seats: Seats, reactor: Any) -> None:
        self.seats = seats
        self.reactor = reactor
        self.callers: set[Caller] = set()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Take a connection, unless there are too many already."""
        return None if len(self.callers) >= CALLERS else super().buildProtocol(addr)


def _peer(connected: socket.socket) -> tuple[str, str]:
    """Return who is at the other end: the process, and the user."""
    told = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _gid = _CREDENTIALS.unpack(told)
    return f"uid {uid} (process {pid})", f"uid {uid}"
