"""How far who is at the other end of a connection lags behind."""

import time
from array import array
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import Any


def lag(connection: Any) -> tuple[int, float]:
    """Return the bytes that wait to be read, and the seconds that a ping waits to be answered.

    The bytes are those that the other side's system has not confirmed (tcp(7), SIOCOUTQ), with
    what is still in this process. Nothing is kept for this while nobody asks.
    """
    sent = connection.autoPingPendingSent if connection.autoPingPending else None
    waited = 0.0 if sent is None else max(0.0, (time.time_ns() - sent) / 1e9)
    return _unread(connection.transport), waited


def _unread(transport: Any) -> int:
    # TLS and the PROXY protocol stand between.
    while (inner := getattr(transport, "transport", None)) is not None:
        transport = inner
    if hasattr(transport, "get_write_buffer_size"):
        unsent = transport.get_write_buffer_size()
    else:
        # Twisted's own transports do not tell.
        written = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
        unsent = written + getattr(transport, "_tempDataLen", 0)
    sent = array("i", [0])
    # It may have been closed, and one in memory has no handle.
    with suppress(OSError, ValueError, AttributeError):
        ioctl(transport.getHandle().fileno(), TIOCOUTQ, sent)
    return int(unsent) + sent[0]
