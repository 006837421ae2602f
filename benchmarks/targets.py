"""What we want to reach, measured beside others in the same run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks import connect, memory, relay, table
from benchmarks.connect import ARRIVAL, LARGE_STORM, STORM
from benchmarks.memory import GUESTS, IDLE
from benchmarks.server import (
    AIOHTTP,
    FLOOR,
    OURS,
    PICOWS,
    PLAIN,
    PLAIN_EPOLL,
    SEED,
    V1,
    V1_EPOLL,
    Server,
)
from benchmarks.table import Row

WITHOUT_UVLOOP = {PLAIN: PLAIN_EPOLL, V1: V1_EPOLL}


@dataclass(frozen=True)
class Target:
    """A figure of ours is at most ``limit`` times the best of others, or ``limit`` itself.

    ``base`` is how many guests the others have, if not as many as we.
    """

    subject: str
    case: str
    guests: int
    ours: Server
    limit: float
    others: Sequence[Server] = ()
    base: int | None = None


TALK = "32 B, 1 in flight"

TARGETS = (
    *(
        target
        for guests, of_seed in ((100, 0.35), (1_000, 0.45))
        for target in (
            Target("relay", TALK, guests, PLAIN, 0.25, [SEED]),
            Target("relay", TALK, guests, PLAIN, 1.0, [AIOHTTP, PICOWS]),
            Target("relay", TALK, guests, PLAIN, 2.0, [FLOOR]),
            Target("relay", TALK, guests, V1, of_seed, [SEED]),
            Target("relay", TALK, guests, V1, 1.0, [AIOHTTP]),
        )
    ),
    Target("connect", ARRIVAL, STORM, V1, 0.5, [SEED]),
    Target("storm", ARRIVAL, LARGE_STORM, V1, 1.3, [V1], STORM),
    Target("memory", IDLE, GUESTS, PLAIN, 9.0),
    Target("memory", IDLE, GUESTS, V1, 9.0),
)

HEADS = "target", "server", "guests", "at most", "measured", ""


def rows(rounds: int = 5) -> Iterator[Row]:
    """Measure what the targets speak of, and nothing else."""
    cases = [case for case in relay.CASES if case[1:] == ("32 B", 1)]
    yield from relay.rows(rounds, (SEED, AIOHTTP, PICOWS, FLOOR, *OURS), cases)
    yield from connect.rows(rounds, (SEED, V1, V1_EPOLL))
    yield from connect.large_rows(min(rounds, 2))
    yield from memory.rows(1, OURS)


def text(rows: Sequence[Row]) -> str:
    """Return a table of the targets for which there are figures of ours, empty without any."""
    costs = {(row.subject, row.case, row.guests, row.server): row.cost for row in rows}
    lines = [line for target in TARGETS if (line := _judged(target, costs))]
    return "\n".join(table.aligned([HEADS, *lines], {2, 4})) if lines else ""


def _judged(
    target: Target, costs: dict[tuple[str, str, int, str], float | None]
) -> Sequence[str] | None:
    def cost(server: Server, guests: int) -> float | None:
        return costs.get((target.subject, target.case, guests, server.name))

    ours = target.ours
    server = ours if cost(ours, target.guests) is not None else WITHOUT_UVLOOP[ours]
    figure = cost(server, target.guests)
    if figure is None:
        return None
    others = [server if other is ours else other for other in target.others]
    base = target.guests if target.base is None else target.base
    bases = [(found, other.name) for other in others if (found := cost(other, base))]
    if len(bases) < len(others):
        what, measured, verdict = " or ".join(other.name for other in others), "", "not measured"
    else:
        least, what = min(bases, default=(1.0, "KB"))
        measured = f"{figure / least:.2f}"
        verdict = "holds" if figure / least <= target.limit else "missed"
    if base != target.guests:
        what += f" with {base:,}"
    return (
        f"{target.subject}: {target.case}",
        server.name,
        f"{target.guests:,}",
        f"{target.limit:g} × {what}" if others else f"{target.limit:g} {what}",
        measured,
        verdict,
    )
