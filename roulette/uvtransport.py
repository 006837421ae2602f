"""Twisted's side of a TCP connection that uvloop serves.

Laws:

1. Nothing stands between a protocol and uvloop when it writes: ``write`` and ``writeSequence``
   are those of uvloop's own transport. One short method does when it reads.
2. uvloop may be asked to write until it has said that the connection is lost; from then on
   what is written is dropped.
3. ``connectionLost`` comes once, and never out of ``write``, ``loseConnection`` or
   ``abortConnection``.
"""

from __future__ import annotations

from asyncio import BaseProtocol
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ParamSpec

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IConsumer,
    IHalfCloseableProtocol,
    ILoggingContext,
    IProtocol,
    IProtocolFactory,
    IPushProducer,
    ISystemHandle,
    ITCPTransport,
)
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from roulette.uvsocket import Socket

if TYPE_CHECKING:
    from roulette.uvreactor import UvloopReactor

P = ParamSpec("P")

log = Logger()


def dropped(data: bytes | Iterable[bytes]) -> None:
    """Write nothing: the connection, or its way out, is closed."""


@implementer(ITCPTransport, IConsumer, IPushProducer, ILoggingContext, ISystemHandle)
class Connection(Socket, BaseProtocol):
    """A TCP connection that a client has opened.

    :param factory: builds the protocol.
    :param reactor: whose connection this is.
    """

    __slots__ = (
        "_aborted",
        "_choked",
        "_factory",
        "_half_closing",
        "_held",
        "_paused",
        "_reactor",
        "connected",
        "disconnected",
        "disconnecting",
        "producer",
        "protocol",
        "streamingProducer",
        "write",
        "writeSequence",
    )

    write: Callable[[bytes], None]
    writeSequence: Callable[[Iterable[bytes]], None]
    protocol: IProtocol

    def __init__(self, factory: IProtocolFactory, reactor: UvloopReactor) -> None:
        self._factory = factory
        self._reactor = reactor
        self._aborted = self._choked = self._half_closing = self._paused = False
        self._held: list[bytes] | None = None
        self.connected = self.disconnecting = self.disconnected = False
        self.producer: Any = None
        self.streamingProducer = False
        self.write = self.writeSequence = dropped

    # What uvloop calls, as asyncio.Protocol has it.

    def connection_made(self, transport: Any) -> None:
        """Build the protocol and connect it; where that fails, close."""
        self._transport = transport
        if transport.get_extra_info("peername") is None:
            transport.abort()  # reset before it was accepted
            return
        try:
            protocol = self._factory.buildProtocol(self.getPeer())
        except Exception:
            log.failure("No protocol could be built")
            protocol = None
        if protocol is None:
            transport.abort()
            return
        self.connected = True
        self._reactor.opened.add(self)
        self.write, self.writeSequence = transport.write, transport.writelines
        self.protocol = protocol
        self._guarded(protocol.makeConnection, self)
        if self._paused:
            # uvloop starts to read when this returns, and only after that can be told to stop.
            self._held = []
            transport.set_protocol(self)
            self._soon(self._pause_held)

    @property
    def data_received(self) -> Callable[[bytes], None]:
        """What uvloop calls with what it has read; it looks only when it is told to."""
        return self._deliver if self._held is None else self._hold

    def eof_received(self) -> bool:
        """Tell a protocol that knows of half-closed connections; end those of all others.

        Return True: to close is nothing that uvloop should do by itself, as it would wait for
        what is not sent yet.
        """
        if self._held is None:  # otherwise the end is read again after what is held
            half = IHalfCloseableProtocol(self.protocol, None)
            if half is None:
                self._transport.abort()
            else:
                self._guarded(half.readConnectionLost)
        return True

    def pause_writing(self) -> None:
        """Let the producer wait: too much is not sent yet."""
        self._choked = True
        if self.producer is not None and self.streamingProducer:
            self.producer.pauseProducing()

    def resume_writing(self) -> None:
        """Let the producer go on: nearly all is sent."""
        self._choked = False
        if self.producer is not None:
            self._produce(self.producer)
        elif self._half_closing:
            self._soon(self._write_connection_lost)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the protocol how the connection has ended."""
        reason: Exception
        if self._aborted:
            reason = ConnectionAborted()
        elif error is None:
            reason = ConnectionDone()
        else:
            reason = ConnectionLost()
        self.connectionLost(Failure(reason))

    # What Twisted calls.

    def connectionLost(self, reason: Failure) -> None:
        """End this now, and tell the protocol; the reactor calls it when it stops."""
        if not self.connected:
            return
        self.connected, self.disconnected = False, True
        self.write = self.writeSequence = dropped
        self._reactor.opened.discard(self)
        self._transport.abort()
        protocol, producer = self.protocol, self.producer
        del self.protocol
        self.producer = None
        if producer is not None:
            self._guarded(producer.stopProducing)
        self._guarded(protocol.connectionLost, reason)

    def logPrefix(self) -> str:
        """Return the name of this in logs; no address is told."""
        return type(self).__name__

    # ITransport, and ITCPTransport.

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that are written but not sent (as asyncio's transports do)."""
        return self._transport.get_write_buffer_size()

    def loseConnection(self) -> None:
        """Close when everything is sent and no producer is registered."""
        if self.connected and not self.disconnecting:
            self.disconnecting = True
            self.pauseProducing()
            self._close_if_done()

    def loseWriteConnection(self) -> None:
        """Close the way out when everything is sent and no producer is registered."""
        if self.connected and not self._half_closing:
            self._half_closing = True
            self._close_if_done()

    def abortConnection(self) -> None:
        """Reset the connection, whatever is not sent yet."""
        if self.connected and not self._aborted:
            self._aborted = True
            self._reset_when_closed()
            self._transport.abort()

    # IPushProducer: what is read.

    def pauseProducing(self) -> None:
        """Read nothing for now."""
        self._paused = True
        self._transport.pause_reading()

    def resumeProducing(self) -> None:
        """Read on."""
        if self.connected and not self.disconnecting:
            self._paused = False
            if self._held is None:
                self._transport.resume_reading()
            else:
                self._soon(self._release)

    def stopProducing(self) -> None:
        """Read no more."""
        self.loseConnection()

    # As Twisted's own transports are called, too.
    stopReading, startReading = pauseProducing, resumeProducing

    # IConsumer: what is written.

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Have a producer told when to write; one that pulls is asked as long as it may write.

        Raises RuntimeError if there is a producer.
        """
        if self.producer is not None:
            raise RuntimeError(f"{producer} cannot be registered, as {self.producer} still is")
        if not self.connected:
            producer.stopProducing()
            return
        self.producer, self.streamingProducer = producer, streaming
        if not streaming:
            self._produce(producer)
        elif self._choked:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        """Tell the producer nothing more."""
        self.producer = None
        self._close_if_done()

    def _produce(self, producer: Any) -> None:
        if self.producer is producer and not self._choked:
            self._guarded(producer.resumeProducing)
            if not self.streamingProducer:
                self._soon(self._produce, producer)

    def _close_if_done(self) -> None:
        if not self.connected or self.producer is not None:
            return
        if self.disconnecting:
            self._transport.close()
        elif self._half_closing and self.write is not dropped:
            self.write = self.writeSequence = dropped
            self._transport.write_eof()
            # resume_writing is called when everything is sent.
            self._transport.set_write_buffer_limits(0)
            if not self._choked:
                self._soon(self._write_connection_lost)

    def _write_connection_lost(self) -> None:
        if self.connected:
            half = IHalfCloseableProtocol(self.protocol, None)
            if half is not None:
                self._guarded(half.writeConnectionLost)

    def _deliver(self, data: bytes) -> None:
        try:
            self.protocol.dataReceived(data)
        except Exception:
            self._failed()

    # A protocol that pauses while it is connected is told nothing, though uvloop reads once.

    def _pause_held(self) -> None:
        if self._paused:
            self._transport.pause_reading()

    def _hold(self, data: bytes) -> None:
        assert self._held is not None
        self._held.append(data)
        self._release()

    def _release(self) -> None:
        deaf = self._paused or self._transport.is_closing()
        if self._held is not None and not deaf:
            data, self._held = b"".join(self._held), None
            self._transport.set_protocol(self)
            self._transport.resume_reading()
            if data:
                self._deliver(data)

    def _soon(self, call: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        self._reactor.loop.call_soon(call, *args, **kwargs)

    def _guarded(self, call: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a protocol or a producer; if that raises, it is logged and the connection ends."""
        try:
            call(*args, **kwargs)
        except Exception:
            self._failed()

    def _failed(self) -> None:
        log.failure("A protocol has failed")
        self.connectionLost(Failure())
