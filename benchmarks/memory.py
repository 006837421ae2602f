"""What a guest takes who is in a chat and says nothing."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.connect import allow_files
from benchmarks.crowd import Crowd
from benchmarks.rounds import Case, side_by_side
from benchmarks.server import LIBRARIES, OURS, Server, serving
from benchmarks.table import Row

IDLE = "idle guest"

GUESTS = 10_000


def rows(
    rounds: int = 1, servers: Sequence[Server] = (*LIBRARIES, *OURS), guests: int = GUESTS
) -> Iterator[Row]:
    """Measure the memory of an even number of guests; the seed takes too long to let them in."""
    return side_by_side("memory", servers, rounds, partial(_measure, guests=guests), "KB")


def _measure(server: Server, guests: int) -> Iterator[tuple[Case, float]]:
    allow_files(guests)
    with serving(server) as (pid, port), closing(Crowd(port, server.guest)) as crowd:
        before = kilobytes_of(pid)
        crowd.come(guests)
        yield (IDLE, guests), (kilobytes_of(pid) - before) / guests


def kilobytes_of(pid: int) -> int:
    """Return the memory that a process has in use: its resident set, in units of 1,024 bytes.

    Raises OSError if there is no such process.
    """
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    sizes = dict(line.split(":") for line in lines[1:])
    return int(sizes["Rss"].split()[0])
