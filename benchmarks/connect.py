"""An arrival at a real server: TCP, the handshake, and a partner found."""

import resource
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from benchmarks.cpu import seconds_of
from benchmarks.crowd import Crowd
from benchmarks.server import ROULETTE, SEED, Server, serving
from benchmarks.table import Row
from tests.processes import free_port

SPARE = 100
"""Descriptors that a process needs for itself."""

OPERATION = "connect and meet: "


def rows(
    sizes: Sequence[int] = (100, 10_000), arrivals: int = 200, rounds: int = 5
) -> Iterator[Row]:
    """Measure arrivals, who leave again after each round; the sizes are even and grow.

    What a server does meanwhile for those who are there counts too: pings, and collecting
    garbage. It is why single rounds cost more.
    """
    for server in (ROULETTE, SEED):
        allowed = _allow_files(max(sizes) + arrivals + SPARE) - arrivals - SPARE
        sizes_allowed = [size for size in sizes if size <= allowed]
        with closing(_measure(server, sizes_allowed, arrivals, rounds)) as measured:
            for size in sizes:
                if size <= allowed:
                    yield Row("connect", OPERATION + server.name, size, next(measured))
                else:
                    note = f"the limit of open files allows {max(0, allowed):,} guests (ulimit -Hn)"
                    yield Row("connect", OPERATION + server.name, size, (), note)


def _measure(
    server: Server, sizes: Sequence[int], arrivals: int, rounds: int
) -> Generator[tuple[float, ...], None, None]:
    port = free_port()
    with serving(server, port) as pid, closing(Crowd(port, server.arrived)) as crowd:
        present = 0
        for size in sizes:
            crowd.come(size - present)
            present = size
            samples = []
            for _ in range(rounds):
                before = seconds_of(pid)
                guests = crowd.come(arrivals)
                samples.append((seconds_of(pid) - before) * 1e6 / arrivals)
                crowd.go(guests)
            yield tuple(samples)


def _allow_files(wanted: int) -> int:
    """Raise the limit of open files as far as is wanted and allowed; return what it is.

    Servers inherit it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard):
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft if soft != resource.RLIM_INFINITY else wanted
