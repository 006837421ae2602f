"""The frame path in C: it makes no difference but in time, whatever comes."""

import gc
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roulette.wire import FRAME_BYTES
from tests.faults.attacker import frame
from tests.needs import needs, needs_headers

HERE = Path(__file__).parent
BEYOND = 1 << 64
"""A number that no C type holds."""

LENGTHS = [*range(20), *range(124, 130), *range(FRAME_BYTES - 9, FRAME_BYTES + 2), 65_535]
MASKS = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x37\xfa\x21\x3d", b"\x80\0\x80\0"]
NOT_UTF8 = [
    b"\xed\xa0\x80",  # a surrogate
    b"\xed\xa0\xbd\xed\xb8\x80",  # two that are a pair
    b"\xc0\x80",  # overlong, as are the next three
    b"\xc1\xbf",
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\x80",
    b"\xf4\x90\x80\x80",  # beyond the last character
    b"\xff",
    b"\x80",
    b"\xe2\x82",  # begun
]
PAYLOADS = st.one_of(
    st.text(max_size=60).map(str.encode),
    st.binary(max_size=60),
    st.builds(lambda text, odd: text.encode() + odd, st.text(), st.sampled_from(NOT_UTF8)),
    st.builds(lambda letter, size: letter * size, st.binary(min_size=1), st.integers(0, 600)),
)
FRAMES = st.builds(
    frame,
    st.sampled_from([1, 1, 1, 1, 0, 2, 8, 9, 10, 3]),
    PAYLOADS,
    fin=st.sampled_from([True, True, True, False]),
    rsv=st.sampled_from([0, 0, 0, 4]),
    mask=st.one_of(st.binary(min_size=4, max_size=4), st.sampled_from([*MASKS, None])),
    size=st.one_of(st.none(), st.none(), st.none(), st.integers(0, 1 << 17)),
)


def copied(data: bytes) -> bytes:
    return bytes(bytearray(data))


@settings(max_examples=1000)
@given(st.lists(FRAMES, max_size=3).map(b"".join), st.data())
def test_frames_true_and_false_are_taken_alike(
    in_c: Any, in_python: Any, sent: bytes, data: st.DataObject
) -> None:
    sent = sent[: data.draw(st.integers(0, len(sent)) | st.just(len(sent)))]
    before, start = copied(sent), data.draw(st.integers(-9, len(sent) + 9) | st.just(0))
    assert in_c.whole_text(sent, start) == in_python.whole_text(sent, start)
    assert sent == before


@settings(max_examples=1000)
@given(st.sampled_from([b"", b"\x81", b"\x81\xfe", b"\x81\xfe\x00"]), st.binary(), st.integers())
@example(b"", b"", -BEYOND)
@example(b"\x81\xfe", bytes(200), BEYOND)
def test_any_bytes_are_taken_alike_from_anywhere(
    in_c: Any, in_python: Any, head: bytes, rest: bytes, start: int
) -> None:
    for at in (0, start):
        assert in_c.whole_text(head + rest, at) == in_python.whole_text(head + rest, at)


@pytest.mark.parametrize("mask", MASKS)
def test_all_lengths_are_taken_alike_and_nothing_is_taken_before_its_end(
    in_c: Any, in_python: Any, mask: bytes
) -> None:
    for length in LENGTHS:
        whole = frame(1, b"a" * length, mask=mask)
        taken = in_c.whole_text(whole)
        assert taken == in_python.whole_text(whole)
        assert taken == (("a" * length, len(whole)) if 0 < length <= FRAME_BYTES else None)
        for end in {*range(min(10, len(whole))), len(whole) - 1}:
            assert in_c.whole_text(whole[:end]) is in_python.whole_text(whole[:end]) is None
        for claimed in {length - 1, length + 1} & {*range(65_536)}:
            lie = frame(1, b"a" * length, mask=mask, size=claimed)
            assert in_c.whole_text(lie) == in_python.whole_text(lie)
        short = frame(1, b"a" * length, mask=mask)[-length - 4 :]
        spelled_out = b"\x81\xfe" + length.to_bytes(2, "big") + short
        assert in_c.whole_text(spelled_out) == in_python.whole_text(spelled_out)


