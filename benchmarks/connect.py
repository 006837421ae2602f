"""A storm of arrivals at real servers: TCP, the handshake, and a partner found."""

import resource
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial

from benchmarks.build import Missing
from benchmarks.cpu import seconds_of
from benchmarks.crowd import Crowd
from benchmarks.rounds import Case, side_by_side
from benchmarks.server import LIBRARIES, OURS, SEED, Server, serving
from benchmarks.table import Row

SPARE = 200
"""Descriptors that a process needs for itself."""

STORM, LARGE_STORM = 1_000, 15_000

SERVERS = SEED, *LIBRARIES, *OURS


def rows(
    rounds: int = 5, servers: Sequence[Server] = SERVERS, sizes: Sequence[int] = (STORM,)
) -> Iterable[Row]:
    """Measure arrivals at servers where nobody is; the sizes are even and grow."""
    return side_by_side("connect", servers, rounds, partial(measure, sizes=sizes))


def large_rows(
    rounds: int = 3, servers: Sequence[Server] = OURS, sizes: Sequence[int] = (STORM, LARGE_STORM)
) -> Iterable[Row]:
    """Measure more arrivals than the seed could take: it looks at everybody for each of them."""
    return rows(rounds, servers, sizes)


def measure(server: Server, sizes: Sequence[int]) -> Iterator[tuple[Case, float]]:
    """Yield the microseconds of an arrival among so many, from the first to the last of them.

    What a server does meanwhile for those who are there counts too: pings, and collecting
    garbage.
    """
    allow_files(max(sizes))
    with serving(server) as (pid, port), closing(Crowd(port, server.guest)) as crowd:
        before = seconds_of(pid)
        for size in sizes:
            crowd.come(size - len(crowd))
            yield ("connect and meet", size), (seconds_of(pid) - before) * 1e6 / size


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
