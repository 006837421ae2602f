"""Five thousand guests arrive within twenty seconds, as tsung sees it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.faults.crowd import address
from tests.faults.promises import Promises
from tests.faults.watched import Watched
from tests.needs import needs
from tests.processes import free_port

GUESTS, RATE = 5_000, 250
ADDRESSES = 400
PATIENCE = 240.0

# Who has arrived stays until all have.
LOAD = """<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd" []>
<tsung loglevel="notice" version="1.0">
  <clients>
    <client host="localhost" use_controller_vm="true" maxusers="{users}">{addresses}</client>
  </clients>
  <servers><server host="127.0.0.1" port="{port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="{users}" unit="second">
      <users maxnumber="{guests}" arrivalrate="{rate}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="guest" probability="100" type="ts_websocket">
      <request><websocket type="connect" path="/ws" origin="http://127.0.0.1"/></request>
      <thinktime value="{stay}"/>
      <request><websocket type="close"/></request>
    </session>
  </sessions>
</tsung>
"""


@pytest.mark.soak
def test_five_thousand_arrive(house: Watched, promises: Promises, tmp_path: Path) -> None:
    needs("tsung")
    house.answers()
    # Only now that it runs does it have all that it has by itself.
    before = house.descriptors
    load = tmp_path / "load.xml"
    load.write_text(
        LOAD.format(
            users=2 * GUESTS,
            addresses="".join(f'<ip value="{address(each)}"/>' for each in range(ADDRESSES)),
            port=house.port,
            guests=GUESTS,
            rate=RATE,
            stay=GUESTS // RATE + 5,
        )
    )
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(free_port()),
        "ERL_FLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
    try:
        subprocess.run(
            [needs("tsung"), "-n", "-f", str(load), "-l", str(tmp_path / "log"), "start"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
    finally:
        subprocess.run(["epmd", "-kill"], env=environment, stdout=subprocess.DEVNULL)
    [log] = tmp_path.glob("log/*/tsung.log")
    measured = stats(log.read_text())
    handshakes, failed = measured["request"], measured.get("websocket_fail", [0.0])
    promises.at_least(2, "connections that tsung asked for", measured["connect"][-1], GUESTS)
    promises.at_most(2, "failed", failed[-1] + GUESTS - measured["websocket_succ"][-1], 0)
    promises.under(2, "to connect, mean", measured["connect"][-2], 10, "ms")
    promises.under(2, "to shake hands, mean", handshakes[-2], 10, "ms")
    promises.at_most(3, "descriptors left over", house.settles(before) - before, 0)


def stats(log: str) -> dict[str, list[float]]:
    """Return the numbers that tsung wrote last, by name; the total is the last of each.

    Of times, in milliseconds, the mean is the last but one.
    """
    lines = re.findall(r"^stats: (\w+) (.*)$", log, re.M)
    return {name: [float(number) for number in numbers.split()] for name, numbers in lines}
