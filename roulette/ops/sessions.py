"""What somebody who has logged in may open: a prompt, or a single line to run.

Importing this installs the reactor, since the prompt does.
"""

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

from roulette.ops.prompt import Prompt, Terminal, run_line

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

    def __init__(self, namespace: dict[str, object], clock: IReactorTime) -> None:
        super().__init__()
        self.channelLookup[b"session"] = Channel
        self.namespace = namespace
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
        self._newline = "\n"
        self._terminal: Terminal | None = None

    def getPty(self, term: bytes, windowSize: tuple[int, ...], attrs: object) -> None:
        """Note that there is a terminal."""
        self._newline = "\r\n"

    def openShell(self, proto: Any) -> None:
        """Open a prompt."""
        if self._newline == "\n":
            self._answer(
                proto, "a prompt needs a terminal: ssh -t; or give one line to run\n", False
            )
        else:
            self._terminal = Terminal(Prompt, self._operator.namespace)
            _connect(self._terminal, proto)

    def execCommand(self, proto: Any, command: bytes) -> None:
        """Run a single line."""
        source = proto.session.command.decode("utf-8", "replace")
        output, well = run_line(source, self._operator.namespace)
        self._answer(proto, output.replace("\n", self._newline), well)

    def windowChanged(self, newWindowSize: tuple[int, ...]) -> None:
        """Do nothing: the operator's terminal breaks long lines itself."""

    def eofReceived(self) -> None:
        """End a prompt to which nothing more can be typed."""
        if self._terminal is not None:
            self._terminal.loseConnection()

    def closed(self) -> None:
        """Forget the terminal."""
        self._terminal = None

    def _answer(self, proto: Any, output: str, well: bool) -> None:
        _connect(Protocol(), proto)

        def answer() -> None:
            (proto.outReceived if well else proto.errReceived)(output.encode())
            proto.processEnded(Failure(ProcessDone(0) if well else ProcessTerminated(1)))

        # Not before the request itself is answered, or OpenSSH complains.
        self._operator.clock.callLater(0, answer)


def _connect(protocol: Protocol, proto: Any) -> None:
    protocol.makeConnection(proto)
    proto.makeConnection(session.wrapProtocol(protocol))
