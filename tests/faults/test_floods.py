"""Pings and empty parts of a message, by the million: cut at once, and nobody else notices."""

import time

import pytest

from tests.faults.attacker import attacker, frame
from tests.faults.crowd import PING, TEXT
from tests.faults.promises import Promises
from tests.faults.watched import watching_command
from tests.service import REACTORS, fine, on, twistd

SIZE = 12_000_000
FRAME_RATE = ("--frame-rate", "50")
FLOODS = {
    "pings": (b"", frame(PING)),
    "pings of 125 bytes": (b"", frame(PING, bytes(125))),
    "empty continuations": (frame(TEXT, fin=False), frame(0, fin=False)),
}


@pytest.mark.parametrize("reactor", REACTORS)
def test_a_flood_of_frames_is_cut_and_disturbs_nobody(promises: Promises, reactor: str) -> None:
    command = [*twistd(reactor), "-n", "--pidfile=", "roulette", *on(), *FRAME_RATE]
    with watching_command(command) as house:
        with house.talking() as talk:
            for number, (name, (first, again)) in enumerate(FLOODS.items()):
                with attacker(house.port, number) as attacking, house.growth() as growth:
                    began = time.monotonic()
                    whole = attacking.send(first + again * (SIZE // len(again)))
                    took = time.monotonic() - began
                assert not whole, "it was all taken"
                what = f"12 MB of {name}, {reactor}"
                promises.under(8, f"{what}: cut", took, 1, "s")
                promises.under(8, f"{what}: memory", growth.mb, 5, "MB")
        promises.undisturbed(8, talk.report)
    fine(house.log)
