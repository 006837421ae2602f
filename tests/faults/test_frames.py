"""Frames that no client may send, beside pairs who talk."""

from tests.faults.attacker import attacker, frame
from tests.faults.crowd import TEXT
from tests.faults.promises import Promises
from tests.faults.watched import MB, Watched

MEGABYTE = frame(TEXT, bytes(MB))

# RFC 7692 sets the first reserved bit; nobody has agreed to that.
BOMB = frame(TEXT, bytes(190 * 1024), rsv=4)

ENDLESS = frame(TEXT, bytes(64 * 1024), size=1 << 62)

PARTS = b"".join([frame(TEXT, bytes(8192), fin=False), *[frame(0, bytes(8192), fin=False)] * 127])


CASES = {
    "a frame of 1 MB": (MEGABYTE, {1009, None}),
    "1 MB in parts": (PARTS, {1009, None}),
    "a frame that claims 4 EB": (ENDLESS, {1009, None}),
    "a deflate bomb": (BOMB, {1002, 1009, None}),
}


def test_a_frame_that_is_too_big_ends_its_connection_only(
    house: Watched, promises: Promises
) -> None:
    with house.talking() as talk:
        for name, (sent, codes) in CASES.items():
            with house.growth() as growth:
                for number in range(20):
                    with attacker(house.port, number) as attacking:
                        attacking.send(sent)
                        assert attacking.closed() in codes
            promises.under(9, f"{name}: memory", growth.mb, 5, "MB")
    promises.undisturbed(9, talk.report)
