"""Rounds in which servers take turns, so that whatever slows one slows all."""

from collections.abc import Callable, Iterable, Sequence

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
) -> Iterable[Row]:
    """Measure every server once in every round, each round beginning with another one.

    ``measure`` runs the server, and yields figures. What cannot run here has a row that says so.
    """
    samples: dict[Case, dict[Server, list[float]]] = {}
    missing: dict[Server, str] = {}
    for number in range(rounds):
        first = number % len(servers)
        for server in (*servers[first:], *servers[:first]):
            if server in missing:
                continue
            try:
                for case, figure in measure(server):
                    samples.setdefault(case, {}).setdefault(server, []).append(figure)
            except Missing as error:
                missing[server] = str(error)
    for (what, guests), figures in samples.items():
        for server in servers:
            if server in figures:
                yield Row(subject, what, guests, tuple(figures[server]), "", server.name, unit)
    for server, why in missing.items():
        yield Row(subject, "", 0, (), why, server.name, unit)
