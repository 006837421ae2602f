"""A message through real servers, ours and others: the CPU time that each takes for it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from ssl import SSLContext

from benchmarks.cpu import seconds_of
from benchmarks.crowd import Crowd
from benchmarks.rounds import Case, side_by_side
from benchmarks.server import OURS, PEERS, Server, serving
from benchmarks.table import Row
from benchmarks.talk import Talk

TEXTS = {
    "32 B": b"thirty-two bytes of conversation",
    "1 KB": b"a kilobyte of it" * 64,
    "8 KB": "🎲".encode() * 2_000,
}
"""What is said, by its size. No message of ours has more than 2,000 characters."""

CASES = (
    (100, "32 B", 1),
    (100, "32 B", 8),
    (100, "1 KB", 1),
    (100, "8 KB", 1),
    (1_000, "32 B", 1),
)
"""How many guests talk, what they say, and how many messages of each are on the way."""

WARM_UP = 0.3
"""Seconds of talk before anything is measured."""


def rows(
    rounds: int = 5,
    servers: Sequence[Server] = PEERS + OURS,
    cases: Sequence[tuple[int, str, int]] = CASES,
    seconds: float = 0.3,
) -> Iterator[Row]:
    """Measure talks; the cases grow in guests, whose number is even."""
    return side_by_side("relay", servers, rounds, partial(measure, cases=cases, seconds=seconds))


def measure(
    server: Server,
    cases: Sequence[tuple[int, str, int]],
    seconds: float,
    context: SSLContext | None = None,
) -> Iterator[tuple[Case, float]]:
    """Yield the microseconds of a message in each case; with a context through TLS."""
    with (
        serving(server) as (pid, port),
        closing(Crowd(port, server.guest, context)) as crowd,
    ):
        guests = crowd.come(cases[0][0])
        talk = Talk(crowd, guests)
        talk.fast(TEXTS["32 B"], 1, min(WARM_UP, seconds))
        for number, size, in_flight in cases:
            if number > len(guests):
                guests += crowd.come(number - len(guests))
                talk = Talk(crowd, guests)
            before = seconds_of(pid)
            messages = talk.fast(TEXTS[size], in_flight, seconds)
            cost = (seconds_of(pid) - before) * 1e6 / messages
            yield (f"{size}, {in_flight} in flight", number), cost
        talk.greet()
