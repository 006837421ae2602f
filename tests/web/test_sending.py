"""A large file, and who reads it slowly or not at all."""

from pathlib import Path
from typing import Any

from roulette.web.channel import READS_WITHIN
from roulette.web.sending import SLICE
from tests.memory import Make
from tests.web.caller import Caller, asking

LARGE = bytes(range(256)) * 4 * 1024


def test_a_large_file_waits_to_be_read(bring_up: Make, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(LARGE)
    world = bring_up("--static", str(tmp_path))
    caller = Caller(world)
    transport: Any = caller.transport

    def written() -> bytes:
        body: bytes = transport.value().partition(b"\r\n\r\n")[2]
        return body

    full: Any = transport.write

    def write(data: bytes) -> None:
        full(data)
        if len(written()) >= SLICE:
            transport.producer.pauseProducing()

    transport.write = write
    caller.say(asking("/large.bin"))
    read = b""
    while len(read) < len(LARGE):
        assert len(written()) == SLICE
        read += written()
        transport.io.seek(0)
        transport.io.truncate()
        full(b"\r\n\r\n")
        # Each slice has its own time.
        world.advance(READS_WITHIN - 1)
        assert not caller.closed
        transport.producer.resumeProducing()
    assert read == LARGE
    assert not caller.closed


def test_all_of_a_large_file_is_sent_to_who_reads(bring_up: Make, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(LARGE)
    caller = Caller(bring_up("--static", str(tmp_path)))
    for _ in range(2):
        answer = caller.say(asking("/large.bin"))
        assert answer.encode("latin-1").endswith(b"\r\n\r\n" + LARGE)
    assert caller.say(asking("/large.bin", "HEAD")).endswith("\r\n\r\n")


def test_who_closes_and_reads_nothing_is_cut_as_well(bring_up: Make) -> None:
    world = bring_up()
    caller = Caller(world)
    transport: Any = caller.transport
    caller.say(asking("/healthz", Connection="close"))
    # The transport closes when all is read, which never happens.
    assert transport.disconnecting
    world.advance(READS_WITHIN)
    assert transport.aborted
