"""What the log looks like, from its first line on, whoever decides where it goes."""

import json
import re
from pathlib import Path

import pytest

from tests.service import TWIST, TWISTD, on, started

TAC = Path(__file__).parents[2] / "roulette.tac"


@pytest.mark.parametrize("way", ["twistd", "twist", "twistd -y"])
def test_every_line_is_json(way: str, tmp_path: Path) -> None:
    options = [*on(), "--log-format", "json"]
    command = {
        "twistd": [TWISTD, "-n", "--pidfile=", "roulette", *options],
        "twist": [TWIST, "roulette", *options],
        "twistd -y": [
            *("env", f"ROULETTE_OPTIONS={' '.join(options)}"),
            *(TWISTD, "-n", "--pidfile=", "-y", str(TAC)),
        ],
    }[way]
    with started(command, tmp_path) as server:
        pass
    lines = [json.loads(line) for line in server.log.splitlines()]
    assert all(line.keys() >= {"time", "level", "namespace", "message"} for line in lines)
    assert [line["guests"] for line in lines if "Draining" in line["message"]] == [0]


def test_every_line_has_its_priority_for_the_journal(tmp_path: Path) -> None:
    command = [TWISTD, "-n", "--pidfile=", "roulette", *on(), "--log-format", "journal"]
    with started(command, tmp_path) as server:
        pass
    lines = server.log.splitlines()
    assert [line for line in lines if not re.match(r"<[2-7]>\[", line)] == []
    assert "<6>[roulette.ops.drain.Drain#info] Draining; guests here: 0" in lines
