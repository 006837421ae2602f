"""Is it a WebSocket? Autobahn's fuzzing client is asked, through the production stack with an echo.

It needs the command ``wstest``; the chapter on faults says where to get it.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.attacker import attacker, frame
from tests.faults.crowd import TEXT
from tests.faults.promises import Promises
from tests.processes import running

BINARY = 0x2
CASES = 247
PATIENCE = 300.0


@pytest.fixture
def port() -> Iterator[int]:
    """Have an echo; return its port."""
    command = [sys.executable, "-m", "roulette.conformance", "--port", "0"]
    with running(command, "echoing at") as process:
        yield int(process.log.split(":")[-1].removesuffix("/ws\n"))


def test_the_echo_says_what_was_said(port: int) -> None:
    with attacker(port) as client:
        client.send(frame(TEXT, "zażółć".encode()))
        client.send(frame(BINARY, b"\xff" * 40_000, fin=False) + frame(0, b"\0" * 25_536))
        frames = client.frames()
        assert next(frames) == (TEXT, "zażółć".encode())
        assert next(frames) == (BINARY, b"\xff" * 40_000 + b"\0" * 25_536)
        client.send(frame(TEXT, b"\xff"))
        assert client.closed() == 1007


@pytest.mark.soak
def test_the_fuzzing_client_finds_no_fault(port: int, promises: Promises, tmp_path: Path) -> None:
    wstest = shutil.which("wstest")
    if wstest is None:
        pytest.skip("wstest is missing: see the chapter on faults")
    specification = {
        "outdir": str(tmp_path),
        "options": {"failByDrop": False},
        "servers": [{"agent": "roulette", "url": f"ws://127.0.0.1:{port}/ws"}],
        "cases": ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"],
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(specification))
    subprocess.run(
        [wstest, "-m", "fuzzingclient", "-s", str(spec)],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    results = json.loads((tmp_path / "index.json").read_text())["roulette"].values()
    verdicts = [case[which] for case in results for which in ("behavior", "behaviorClose")]
    fine = {"OK", "INFORMATIONAL", "NON-STRICT"}
    promises.at_least(1, "conformance: cases", len(results), CASES)
    promises.at_most(1, "conformance: not strict", verdicts.count("NON-STRICT"), 0)
    promises.at_most(1, "conformance: failed", sum(each not in fine for each in verdicts), 0)
