"""What the Makefile calls understands how it is called."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("goal", ["test", "soak"])
def test_pytest_is_called_as_it_should_be(goal: str) -> None:
    # Without a path, pytest takes a file that is the value of an option of ours for one.
    make = ["make", "--dry-run", f"BIN={Path(sys.executable).parent}", goal]
    clean = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    told = subprocess.run(make, cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    calls = [line for line in told.stdout.splitlines() if "/pytest " in line]
    assert calls
    for call in calls:
        nothing = [*shlex.split(call), "--collect-only", "--ignore-glob=*", "--numprocesses=0"]
        run = subprocess.run(nothing, cwd=ROOT, capture_output=True, text=True)
        assert run.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, run.stderr
