"""What is promised, asserted and written down in one: a figure cannot be recorded unkept."""

import csv
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from datetime import date
from itertools import islice
from operator import le, lt
from pathlib import Path

from tests.faults.talk import Report

BUSY = 20.0
"""Milliseconds: if a process that sleeps is woken later, the machine has too much to do."""


@dataclass(frozen=True, order=True)
class Kept:
    """A promise that was kept: a row of the table in the documentation."""

    figure: int
    what: str
    promised: str
    measured: str
    test: str
    seed: int
    on: str


class Promises:
    """The promises of one test.

    :param test: its name.
    :param seed: the one that its chance came from.
    :param keep: takes a promise that was kept.
    """

    def __init__(self, test: str, seed: int, keep: Callable[[Kept], None]) -> None:
        self._test, self._seed, self._keep = test, seed, keep

    def under(self, figure: int, what: str, measured: float, limit: float, unit: str = "") -> None:
        """Assert that a measure is below its limit, and write it down."""
        self._holds(figure, what, measured, lt(measured, limit), f"< {limit:g} {unit}", unit)

    def at_most(
        self, figure: int, what: str, measured: float, limit: float, unit: str = ""
    ) -> None:
        """Assert that a measure is no higher than its limit, and write it down."""
        sign = "≤ " if limit else ""
        ok = le(measured, limit)
        self._holds(figure, what, measured, ok, f"{sign}{limit:g} {unit}", unit)

    def at_least(
        self, figure: int, what: str, measured: float, limit: float, unit: str = ""
    ) -> None:
        """Assert that a measure is no lower than its limit, and write it down."""
        self._holds(figure, what, measured, le(limit, measured), f"≥ {limit:g} {unit}", unit)

    def undisturbed(self, figure: int, report: Report, p99: float = 100.0) -> None:
        """Assert that other pairs went on talking as if nothing were, within milliseconds.

        On a machine that is too busy to wake even a sleeper in time, latencies say nothing.
        """
        self.at_most(figure, "other pairs: disturbed", report.disturbed, 0)
        if report.late < BUSY:
            self.under(figure, "other pairs: p99", report.p99, p99, "ms")

    def _holds(
        self, figure: int, what: str, measured: float, holds: bool, promised: str, unit: str
    ) -> None:
        shown = f"{round(measured, 2):,} {unit}".strip()
        assert holds, f"figure {figure}, {what}: {shown}, promised {promised}"
        today = date.today().isoformat()
        self._keep(Kept(figure, what, promised.strip(), shown, self._test, self._seed, today))


def write_down(file: Path, kept: list[Kept]) -> None:
    """Write promises into a table, in place of what the same tests had kept before."""
    rows: dict[tuple[int, str, str], Kept] = {}
    old: list[Kept] = []
    if file.exists():
        with file.open(newline="") as lines:
            for figure, what, promised, measured, test, seed, on in islice(
                csv.reader(lines), 1, None
            ):
                old.append(Kept(int(figure), what, promised, measured, test, int(seed), on))
    for each in [*old, *kept]:
        rows[each.figure, each.test, each.what] = each
    new = file.with_name(f"{file.name}.new")
    with new.open("w", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(field.name for field in fields(Kept))
        writer.writerows(astuple(row) for row in sorted(rows.values()))
    # At once, so that a run that is ended meanwhile loses nothing.
    new.replace(file)
