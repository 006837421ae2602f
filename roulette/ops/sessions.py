"""What somebody who has logged in may open: a prompt, or a single line to run.

Importing this installs the reactor, since the prompt does.
"""

from collections.abc import Callable
from struct import pack
from typing import Any

from twisted.conch.avatar import ConchUser
from twisted.conch.interfaces import ISession
from twisted.conch.ssh import session
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.connection import (
    MSG_CHANNEL_OPEN_FAILURE,
    OPEN_ADMINISTRATIVELY_PROHIBITED,
    SSHConnection,
)
from twisted.conch.ssh.transport import SSHServerTransport
from twisted.internet.error import ProcessDone, ProcessTerminated
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol
from twisted.logger import (
    FilteringLogObserver,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogPublisher,
)
from twisted.python.failure import Failure
from zope.interface import Interface, implementer

from roulette.ops.prompt import Line, Terminal
from roulette.ops.seat import Seat

QUIET = Logger(
    observer=FilteringLogObserver(globalLogPublisher, [LogLevelFilterPredicate(LogLevel.critical)])
)
"""For Conch, which writes down all that a stranger sends it; its failures come through."""


class Connection(SSHConnection):
    """Carries the sessions of somebody who has logged in."""

    _log = QUIET
    transport: SSHServerTransport

    def ssh_CHANNEL_OPEN(self, packet: bytes) -> None:
        """Open a session; refuse to forward, which Conch would log as a failure of its own."""
        kind, rest = getNS(packet)
        if kind == b"session":
            super().ssh_CHANNEL_OPEN(packet)
        else:
            why = pack(">L", OPEN_ADMINISTRATIVELY_PROHIBITED) + NS(b"sessions only") + NS(b"")
            self.transport.sendPacket(MSG_CHANNEL_OPEN_FAILURE, rest[:4] + why)


class Operator(ConchUser):
    """Somebody who has logged in; may open sessions, and forward nothing."""

    def __init__(self, seat: Seat, clock: IReactorTime) -> None:
        super().__init__()
        self.channelLookup[b"session"] = Channel
        self.seat = seat
        self.clock = clock

    def __conform__(self, interface: type[Interface]) -> "Session | None":
        return Session(self) if interface is ISession else None


class Channel(session.SSHSession):
    """The channel of one session."""

    _log = QUIET
    command = b""

    def request_exec(self, data: bytes) -> int:
        """Run a single line, without writing it down: it may hold what is announced."""
        self.command, _ = getNS(data)
        return super().request_exec(NS(b"one line"))


@implementer(ISession)
class Session:
    """One session: a prompt on a terminal, or a single line."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._columns: int | None = None
        self._terminal: Terminal | None = None
        self._line: Line | None = None

    def getPty(self, term: bytes, windowSize: tuple[int, ...], attrs: object) -> None:
        """Note that there is a terminal."""
        _rows, self._columns, *_pixels = windowSize

    def openShell(self, proto: Any) -> None:
        """Open a prompt."""
        if self._columns is None:
            why = "a prompt needs a terminal: ssh -t; or give one line to run\n"
            _connect(Protocol(), proto)
            self._soon(proto.errReceived, why.encode())
            self._soon(_end, proto, False)
        else:
            self._terminal = Terminal(self._operator.seat, self._columns, lambda: _end(proto))
            _connect(self._terminal, proto)

    def execCommand(self, proto: Any, command: bytes) -> None:
        """Run a single line."""
        newline = b"\n" if self._columns is None else b"\r\n"

        def to(write: Callable[[bytes], object]) -> Callable[[str], object]:
            return lambda text: write(text.encode("utf-8", "replace").replace(b"\n", newline))

        line = self._line = Line(
            self._operator.seat,
            to(proto.outReceived),
            to(proto.errReceived),
            lambda well: _end(proto, well),
        )
        _connect(Protocol(), proto)
        self._soon(line.run, proto.session.command.decode("utf-8", "replace"))

    def windowChanged(self, newWindowSize: tuple[int, ...]) -> None:
        """Do nothing: the operator's terminal breaks long lines itself."""

    def eofReceived(self) -> None:
        """End a prompt to which nothing more can be typed."""
        if self._terminal is not None:
            self._terminal.eof()

    def closed(self) -> None:
        """Wait for nothing any more."""
        if self._terminal is not None:
            self._terminal.connectionLost(None)
        if self._line is not None:
            self._line.interrupt()
        self._terminal = self._line = None

    def _soon(self, call: Callable[..., object], *args: object) -> None:
        # Not before the request itself is answered, or OpenSSH complains.
        self._operator.clock.callLater(0, call, *args)


def _end(proto: Any, well: bool = True) -> None:
    proto.processEnded(Failure(ProcessDone(0) if well else ProcessTerminated(1)))


def _connect(protocol: Protocol, proto: Any) -> None:
    protocol.makeConnection(proto)
    proto.makeConnection(session.wrapProtocol(protocol))
