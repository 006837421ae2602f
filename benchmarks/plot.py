"""Draw what was measured: ``python -m benchmarks.plot FILE FOLDER``.

``FILE`` is what ``python -m benchmarks --json FILE`` has written. Into the folder come
``benchmarks.svg`` and ``benchmarks.txt``, the tables.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import connect, memory, table, targets
from benchmarks.table import Row

PANELS = (
    ("relay", targets.TALK, 100, "A message, 50 pairs"),
    ("relay", targets.TALK, 1_000, "A message, 500 pairs"),
    ("connect", connect.ARRIVAL, connect.STORM, "An arrival, of 1,000"),
    ("memory", memory.IDLE, memory.GUESTS, "An idle guest, of 10,000"),
)
"""Subject, operation and guests of each panel, and its title."""

OURS, OTHERS = "#c2410c", "#94a3b8"


def drawn(rows: Sequence[Row]) -> Figure:
    """Return a panel of bars for each main subject: medians, and the range of the rounds."""
    figure = Figure(figsize=(9, 7), layout="constrained")
    for axes, (subject, case, guests, title) in zip(
        figure.subplots(2, 2).flat, PANELS, strict=True
    ):
        shown = [
            row
            for row in rows
            if (row.subject, row.case, row.guests) == (subject, case, guests) and row.samples
        ]
        _bars(axes, sorted(shown, key=lambda row: row.cost or 0, reverse=True))
        axes.set_title(title)
    return figure


def _bars(axes: Axes, rows: Sequence[Row]) -> None:
    costs = [row.cost or 0 for row in rows]
    axes.barh(
        [row.server for row in rows],
        costs,
        color=[OURS if row.server.startswith("roulette") else OTHERS for row in rows],
        xerr=[
            [cost - min(row.samples) for row, cost in zip(rows, costs, strict=True)],
            [max(row.samples) - cost for row, cost in zip(rows, costs, strict=True)],
        ],
        error_kw={"lw": 0.7},
    )
    axes.spines[["top", "right"]].set_visible(False)
    if rows:
        axes.set_xlabel("KB of memory" if rows[0].unit == "KB" else f"{rows[0].unit} of CPU time")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.plot", description="Draw what was measured."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="what --json has written")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the drawing goes")
    options = parser.parse_args()
    try:
        data = json.loads(options.file.read_text("utf-8"))
        machine = f"{data['python']}, {data['machine']}, {data['cores']} cores"
        rows = table.rows(data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        parser.error(f"cannot read {options.file}: {error}")
    parts = filter(None, [machine, table.text(rows), targets.text(rows)])
    try:
        (options.folder / "benchmarks.txt").write_text("\n\n".join(parts) + "\n", "utf-8")
        # Text stays text, and the same figures make the same file.
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "", "font.size": 8}):
            drawn(rows).savefig(options.folder / "benchmarks.svg", metadata={"Date": None})
    except OSError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
