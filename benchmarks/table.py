"""The rows of the one table, and how they are shown."""

import os
import platform
from collections.abc import Container, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """What one operation costs while ``guests`` are there, of our own code or of a server.

    ``samples`` has the figure of each round in ``unit``, microseconds per operation if nothing
    else is said; it is empty where nothing could be measured, and ``note`` says why.
    """

    subject: str
    case: str
    guests: int
    samples: tuple[float, ...]
    note: str = ""
    server: str = ""
    unit: str = "µs"

    @property
    def cost(self) -> float | None:
        """Return the median of the rounds."""
        return median(self.samples) if self.samples else None


HEADS = "subject", "operation", "server", "guests", "median", "", "rounds", "ratio"
RIGHT = {HEADS.index(head) for head in ("guests", "median", "rounds", "ratio")}


def ratios(rows: Sequence[Row]) -> list[float | None]:
    """Return each row's cost over another's of the same operation.

    For a server that is the first server with as many guests; for our own code, the fewest guests.
    """
    bases: dict[tuple[str, str, int], Row] = {}
    for row in rows:
        if row.guests < bases.setdefault(_compared(row), row).guests:
            bases[_compared(row)] = row
    return [
        row.cost / base if row.cost and (base := bases[_compared(row)].cost) else None
        for row in rows
    ]


def _compared(row: Row) -> tuple[str, str, int]:
    return row.subject, row.case, row.guests if row.server else 0


def text(rows: Sequence[Row]) -> str:
    """Return the table for people, with the lowest and the highest round beside the median."""
    lines: list[Sequence[str]] = [HEADS]
    for row, ratio in zip(rows, ratios(rows), strict=True):
        figures = (
            f"{row.cost:,.1f}" if row.cost is not None else "",
            row.unit if row.samples else "",
            f"{min(row.samples):,.1f} - {max(row.samples):,.1f}" if row.samples else "",
            f"{ratio:.2f}" if ratio is not None else "",
        )
        lines.append((row.subject, row.case, row.server, f"{row.guests:,}", *figures))
    table = aligned(lines, RIGHT)
    notes = ["", *(row.note for row in rows)]
    return "\n".join(f"{line}  {note}".rstrip() for line, note in zip(table, notes, strict=True))


def data(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the same for programs, and what was measured on."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "rows": [
            {
                "subject": row.subject,
                "operation": row.case,
                "server": row.server,
                "guests": row.guests,
                "median": row.cost,
                "unit": row.unit,
                "rounds": row.samples,
                "ratio": ratio,
                "note": row.note,
            }
            for row, ratio in zip(rows, ratios(rows), strict=True)
        ],
    }


def rows(data: dict[str, Any]) -> list[Row]:
    """Return the rows of what :func:`data` made; raise KeyError or TypeError for all else."""
    return [
        Row(
            row["subject"],
            row["operation"],
            row["guests"],
            tuple(row["rounds"]),
            row["note"],
            row["server"],
            row["unit"],
        )
        for row in data["rows"]
    ]


def aligned(lines: Sequence[Sequence[str]], right: Container[int]) -> Sequence[str]:
    """Return lines of cells as text; the columns at ``right`` are aligned there."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