def test_all_heads_are_taken_alike(in_c: Any, in_python: Any) -> None:
    rest = b"\0\x7f" + bytes(300)  # text under any mask of these
    for first in (0x80, 0x81, 0x82, 0x01, 0xC1):
        for second in range(256):
            head = bytes((first, second))
            assert in_c.whole_text(head + rest) == in_python.whole_text(head + rest), head


@pytest.mark.parametrize("odd", NOT_UTF8)
def test_what_is_no_utf8_is_no_text(in_c: Any, in_python: Any, odd: bytes) -> None:
    for before in (0, 1, 7, 8, 200):
        wrong = frame(1, b"a" * before + odd)
        assert in_c.whole_text(wrong) is in_python.whole_text(wrong) is None


@pytest.mark.parametrize("start", [-1, -6, -BEYOND, 12, 13, BEYOND])
def test_no_frame_begins_before_the_data_or_beyond_their_end(
    in_c: Any, in_python: Any, start: int
) -> None:
    whole = frame(1, b"hello!")
    assert len(whole) == 12
    assert in_c.whole_text(whole, start) is in_python.whole_text(whole, start) is None


@pytest.mark.parametrize("length", [*LENGTHS, 65_534])
def test_what_is_sent_is_the_same(in_c: Any, in_python: Any, length: int) -> None:
    payload = os.urandom(length)
    before = copied(payload)
    assert in_c.text_frame(payload) == in_python.text_frame(payload)
    assert payload == before


def test_a_payload_that_has_no_place_in_a_frame_is_an_error(in_c: Any, in_python: Any) -> None:
    for path in (in_c, in_python):
        with pytest.raises(OverflowError):
            path.text_frame(bytes(65_536))


@pytest.mark.parametrize(
    "wrong", [(), ("text",), (bytearray(9),), (None,), (b"", "0"), (b"", 0, 0)]
)
def test_what_is_no_bytes_is_an_error(in_c: Any, wrong: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        in_c.whole_text(*wrong)
    if wrong[:1] != (b"",):
        with pytest.raises(TypeError):
            in_c.text_frame(*wrong)


def test_nothing_is_left_behind(in_c: Any) -> None:
    texts = [frame(1, b"x" * 300), frame(1, "ż".encode() * FRAME_BYTES)[:FRAME_BYTES]]
    texts += [frame(1, "\U0001f600".encode() * 4_000), frame(1, b"ab\xff"), frame(2, b"ab")]
    payloads = [b"x" * 40, b"x" * 5_000]

    def calls(times: int) -> tuple[int, int]:
        for _ in range(times):
            for text in texts:
                in_c.whole_text(text)
                in_c.whole_text(text, len(text))
            for payload in payloads:
                in_c.text_frame(payload)
            for wrong in ((None,), (b"", "0")):
                with pytest.raises(TypeError):
                    in_c.whole_text(*wrong)
        gc.collect()
        return sys.getallocatedblocks(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    counted = [*texts, *payloads, None]
    calls(200)
    references = [sys.getrefcount(what) for what in counted]
    blocks, peak = calls(200)
    blocks_later, peak_later = calls(5_000)
    assert [sys.getrefcount(what) for what in counted] == references
    assert abs(blocks_later - blocks) < 100
    assert peak_later - peak < 2_000  # KiB; the least of these, left behind each time, are 300


@pytest.mark.soak
def test_no_sanitizer_finds_anything() -> None:
    compiler = needs("cc")
    needs_headers()
    library = subprocess.check_output([compiler, "-print-file-name=libasan.so"], text=True).strip()
    if not Path(library).is_absolute():
        pytest.skip("libasan is missing: this compiler has no AddressSanitizer")
    environment = {
        **os.environ,
        "CFLAGS": "-g -fsanitize=address,undefined -fno-sanitize-recover=all",
        "LD_PRELOAD": library,
        "ASAN_OPTIONS": "detect_leaks=0",  # Python's own are many
        "PYTHONMALLOC": "malloc",  # so that each object has bounds that are watched
    }
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not soak", "-k", "not left_behind"]
    ran = subprocess.run(
        [
            *command,
            str(HERE / "test_frames.py"),
            str(HERE / "test_lane.py"),
            str(HERE / "test_lane_failures.py"),
            str(HERE / "test_lane_laws.py"),
            __file__,
        ],
        cwd=HERE.parents[1],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
