"""A storm of arrivals at real servers: TCP, the handshake, and a partner found."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from benchmarks.build import Missing
from benchmarks.cpu import seconds_of
from benchmarks.crowd import Crowd
from benchmarks.rounds import Case, side_by_side
from benchmarks.server import AIOHTTP, NODE, OURS, PICOWS, SEED, V1, V1_EPOLL, Server, serving
from benchmarks.table import Row

SPARE = 200
"""Descriptors that a process needs for itself."""

ARRIVAL = "connect and meet"

STORM, LARGE_STORM = 1_000, 15_000

SERVERS = SEED, NODE, AIOHTTP, PICOWS, *OURS


def rows(rounds: int = 5, servers: Sequence[Server] = SERVERS, size: int = STORM) -> Iterator[Row]:
    """Measure arrivals at servers where nobody is; their number is even."""
    return side_by_side("connect", servers, rounds, partial(_measure, sizes=(size,)))


def large_rows(
    rounds: int = 2,
    servers: Sequence[Server] = (V1_EPOLL, V1),
    sizes: Sequence[int] = (STORM, LARGE_STORM),
) -> Iterator[Row]:
    """Measure a storm that goes on and on; the sizes are even and grow.

    The seed could not take it: it looks at everybody for each arrival.
    """
    return side_by_side("storm", servers, rounds, partial(_measure, sizes=sizes))


def _measure(server: Server, sizes: Sequence[int]) -> Iterator[tuple[Case, float]]:
    """Yield the microseconds of an arrival among so many, from the first to the last of them.

    What a server does meanwhile for those who are there counts too: pings, and collecting
    garbage.
    """
    allow_files(max(sizes))
    with serving(server) as (pid, port), closing(Crowd(port, server.guest)) as crowd:
        before = seconds_of(pid)
        for size in sizes:
            crowd.come(size - len(crowd))
            yield (ARRIVAL, size), (seconds_of(pid) - before) * 1e6 / size


def allow_files(guests: int) -> None:
    """Let this process, and the servers that it runs, have files enough for so many guests.

    Raises Missing if the limit is lower.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = guests + SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise Missing(
                f"{guests:,} guests need {wanted:,} open files (ulimit -Hn says {hard:,})"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
