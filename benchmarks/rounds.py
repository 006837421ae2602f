"""Rounds in which servers take turns, so that whatever slows one slows all."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.build import Missing
from benchmarks.server import Server
from benchmarks.table import Row

Case = tuple[str, int]
"""What is measured, and with how many guests."""


def side_by_side(
    subject: str,
    servers: Sequence[Server],
    rounds: int,
    measure: Callable[[Server], Iterable[tuple[Case, float]]],
    unit: str = "µs",
) -> Iterator[Row]:
    """Measure every server once in every round, each round beginning with another one.

    ``measure`` runs the server, and yields figures. What cannot run here has a row that says so.
    Raises RuntimeError if a server fails, after the rows of what was measured until then.
    """
    samples: dict[Case, dict[Server, list[float]]] = {}
    missing: dict[Server, str] = {}
    failure: RuntimeError | None = None
    try:
        for server in _in_turn(servers, rounds):
            if server in missing:
                continue
            try:
                for case, figure in measure(server):
                    samples.setdefault(case, {}).setdefault(server, []).append(figure)
            except Missing as error:
                missing[server] = str(error)
    except RuntimeError as error:
        failure = error
    for (what, guests), figures in samples.items():
        for server in servers:
            if server in figures:
                yield Row(subject, what, guests, tuple(figures[server]), "", server.name, unit)
    for server, why in missing.items():
        yield Row(subject, "", 0, (), why, server.name, unit)
    if failure is not None:
        raise failure


def _in_turn(servers: Sequence[Server], rounds: int) -> Iterator[Server]:
    for number in range(rounds):
        first = number % len(servers)
        yield from (*servers[first:], *servers[:first])
