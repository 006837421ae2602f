"""How many connections the limit on open files allows (``ulimit -n``)."""

from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit

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
