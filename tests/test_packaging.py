import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = [
    line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")
]
PINNED = dict(line.partition("==")[::2] for line in PINS)


def test_constraints_are_pins_and_hold_no_address() -> None:
    assert [line for line in PINS if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_all_that_the_project_names_is_pinned_within_its_range() -> None:
    project = PROJECT["project"]
    named = [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    for extra in project["optional-dependencies"].values():
        named += extra
    pinned = {canonicalize_name(name): version for name, version in PINNED.items()}
    for requirement in map(Requirement, named):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), named


def test_what_the_wheel_asks_for_stays_a_range() -> None:
    for requirement in map(Requirement, PROJECT["project"]["dependencies"]):
        assert {clause.operator for clause in requirement.specifier} <= {">=", "<"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("sys.exit(sys.version_info < (3, 11))", "roulette needs Python 3.11 or newer"),
        ("import ensurepip, venv", "on Debian, apt-get install python3-venv"),
    ],
)
def test_a_python_that_does_not_do_gets_one_clear_line(
    tmp_path: Path, fault: str, said: str
) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\ncase "$*" in *"{fault}"*) exit 1;; esac\n')
    python.chmod(0o755)
    make = subprocess.run(
        ["make", "run"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert make.returncode != 0
    assert "Traceback" not in make.stderr
    line, made = make.stderr.splitlines()
    assert said in line
    assert made.startswith("make: ***")
    assert not (tmp_path / ".venv").exists()
