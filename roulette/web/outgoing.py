"""What a connection writes: gathered for a turn, and read by the other end in time."""

from typing import TYPE_CHECKING, Any

from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.interfaces import IDelayedCall

from roulette.wire.closing import Closing

if TYPE_CHECKING:
    from roulette.web.factory import ChatRouletteFactory

OPEN = WebSocketServerProtocol.STATE_OPEN
"""Autobahn's state of a connection on which messages come and go."""

WAITING_BYTES = 32 * 1024
"""What may be told to somebody for whom 64 KiB, where a transport says so, wait to be read."""

READS_WITHIN = 30.0
"""Seconds within which somebody for whom so much waits must have caught up."""

CLOSES_WITHIN = 5
"""Seconds in which a client answers a close frame, and then reads what is left."""

HEARS_WITHIN = 1.0
"""Seconds that who was too slow has to read why."""


class Outgoing(WebSocketServerProtocol):
    """The way out of a connection, whose other end must read what it is told.

    To Twisted it is a producer that never pauses: from when it is asked to, it counts.
    """

    factory: "ChatRouletteFactory"

    coming = False
    """Whether it is being told what was kept for its guest: all of that, whatever waits."""

    _unsent = b""
    _awaiting_reader: IDelayedCall | None = None
    _waiting = 0

    def put(self, data: bytes) -> None:
        """Send something in the end of this turn, with all that is put until then."""
        if not self._unsent:
            self.factory.told.append(self)
        self._unsent += data
        if len(self._unsent) >= WAITING_BYTES and not self.coming:
            # As one read may bring dozens of messages, with no pause before the last.
            self.flush()

    def flush(self) -> None:
        """Send in one write whatever was put since the last time."""
        if self._unsent:
            assert self.transport is not None
            unsent, self._unsent = self._unsent, b""
            if self._may_write(len(unsent)):
                self.transport.write(unsent)

    def close(self, closing: Closing) -> None:
        """End the connection for one of our reasons."""
        self.flush()  # which may cut the reader
        if self.state == OPEN:
            self.factory.closed[closing.name.lower()] += 1
            self.sendCloseFrame(closing.code, closing.reason.encode(), isReply=False)

    # What Autobahn sends.

    def sendFrame(self, *args: Any, **kwargs: Any) -> None:
        """Send a frame, after what was put before."""
        self.flush()
        super().sendFrame(*args, **kwargs)

    def sendCloseFrame(self, *args: Any, **kwargs: Any) -> None:
        """Send a close frame, if what was put before is not too much already.

        However much waits, it is sent: to cut the reader now would be to close twice.
        """
        self.flush()
        self._waiting = 0
        super().sendCloseFrame(*args, **kwargs)

    def sendData(self, data: bytes, *args: Any, **kwargs: Any) -> None:
        """Write what Autobahn has to say: a pong waits to be read as well."""
        if self._may_write(len(data)):
            super().sendData(data, *args, **kwargs)

    # What the transport says.

    def pauseProducing(self) -> None:
        """Note that much waits to be read; who does not catch up in time is cut.

        To pause the partner would hold up what it says to leave, too.
        """
        if self._awaiting_reader is None and self.state == OPEN:
            self._waiting = 0
            self._awaiting_reader = self.factory.clock.callLater(READS_WITHIN, self._cut)

    def resumeProducing(self) -> None:
        """Note that the reader has caught up."""
        if self._awaiting_reader is not None and self._awaiting_reader.active():
            self._awaiting_reader.cancel()
        self._awaiting_reader = None

    def stopProducing(self) -> None:
        """Do nothing: the connection is lost, which is told elsewhere."""

    def _may_write(self, size: int) -> bool:
        """Say whether to write so much; if it is too much, the reader is cut."""
        if self._awaiting_reader is None:
            return True
        self._waiting += size
        if self._waiting <= WAITING_BYTES:
            return True
        self._cut()
        return False

    def _cut(self) -> None:
        self.resumeProducing()
        self._awaiting_reader = self.factory.clock.callLater(
            HEARS_WITHIN, self.dropConnection, True
        )
        self.close(Closing.TOO_SLOW)

    def _closeConnection(self, abort: bool = False) -> None:
        # After a clean end Autobahn resets, which takes from the client what it has not read yet,
        # or waits for ever for one that reads nothing.
        transport: Any = self.transport
        self.resumeProducing()
        if abort and not self.wasClean:
            transport.abortConnection()
        else:
            self._awaiting_reader = self.factory.clock.callLater(
                CLOSES_WITHIN, transport.abortConnection
            )
            transport.loseConnection()
