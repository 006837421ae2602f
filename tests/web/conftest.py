"""The frame path twice: in Python, and in C, compiled from what is in the checkout."""

import runpy
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import SimpleNamespace
from typing import Any

import pytest

from hatch_build import SUFFIX, compile_frames
from roulette.web import frames
from tests.needs import needs, needs_headers


@pytest.fixture(scope="session")
def in_python() -> Any:
    """Return the frame path where nothing was compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "roulette.web._frames", None)
        return SimpleNamespace(**runpy.run_path(frames.__file__))


@pytest.fixture(scope="session")
def in_c(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the frame path in C, in which no compiler finds anything to warn of."""
    needs("cc")
    needs_headers()
    target = tmp_path_factory.mktemp("compiled") / f"_frames{SUFFIX}"
    compile_frames(target, "-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Werror")
    loader = ExtensionFileLoader("_frames", str(target))
    spec = spec_from_file_location("_frames", target, loader=loader)
    assert spec is not None
    return module_from_spec(spec)
