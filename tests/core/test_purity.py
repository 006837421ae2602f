"""The rooms of the house: who may import whom, and what the pure ones never load."""

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import roulette.core
import roulette.wire

ROOT = Path(__file__).parents[2]
IMPURE = {"twisted", "autobahn", "txaio", "zope", "socket", "ssl", "select", "asyncio"}
"""Not ``_socket``: typing_extensions, which msgspec uses, looks at the type of an object in it."""


def modules() -> list[str]:
    return [
        name
        for room in (roulette.core, roulette.wire)
        for name in (
            room.__name__,
            *(found.name for found in pkgutil.walk_packages(room.__path__, room.__name__ + ".")),
        )
    ]


@pytest.mark.parametrize("module", modules())
def test_a_pure_module_loads_no_network(module: str) -> None:
    # -S: what an installation loads at its start is not ours.
    code = f"import sys; sys.path[:0] = {sys.path!r}; import {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()
    assert module in loaded
    assert IMPURE & {name.partition(".")[0] for name in loaded} == set()


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, at its top or within."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    """Return the rooms of ours that a file imports from: ``core``, ``tap``…"""
    rooms = (name.split(".") for name in imported(path))
    return {[*parts, ""][1] for parts in rooms if parts[0] == "roulette"}


def files(room: str) -> list[Path]:
    return sorted(ROOT.joinpath("roulette", room).rglob("*.py"))


def test_the_core_needs_nothing_but_the_standard_library_and_structs() -> None:
    for path in files("core"):
        for name in imported(path):
            known = name.split(".")[0] in sys.stdlib_module_names
            assert known or name.startswith(("roulette.core.", "msgspec.")), path


def test_the_core_does_no_input_or_output_and_asks_no_clock() -> None:
    banned = {
        "io",
        "os",
        "sys",
        "time",
        "datetime",
        "logging",
        "threading",
        "subprocess",
        "pathlib",
    }
    for path in files("core"):
        assert not banned & {name.split(".")[0] for name in imported(path)}, path
        calls = [
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
        ]
        named = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
        assert not named & {"open", "print", "input", "exec", "eval"}, path


@pytest.mark.parametrize(
    ("room", "may"),
    [
        ("core", {"core"}),
        ("wire", {"core", "wire"}),
        ("web", {"core", "wire", "web", "reading"}),
        ("ops", {"core", "wire", "ops", "reading"}),
    ],
)
def test_a_room_imports_only_what_it_may(room: str, may: set[str]) -> None:
    for path in files(room):
        assert ours(path) <= may, path


def test_what_all_may_read_files_with_imports_nothing_of_ours() -> None:
    assert ours(ROOT / "roulette" / "reading.py") == set()


def test_only_the_plugin_and_the_tac_point_at_tap() -> None:
    allowed = {ROOT / "roulette.tac", ROOT / "twisted/plugins/roulette_plugin.py"}
    for path in {*ROOT.joinpath("roulette").rglob("*.py"), *allowed}:
        assert "tap" not in ours(path) or path in allowed, path
    assert "roulette.tap" in ROOT.joinpath("twisted/plugins/roulette_plugin.py").read_text()
