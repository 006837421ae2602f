"""The frame path twice: in Python, and in C, compiled from what is in the checkout."""

import runpy
import sys
from collections.abc import Iterator
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.task import Clock

from hatch_build import SOURCES, compile_c
from roulette.web import frames, lane
from tests.memory import TIMERS
from tests.needs import needs, needs_headers

ROOT = Path(__file__).parents[2]
WARNINGS = "-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Werror"


@pytest.fixture(scope="session")
def in_python() -> Any:
    """Return the frame path where nothing was compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "roulette.web._frames", None)
        return SimpleNamespace(**runpy.run_path(frames.__file__))


def compiled(name: str, folder: Path) -> Any:
    """Return a module in C, in which no compiler finds anything to warn of."""
    needs("cc")
    needs_headers()
    [(source, suffix)] = [each for each in SOURCES.items() if Path(each[0]).stem == name]
    target = folder / f"{name}{suffix}"
    compile_c(ROOT / source, target, *WARNINGS)
    loader = ExtensionFileLoader(name, str(target))
    spec = spec_from_file_location(name, target, loader=loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def in_c(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the frame path in C."""
    return compiled("_frames", tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def lane_in_c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Have new factories take messages in C; return the module."""
    with pytest.MonkeyPatch.context() as patch:
        module = compiled("_lane", tmp_path_factory.mktemp("compiled"))
        patch.setattr(lane, "_lane", module)
        yield module


@pytest.fixture
def clock() -> Iterator[Clock]:
    before, TIMERS.loop = TIMERS.loop, Clock()
    yield TIMERS.loop
    TIMERS.loop = before
