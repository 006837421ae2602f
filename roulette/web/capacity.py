"""How many connections the limit on open files allows (``ulimit -n``), and how many there are."""

from collections import OrderedDict
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
from typing import Protocol

from roulette.web import refusals
from roulette.web.refusals import Refusals

MANY = 1 << 20
"""What counts as the limit where there is none: a million guests are out of reach anyhow."""


def open_files() -> int:
    """Return how many files, sockets among them, this process may have open."""
    soft, _ = getrlimit(RLIMIT_NOFILE)
    return MANY if soft == RLIM_INFINITY else min(soft, MANY)


def connections_for(files: int) -> int:
    """Return how many connections there may be, beside what the process needs for itself.

    That is the reactor (uvloop's has a dozen), the log, the listening sockets, and the sessions of
    the admin shell.
    """
    return max(3, files - max(32, files // 50))


def guests_for(files: int) -> int:
    """Return how many of the connections may be guests: nine tenths of ``files``, or all but two.

    The others are left for the page, and to tell who comes too late that the house is full.
    """
    return max(1, min(files * 9 // 10, connections_for(files) - 2))


class Channel(Protocol):
    """A connection that is plain HTTP as yet."""

    def abort(self) -> None:
        """Close at once."""


class Connections:
    """The open connections, each of which needs a file descriptor.

    A new one is let in as long as there may be one more. Before it comes to that, the oldest that
    is plain HTTP gives way: whoever means well has its answer by then.

    :param limit: how many there may be.
    """

    def __init__(self, limit: int, refused: Refusals) -> None:
        self.open = 0
        self.refused = refused
        self._limit = limit
        # The oldest first. That it is no dict has the reason that is in core/pool.py.
        self._plain: OrderedDict[Channel, None] = OrderedDict()

    @property
    def full(self) -> bool:
        """Say whether there can be no more."""
        return self.open >= self._limit

    def opened(self, channel: Channel) -> None:
        """Count a connection in; it is plain HTTP as yet."""
        self.open += 1
        self._plain[channel] = None
        if self.open > self._comfortable():
            oldest, _ = self._plain.popitem(last=False)
            self.refused.note(refusals.CROWDED)
            oldest.abort()

    def _comfortable(self) -> int:
        # Many may be accepted at once, and who gives way is closed only after that: so an eighth
        # stays free, or half of what the guests leave.
        guests = self.open - len(self._plain)
        return max(self._limit - self._limit // 8, (guests + self._limit) // 2)

    def upgraded(self, channel: Channel) -> None:
        """Note that a guest speaks through a connection."""
        self._plain.pop(channel, None)

    def closed(self, channel: Channel | None = None) -> None:
        """Count a connection out; ``channel`` unless it was upgraded."""
        self.open -= 1
        if channel is not None:
            self._plain.pop(channel, None)
