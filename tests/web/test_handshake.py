"""The short way for handshakes that come in one piece: it makes no difference but in time."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roulette.web.handshake import WHOLE_BYTES, read
from tests.memory import world
from tests.web.caller import HANDSHAKE, KEY, Caller, handshake

CHROMIUM = (
    b"GET /ws HTTP/1.1\r\nHost: chat.example.org\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
    b"Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
    b"(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\n"
    b"Origin: https://chat.example.org\r\nSec-WebSocket-Version: 13\r\n"
    b"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n"
    b"Cookie: a=b\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    b"Sec-WebSocket-Protocol: roulette.v1.json\r\n\r\n"
)

LINES = [f"{name}: {value}".encode() for name, value in HANDSHAKE.items()]
OTHERS = [
    b"",
    b" folded",
    b"\tfolded",
    b"no colon",
    b": no name",
    b"a name: x",
    b"X : x",
    b"X:",
    b"X:\t x \t",
    b"X: \x85",
    b"X: caf\xe9",
    b"X: a\rb",
    b"X: a\nb: c",
    b"X: a\x00b",
    b"X\x00: a",
    b"hOST: chat.example.org",
    b"Host: other.example",
    b"UPGRADE:websocket",
    b"Connection: close",
    b"connection: keep-alive, Upgrade",
    b"Content-Length: 0",
    b"content-length: 5",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: chunked",
    b"Expect: 100-continue",
    b"Origin: https://chat.example.org",
    b"Origin: https://evil.example",
    b"Sec-WebSocket-Version: 8",
    b"Sec-WebSocket-Protocol: roulette.v1.json",
    b"Sec-WebSocket-Protocol: a, a",
    b"Sec-WebSocket-Protocol: a,, \t,b",
    b"sec-websocket-key:\t" + KEY.encode(),
    b"X-Forwarded-For: 192.0.2.7, 192.0.2.8",
    b"X-Forwarded-For: nonsense",
    b"Cookie: a=b; c=d",
    b"Cookie: " + b"x" * WHOLE_BYTES,
    *(b"X-%d: x" % number for number in range(3)),
]
STARTS = [
    b"GET /ws HTTP/1.1",
    b"GET /ws HTTP/1.1",
    b"GET /ws HTTP/1.1",
    b"GET /ws HTTP/1.0",
    b"GET /ws",
    b"GET  /ws HTTP/1.1",
    b"GET /ws/ HTTP/1.1",
    b"GET /ws?a=b HTTP/1.1",
    b"GET /%77s HTTP/1.1",
    b"HEAD /ws HTTP/1.1",
    b"POST /ws HTTP/1.1",
    b"get /ws HTTP/1.1",
    b"GET /healthz HTTP/1.1",
    b"\r\nGET /ws HTTP/1.1",
]
ENDS = [b"\r\n\r\n", b"\r\n\r\n", b"\r\n\r\n", b"\r\n", b"\n\n", b"\r\n\r\n\x81", b"\r\n\r\n\r\n"]

# Mostly right, so that one thing is wrong and not all of them.
HEADERS = st.builds(
    lambda more, left_out, at: [
        line
        for place, line in enumerate([*LINES[:at], *more, *LINES[at:]])
        if place not in left_out
    ],
    st.lists(st.sampled_from(OTHERS), max_size=3),
    st.sets(st.integers(0, 30), max_size=2),
    st.integers(0, len(LINES)),
)
OPTIONS = ("--per-address", "1", "--trusted-proxies", "1")


def answered(pieces: Sequence[bytes]) -> tuple[object, ...]:
    """Return what becomes of somebody who sends this, and then of another who does."""
    told = []
    with world(*OPTIONS) as brought_up:
        for _ in range(2):
            caller = Caller(brought_up)
            answer = "".join(caller.say(piece) for piece in pieces)
            told += [re.sub(r"\r\nDate: .*", "", answer), caller.closed]
        door = brought_up.site.resource.children[b"ws"].door
        return (
            *told,
            dict(brought_up.site.refused.counts),
            door.inside,
            len(brought_up.factory.told),
        )


@settings(max_examples=300)
@given(st.sampled_from(STARTS), HEADERS, st.sampled_from(ENDS))
@example(STARTS[0], LINES, ENDS[0])
@example(STARTS[0], [*LINES, *OTHERS[-3:] * 30], ENDS[0])
def test_in_one_piece_or_in_two_all_are_answered_alike(
    start: bytes, headers: list[bytes], end: bytes
) -> None:
    data = b"\r\n".join([start, *headers]) + end
    assert answered([data]) == answered([data[:1], data[1:]])


@pytest.mark.parametrize("data", [handshake(), CHROMIUM])
def test_what_clients_send_goes_the_short_way(data: bytes) -> None:
    said = read(data)
    assert said is not None
    assert said["sec-websocket-key"] == [KEY]
    assert len(said) == data.count(b"\r\n") - 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        handshake()[:-1],
        handshake() + b"\x81",
        handshake() * 2,
        handshake(Content_Length="0"),
        handshake(Expect="100-continue"),
        handshake(Transfer_Encoding="identity"),
        handshake(X="caf\xe9"),
        handshake(X="a\nb: c"),
        handshake(X="x" * WHOLE_BYTES),
        handshake(**{f"X{number}": "x" for number in range(64)}),
    ],
)
def test_what_is_unusual_goes_the_long_way(data: bytes) -> None:
    assert read(data) is None


def test_many_who_arrive_need_few_timers() -> None:
    with world("--per-address", "0", "--connect-rate", "0") as brought_up:
        before = len(brought_up.reactor.getDelayedCalls())
        wire = "roulette.v1.json"
        callers = [Caller(brought_up) for _ in range(20)]
        for caller in callers:
            assert "101" in caller.say(handshake(Sec_WebSocket_Protocol=wire))
        # Who says nothing, who says no hello, and the pings.
        assert len(brought_up.reactor.getDelayedCalls()) == before + 3
        brought_up.advance(9)
        assert not any(caller.closed for caller in callers)
