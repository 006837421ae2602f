import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.needs import needs, needs_headers

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = [
    line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")
]
PINNED = dict(line.partition("==")[::2] for line in PINS)
DESCRIPTION = (
    "pyproject.toml",
    "constraints.txt",
    "hatch_build.py",
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("roulette/web/*.[ch]")),
)
EXTENSIONS = {"roulette/web/_frames.abi3.so", f"roulette/web/_lane{EXTENSION_SUFFIXES[0]}"}
NO_COMPILER = {"CC": "/nowhere/cc"}
NO_HEADERS = {"CC": "cc -nostdinc"}


def copy(name: str, folder: Path) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / name, folder / name)


def build(environment: dict[str, str], *command: str, folder: Path = ROOT) -> list[str]:
    """Build as pip does; return the lines that are said."""
    built = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [line for line in built.stderr.splitlines() if ".c" in line]


def wheel(folder: Path, environment: dict[str, str]) -> tuple[Path, list[str]]:
    said = build(environment, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (path,) = folder.iterdir()
    return path, said


def names(path: Path) -> set[str]:
    with ZipFile(path) as archive:
        return set(archive.namelist())


def test_where_there_is_a_compiler_the_wheel_is_for_this_kind_of_machine(tmp_path: Path) -> None:
    needs("cc")
    needs_headers()
    path, said = wheel(tmp_path, {})
    assert said == []
    assert "-cp311-abi3-" in path.name
    assert not path.name.endswith("-any.whl")
    assert names(path) >= EXTENSIONS
    loaded = "from roulette.web import frames; print(frames.LANGUAGE, frames.__file__)"
    with ZipFile(path) as archive:
        archive.extractall(tmp_path / "site")
    seen = subprocess.check_output(
        [sys.executable, "-c", loaded], cwd=tmp_path / "site", text=True
    ).split()
    assert seen == ["C", str(tmp_path / "site/roulette/web/frames.py")]


@pytest.mark.parametrize(
    ("environment", "why"),
    [(NO_COMPILER, "No such file or directory: '/nowhere/cc'"), (NO_HEADERS, "error: ")],
)
def test_without_a_compiler_or_headers_the_wheel_is_for_all_and_one_line_says_so(
    tmp_path: Path, environment: dict[str, str], why: str
) -> None:
    if environment is NO_HEADERS:
        needs("cc")
    path, said = wheel(tmp_path, environment)
    for name, line in zip(("_frames.c", "_lane.c"), said, strict=True):
        assert line.startswith(f"roulette is installed without {name}: ")
        assert why in line
    assert path.name.endswith("-py3-none-any.whl")
    assert not names(path) & EXTENSIONS


def test_the_wheel_holds_all_but_what_is_compiled(tmp_path: Path) -> None:
    path, _ = wheel(tmp_path, NO_COMPILER)
    held = names(path)
    assert {"roulette/static/index.html", "twisted/plugins/roulette_plugin.py"} <= held
    assert {"roulette/web/_frames.pyi", "roulette/web/_lane.pyi", "roulette/py.typed"} <= held
    assert [name for name in held if name.endswith((".c", ".h", ".so"))] == []


def test_a_checkout_has_what_was_compiled_last_and_nothing_older(tmp_path: Path) -> None:
    needs("cc")
    needs_headers()
    for name in (*DESCRIPTION, "README.rst", "LICENSE", "roulette/ops/dashboard/uPlot-LICENSE"):
        copy(name, tmp_path)
    editable = "-c", "from hatchling.build import build_editable as build; build('.')"
    assert build({}, *editable, folder=tmp_path) == []
    assert all((tmp_path / name).exists() for name in EXTENSIONS)
    assert len(build(NO_COMPILER, *editable, folder=tmp_path)) == 2
    assert not any((tmp_path / name).exists() for name in EXTENSIONS)


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
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in DESCRIPTION:
        copy(name, tmp_path)
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
