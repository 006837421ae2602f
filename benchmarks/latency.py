"""How long a message takes through a real server at a fixed rate, by the clock on the wall."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from statistics import quantiles

from benchmarks.crowd import Crowd
from benchmarks.relay import TEXTS, WARM_UP
from benchmarks.rounds import Case, side_by_side
from benchmarks.server import AIOHTTP, PICOWS, PLAIN, SEED, V1, V1_EPOLL, Server, serving
from benchmarks.table import Row
from benchmarks.talk import Talk

SERVERS = SEED, AIOHTTP, PICOWS, V1_EPOLL, PLAIN, V1

RATE = 2_000
"""Messages a second, of all guests together."""


def rows(
    rounds: int = 5, servers: Sequence[Server] = SERVERS, guests: int = 100, seconds: float = 0.5
) -> Iterator[Row]:
    """Measure delays from when a message was due; the number of guests is even."""
    measure = partial(_measure, guests=guests, seconds=seconds)
    return side_by_side("latency", servers, rounds, measure)


def _measure(server: Server, guests: int, seconds: float) -> Iterator[tuple[Case, float]]:
    with serving(server) as (_, port), closing(Crowd(port, server.guest)) as crowd:
        talk = Talk(crowd, crowd.come(guests))
        talk.paced(TEXTS["32 B"], RATE, WARM_UP)
        parts = quantiles(talk.paced(TEXTS["32 B"], RATE, seconds), n=100)
        for percent in (50, 99):
            yield (f"p{percent} at {RATE:,}/s", guests), parts[percent - 1] * 1e6
        talk.greet()
