"""What takes its time: a client that is frozen, and a clock that is set."""

import os
import signal
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.e2e.guests import door
from tests.faults.attacker import Attacker, attacker
from tests.faults.crowd import PING
from tests.faults.promises import Promises
from tests.faults.watched import Watched, watching
from tests.needs import needs

PATIENCE = 90.0

PING_WITHIN = 22.0
"""Seconds: there is one every 20, and a machine may be busy."""

HOUR = 3600

pytestmark = pytest.mark.soak


def test_the_partner_of_a_frozen_client_is_told(house: Watched, promises: Promises) -> None:
    chat = [sys.executable, "-m", "roulette", "chat", house.ws]
    with (
        door(house.ws, set()) as entrance,
        subprocess.Popen(chat, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as frozen,
    ):
        # It searches at once.
        partner = entrance.waiting()
        try:
            partner.told("connected")
            os.kill(frozen.pid, signal.SIGSTOP)
            began = time.monotonic()
            partner.told("strangerReconnecting", PATIENCE)
            took = time.monotonic() - began
        finally:
            frozen.kill()
    promises.at_most(16, "until the partner is told", took, 45, "s")


def test_a_clock_that_is_set_disturbs_nobody(promises: Promises, tmp_path: Path) -> None:
    needs("faketime")
    [library] = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
    clock = tmp_path / "clock"
    clock.write_text("+0")
    environment = [
        f"LD_PRELOAD={library}",
        f"FAKETIME_TIMESTAMP_FILE={clock}",
        "FAKETIME_NO_CACHE=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ]
    pinged = {}
    with watching(prefix=["env", *environment]) as house, house.talking() as talk:
        for name, hours in {"an hour on": 1, "an hour back": -1}.items():
            with attacker(house.port) as quiet:
                clock.write_text(f"{hours:+}h")
                assert abs(wrong_by(house) - hours * HOUR) < 60
                pinged[name] = until_ping(quiet)
    promises.at_most(17, "other pairs: disturbed", talk.report.disturbed, 0)
    for name, after in pinged.items():
        promises.at_most(17, f"{name}: until the next ping", after, PING_WITHIN, "s")


def wrong_by(house: Watched) -> float:
    """Return by how many seconds the clock of a service is wrong, as the dates it tells are."""
    with urlopen(f"{house.url}/healthz") as answer:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


def until_ping(quiet: Attacker) -> float:
    """Return the seconds until a client is pinged, which must be soon enough."""
    began = time.monotonic()
    quiet.socket.settimeout(PATIENCE)
    next(opcode for opcode, _ in quiet.frames() if opcode == PING)
    return time.monotonic() - began
