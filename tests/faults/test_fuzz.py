"""Minutes of coverage-guided fuzzing: nothing is raised, and nothing fails."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from roulette.core import verbs
from roulette.wire import v1_client
from tests.faults.attacker import frame
from tests.faults.crowd import CLOSE, PING, TEXT, masked
from tests.faults.promises import Promises
from tests.faults.watched import ROOT

SHORT, LONG = 2, 120
"""Seconds. The short one only shows that there is nothing wrong with the fuzzing itself."""

WORDS = [
    verbs.Start(("tea",), ("pl",), True),
    verbs.Message("c", "1", "hello"),
    verbs.Next("c"),
    verbs.Seen("c", 1),
    verbs.Rematch("c"),
]


@pytest.mark.parametrize(
    ("seconds", "inputs"), [(SHORT, 20), pytest.param(LONG, 1_000, marks=pytest.mark.soak)]
)
def test_fuzzing_finds_nothing(
    promises: Promises, seed: int, tmp_path: Path, seconds: int, inputs: int
) -> None:
    if find_spec("atheris") is None:
        pytest.skip("atheris is missing: there is none for this Python")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    begun = [masked(TEXT, v1_client.encode(word)) for word in WORDS]
    begun += [
        frame(TEXT, b"a", fin=False) + frame(PING) + frame(0, b"b"),
        frame(CLOSE, b"\x03\xe8"),
    ]
    for number, data in enumerate(begun):
        (corpus / str(number)).write_bytes(data)
    options = [f"-max_total_time={seconds}", f"-seed={seed}", f"-artifact_prefix={tmp_path}/"]
    options += ["-len_control=0", "-max_len=2000"]
    fuzzed = subprocess.run(
        [sys.executable, "-m", "tests.faults.fuzz", str(corpus), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=2 * LONG,
    )
    assert fuzzed.returncode == 0, fuzzed.stdout + fuzzed.stderr
    done = re.search(r"^Done (\d+) runs", fuzzed.stderr, re.M)
    assert done is not None, fuzzed.stderr
    promises.at_least(6, "inputs by coverage-guided fuzzing", int(done[1]), inputs)
    promises.at_most(6, "failures found", fuzzed.returncode, 0)
