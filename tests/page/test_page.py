"""The page's modules, without a browser: Node's own test runner."""

import subprocess
from pathlib import Path

import pytest

from tests.needs import needs

MODULES = sorted(Path(__file__).parent.glob("*.test.mjs"))


def test_there_are_modules_to_try() -> None:
    assert MODULES


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_module(module: Path) -> None:
    run = subprocess.run(
        [needs("node"), "--test", module], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stdout + run.stderr
