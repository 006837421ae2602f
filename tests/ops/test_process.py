"""What the process takes."""

import os
import resource
from pathlib import Path

import pytest

from roulette.ops import process
from roulette.ops.process import LISTED_FOR, Descriptors


def test_the_kernel_is_asked() -> None:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    resident = int(status["VmRSS"].split()[0]) * 1024
    assert process.memory_bytes() == pytest.approx(resident, rel=0.2)
    assert process.most_descriptors() == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_what_is_used_of_the_processor_only_grows() -> None:
    before = process.cpu_seconds()
    sum(range(100_000))
    assert process.cpu_seconds() > before


def test_each_descriptor_counts() -> None:
    count = Descriptors(lambda: 0.0)
    before = count()
    assert before is not None
    more = os.dup(0)
    assert count() == before + 1
    os.close(more)
    assert count() == before


def test_an_older_kernel_is_asked_rarely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "fd"
    folder.mkdir()
    monkeypatch.setattr(process, "PROC", str(tmp_path))
    now = 0.0
    size = os.stat

    def stat(path: str) -> os.stat_result:
        # Of a folder in /proc it is 0 there.
        return os.stat_result((*size(path)[:6], 0, 0, 0, 0))

    monkeypatch.setattr(os, "stat", stat)
    count = Descriptors(lambda: now)
    for name in "0123":
        (folder / name).touch()
    assert count() == 3, "without the one that lists"
    (folder / "4").touch()
    assert count() == 3
    now = LISTED_FOR
    assert count() == 4


def test_where_there_is_no_proc_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PROC", str(tmp_path))
    assert process.memory_bytes() is None
    assert Descriptors(lambda: 0.0)() is None
