"""The targets are judged by the figures of one run, and what was measured can be drawn."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import connect, plot, table, targets
from benchmarks.server import AIOHTTP, FLOOR, PICOWS, PLAIN, SEED, V1, V1_EPOLL, Server
from benchmarks.table import Row

FIGURES = ((SEED, 100.0), (AIOHTTP, 30.0), (PICOWS, 20.0), (FLOOR, 9.0), (PLAIN, 19.0), (V1, 36.0))


def talk(figures: Sequence[tuple[Server, float]], guests: int = 100) -> list[Row]:
    return [
        Row("relay", targets.TALK, guests, (figure,), "", server.name) for server, figure in figures
    ]


def judged(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Return who was judged, against what, and how."""
    lines = [line.split("  ") for line in targets.text(rows).splitlines()[1:]]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    return [(cell[1], cell[3], " ".join(cell[4:])) for cell in cells]


def test_a_target_is_against_the_best_of_others() -> None:
    assert judged(talk(FIGURES)) == [
        (PLAIN.name, "0.25 × the seed", "0.19 holds"),
        (PLAIN.name, "1 × picows", "0.95 holds"),
        (PLAIN.name, "2 × floor in C", "2.11 missed"),
        (V1.name, "0.35 × the seed", "0.36 missed"),
        (V1.name, "1 × aiohttp", "1.20 missed"),
    ]


def test_a_target_without_figures_of_others_says_so() -> None:
    assert judged(talk([(SEED, 100.0), (AIOHTTP, 30.0), (PLAIN, 19.0)])) == [
        (PLAIN.name, "0.25 × the seed", "0.19 holds"),
        (PLAIN.name, "1 × aiohttp or picows", "not measured"),
        (PLAIN.name, "2 × floor in C", "not measured"),
    ]


def test_a_target_without_figures_of_ours_is_not_there() -> None:
    assert targets.text(talk(FIGURES[:4])) == ""
    assert targets.text(talk(FIGURES, guests=98)) == ""


def test_without_uvloop_the_default_reactor_is_judged() -> None:
    storm = [
        Row("storm", connect.ARRIVAL, guests, (figure,), "", V1_EPOLL.name)
        for guests, figure in ((1_000, 500.0), (15_000, 600.0))
    ]
    assert judged(storm) == [
        (V1_EPOLL.name, f"1.3 × {V1_EPOLL.name} with 1,000", "1.20 holds"),
    ]


def test_memory_is_judged_by_itself() -> None:
    rows = [Row("memory", "idle guest", 10_000, (9.1, 8.0, 9.0), "", PLAIN.name, "KB")]
    assert judged(rows) == [(PLAIN.name, "9 KB", "9.00 holds")]


def test_what_was_measured_can_be_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = [*talk(FIGURES), Row("pool", "leave", 10, (1.0, 3.0)), Row("tls", "", 0, (), "none")]
    measured = tmp_path / "rounds.json"
    measured.write_text(json.dumps(table.data(rows)))
    assert table.rows(json.loads(measured.read_text())) == rows
    monkeypatch.setattr(sys, "argv", ["plot", str(measured), str(tmp_path)])
    drawn = []
    for _ in range(2):
        plot.main()
        drawn.append((tmp_path / "benchmarks.svg").read_text())
    assert drawn[0] == drawn[1]
    assert all(f"{server.name}</text>" in drawn[0] for server, _ in FIGURES)
    text = (tmp_path / "benchmarks.txt").read_text()
    assert table.text(rows) in text
    assert targets.text(rows) in text


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rows": [{}]}'])
def test_what_cannot_be_drawn_is_one_line(
    content: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    measured = tmp_path / "rounds.json"
    measured.write_text(content)
    monkeypatch.setattr(sys, "argv", ["plot", str(measured), str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        plot.main()
    assert ended.value.code == 2
    assert "cannot read" in capsys.readouterr().err.splitlines()[-1]
