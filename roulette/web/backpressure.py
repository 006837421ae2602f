"""What waits to be read by the other end of a connection, and how long it may wait."""

from typing import TYPE_CHECKING, Any

from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.interfaces import IDelayedCall

from roulette.wire.closing import Closing

if TYPE_CHECKING:
    from roulette.web.factory import ChatRouletteFactory

WAITING_BYTES = 32 * 1024
"""What may be told to somebody for whom 64 KiB, where a transport says so, wait to be read."""

READS_WITHIN = 30.0
"""Seconds within which somebody for whom so much waits must have caught up."""

CLOSES_WITHIN = 5
"""Seconds in which a client answers a close frame, and then reads what is left."""

HEARS_WITHIN = 1.0
"""Seconds that who was too slow has to read why."""


class Backpressure(WebSocketServerProtocol):
    """A connection whose other end must read what it is told.

    To Twisted it is a producer that never pauses: from when it is asked to, it counts.
    """

    factory: "ChatRouletteFactory"

    _awaiting_reader: IDelayedCall | None = None
    _waiting = 0

    def close(self, closing: Closing) -> None:
        """End the connection for one of our reasons."""
        raise NotImplementedError

    def pauseProducing(self) -> None:
        """Note that much waits to be read; who does not catch up in time is cut.

        To pause the partner would hold up what it says to leave, too.
        """
        if self._awaiting_reader is None and self.state == self.STATE_OPEN:
            self._waiting = 0
            self._awaiting_reader = self.factory.clock.callLater(READS_WITHIN, self._cut)

    def resumeProducing(self) -> None:
        """Note that the reader has caught up."""
        if self._awaiting_reader is not None and self._awaiting_reader.active():
            self._awaiting_reader.cancel()
        self._awaiting_reader = None

    def stopProducing(self) -> None:
        """Do nothing: the connection is lost, which is told elsewhere."""

    def may_write(self, size: int) -> bool:
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

    def forgive(self) -> None:
        """Count from nothing again."""
        self._waiting = 0
