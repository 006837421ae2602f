"""The means of proof must notice what they are there to notice."""

import asyncio
from array import array
from pathlib import Path

import pytest

from tests.faults.attacker import frame
from tests.faults.crowd import TEXT, masked
from tests.faults.promises import Kept, Promises, write_down
from tests.faults.talk import SECRET, Report, Talker
from tests.faults.watched import clean


async def after(*heard: int, pair: int = 3, said: int = 3) -> Report:
    """Return the report of a talker who heard messages with these numbers, of so many."""
    report, latencies = Report(), array("d")
    ada, bob = (Talker(3, report, latencies) for _ in range(2))
    ada.other, bob.other = bob, ada
    ada.told({"type": "connected", "chat": "c"})
    bob.sent = said
    for number in heard:
        text = f"{SECRET} {pair} {id(bob)} {number} 0.0"
        ada.told({"type": "gotMessage", "chat": "c", "text": text})
    report.lost = ada.unheard
    return report


@pytest.mark.parametrize(
    ("heard", "lost", "doubled", "reordered"),
    [
        ([1, 2, 3], 0, 0, 0),
        ([], 3, 0, 0),
        ([1, 3], 1, 0, 0),
        ([1, 2], 1, 0, 0),
        ([1, 2, 2, 3], 0, 1, 0),
        ([1, 3, 2], 0, 0, 1),
        ([3, 1, 1], 1, 1, 1),
    ],
)
def test_what_becomes_of_messages_is_noticed(
    heard: list[int], lost: int, doubled: int, reordered: int
) -> None:
    report = asyncio.run(after(*heard))
    assert (report.lost, report.doubled, report.reordered) == (lost, doubled, reordered)
    assert report.disturbed == lost + doubled + reordered


def test_a_message_of_somebody_else_is_noticed() -> None:
    assert asyncio.run(after(1, pair=4)).foreign == 1


async def told(frame: dict[str, str]) -> int:
    report = Report()
    Talker(0, report, array("d")).told(frame)
    return report.disturbed


@pytest.mark.parametrize("kind", ["strangerReconnecting", "strangerDisconnected", "error"])
def test_a_chat_that_is_disturbed_is_noticed(kind: str) -> None:
    assert asyncio.run(told({"type": kind})) == 1


@pytest.mark.parametrize(
    "line", [f"said {SECRET} 1\n", "from 127.0.0.1\n", "from ::1\n", "a\x1b[2Jb\n", "a\rb\n"]
)
def test_what_must_not_be_in_a_log_is_noticed(line: str) -> None:
    clean("a guest came\n")
    with pytest.raises(AssertionError):
        clean(line)


def test_a_promise_that_is_not_kept_is_not_written_down(tmp_path: Path) -> None:
    kept: list[Kept] = []
    promises = Promises("test_it", 7, kept.append)
    for broken in (
        lambda: promises.under(1, "time", 5.0, 5.0, "s"),
        lambda: promises.at_most(1, "lost", 1, 0),
        lambda: promises.at_least(1, "back", 94, 95, "%"),
        lambda: promises.undisturbed(1, Report(lost=1)),
    ):
        with pytest.raises(AssertionError, match="figure 1"):
            broken()
    assert kept == []


def test_the_last_figure_is_the_one_that_is_written_down(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    for measured in (4.0, 3.0):
        kept: list[Kept] = []
        Promises("test_it", 7, kept.append).under(1, "time, all in all", measured, 5, "s")
        write_down(file, kept)
    header, row = file.read_text().splitlines()
    assert header == "figure,what,promised,measured,test,seed,on"
    assert row.startswith('1,"time, all in all",< 5 s,3.0 s,test_it,7,')


def test_frames_are_what_the_protocol_says() -> None:
    # RFC 6455 section 5.7: a masked text frame of "Hello".
    hello = bytes.fromhex("818537fa213d7f9f4d5158")
    assert frame(TEXT, b"Hello", mask=bytes.fromhex("37fa213d")) == hello
    assert frame(TEXT, b"x" * 200, mask=bytes(4)) == masked(TEXT, b"x" * 200)
    assert frame(TEXT, b"x", mask=bytes(4)) == masked(TEXT, b"x")
