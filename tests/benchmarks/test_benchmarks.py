"""Every benchmark still runs, if only with a few guests; how fast they are is no test."""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import connect, latency, lobby, memory, messages, page, pool, table, tls
from benchmarks.server import AIOHTTP, PLAIN_EPOLL, SEED, V1_EPOLL, Server, serving
from benchmarks.table import Row
from tests.needs import needs


def measured(rows: Iterable[Row]) -> set[tuple[str, int]]:
    """Return what was measured; every figure is there, and a time."""
    seen = list(rows)
    assert all(row.cost is not None and min(row.samples) > 0 for row in seen)
    assert len(seen) == len({(row.case, row.guests, row.server) for row in seen})
    return {(row.case, row.guests) for row in seen}


def test_the_lobby_is_measured() -> None:
    rows = lobby.rows(sizes=(4, 40), arrivals=6, rounds=2)
    assert measured(rows) == {(case, size) for case in ("hello, start", "lost") for size in (4, 40)}


def test_messages_are_measured() -> None:
    rows = messages.rows(sizes=(2, 6), messages=300, rounds=2)
    assert measured(rows) == {(way.name, size) for way in messages.WAYS for size in (2, 6)}


def test_the_pool_is_measured() -> None:
    rows = measured(pool.rows(sizes=(40, 80), batches=2, rounds=2))
    assert rows == {
        (f"{kind}: {case}", size)
        for kind in ("no topics", "Zipf topics")
        for case in (pool.ENTER, pool.MEET, pool.LEAVE, pool.LOOK)
        for size in (40, 80)
    }


def test_arrivals_are_measured() -> None:
    assert measured(connect.rows(1, (SEED, PLAIN_EPOLL), 2)) == {(connect.ARRIVAL, 2)}
    rows = measured(connect.large_rows(1, (V1_EPOLL,), (2, 6)))
    assert rows == {(connect.ARRIVAL, size) for size in (2, 6)}


def test_delays_are_measured() -> None:
    rows = measured(latency.rows(1, (V1_EPOLL,), 4, 0.05))
    assert rows == {("p50 at 2,000/s", 4), ("p99 at 2,000/s", 4)}


def test_memory_is_measured() -> None:
    assert measured(memory.rows(1, (PLAIN_EPOLL,), 100)) == {(memory.IDLE, 100)}


def test_talks_through_tls_are_measured() -> None:
    rows = {row.server: row for row in tls.rows(1, 2, 0.02)}
    assert rows[AIOHTTP.name].samples
    assert rows[PLAIN_EPOLL.name].samples


def test_keys_in_the_page_are_measured() -> None:
    needs("chromium")
    cases = {(f"p{percent} among {size}", 2) for percent in (50, 95) for size in (2, 4)}
    assert measured(page.rows(1, sizes=(2, 4), keys=3)) == cases


def test_too_low_a_limit_of_open_files_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (100, 100))
    (row,) = connect.rows(1, (SEED,), 2)
    assert "ulimit" in table.text([row])


def test_a_server_that_does_not_come_up_says_why() -> None:
    broken = Server("broken", lambda port: (sys.executable, "-c", "1/0"))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"), serving(broken):
        pytest.fail("it runs")


def test_ratios_are_against_the_smallest_size() -> None:
    rows = [
        Row("one", "a", 10, (3.0, 1.0, 2.0)),
        Row("one", "a", 100, (4.0,)),
        Row("one", "b", 100, (5.0,)),
        Row("one", "b", 10, (), "not here"),
    ]
    assert table.ratios(rows) == [1.0, 2.0, None, None]
    lines = table.text(rows).splitlines()
    assert lines[1].split() == ["one", "a", "10", "2.0", "µs", "1.0", "-", "3.0", "1.00"]
    assert lines[4].endswith("not here")


def test_ratios_of_servers_are_against_the_first() -> None:
    rows = [
        Row("one", "a", guests, (figure,), "", server)
        for guests, server, figure in ((2, "x", 4.0), (2, "y", 2.0), (9, "x", 5.0), (9, "y", 10.0))
    ]
    assert table.ratios(rows) == [1.0, 0.5, 1.0, 2.0]


def test_the_command_prints_a_table_and_writes_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def few() -> Iterator[Row]:
        yield Row("few", "nothing", 1, (0.5,))

    monkeypatch.setattr(command, "SUBJECTS", {"few": few, "many": pytest.fail})
    file = tmp_path / "rows.json"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "few", "--json", str(file)])
    command.main()
    assert "nothing" in capsys.readouterr().out
    (row,) = json.loads(file.read_text())["rows"]
    assert (row["operation"], row["median"], row["ratio"]) == ("nothing", 0.5, 1.0)


def test_a_failure_keeps_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> Iterator[Row]:
        yield Row("breaks", "at first", 1, (0.5,))
        raise RuntimeError("the server has gone")

    monkeypatch.setattr(command, "SUBJECTS", {"breaks": breaks})
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    with pytest.raises(SystemExit, match="breaks: the server has gone"):
        command.main()
    assert "at first" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["speed"], "no subject speed"),
        (["--json", "/nowhere/rows"], "No such file"),
        (["--rounds", "0"], "invalid positive value: '0'"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(
    arguments: list[str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
    assert why in capsys.readouterr().err.splitlines()[-1]
