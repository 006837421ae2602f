"""An arrival and a leave, in the core: hello, start, and the connection lost."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.cpu import collector_off, microseconds
from benchmarks.house import PLAIN, Connection, House
from benchmarks.table import Row
from roulette.core.verbs import Start


def rows(
    sizes: Sequence[int] = (100, 1_000, 10_000), arrivals: int = 500, rounds: int = 7
) -> Iterator[Row]:
    """Measure arrivals, who meet two by two, and their leaving; ``arrivals`` is even."""
    houses = {size: crowded(size) for size in sizes}
    arrive: dict[int, list[float]] = {size: [] for size in sizes}
    leave: dict[int, list[float]] = {size: [] for size in sizes}
    with collector_off():
        for _ in range(rounds):
            for size, house in houses.items():
                waiting = len(house.lobby.pool)
                new = [Connection() for _ in range(arrivals)]
                arrive[size].append(microseconds(partial(_arrive, house, new), arrivals))
                if len(house.lobby.pool) != waiting:
                    raise RuntimeError("arrivals did not meet each other")
                leave[size].append(microseconds(partial(_leave, house, new), arrivals))
    for case, samples in (("hello, start", arrive), ("lost", leave)):
        for size in sizes:
            yield Row("lobby", case, size, tuple(samples[size]))


def crowded(guests: int) -> House:
    """Return a house in which one guest of ten waits for what nobody else likes."""
    house = House()
    waiting = guests // 20 * 2
    for number in range(guests):
        wishes = Start((f"topic {number}",), only=True) if number < waiting else Start()
        house.come(Connection(), PLAIN, wishes)
    return house


def _arrive(house: House, connections: Sequence[Connection]) -> None:
    for connection in connections:
        house.come(connection, PLAIN, Start())


def _leave(house: House, connections: Sequence[Connection]) -> None:
    for connection in connections:
        house.go(connection)
