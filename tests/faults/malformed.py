"""What no client should send, for Hypothesis to draw: HTTP, handshakes, frames, JSON."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from roulette.wire import v1
from tests.faults.attacker import PLAIN_UPGRADE, frame
from tests.faults.crowd import TEXT, UPGRADE, masked


@dataclass(frozen=True)
class Malformed:
    """Bytes to send after a handshake, if any; and whether the connection is then reset."""

    upgrade: bytes
    data: bytes
    reset: bool


NAMES = st.sampled_from(
    b"Host Upgrade Connection Sec-WebSocket-Key Sec-WebSocket-Version Sec-WebSocket-Protocol"
    b" Sec-WebSocket-Extensions Origin X-Forwarded-For Content-Length Transfer-Encoding Range"
    b" Expect Cookie Date".split()
)
VALUES = st.sampled_from(
    b"websocket Upgrade 13 8 dGhlIHNhbXBsZSBub25jZQ== null chunked -1 permessage-deflate"
    b" roulette.v1.json http://[ bytes=5-2 100-continue".split()
)
HEADER = st.tuples(NAMES | st.binary(max_size=20), VALUES | st.binary(max_size=200)).map(b": ".join)
METHODS = st.sampled_from([b"GET", b"POST", b"HEAD", b"OPTIONS", b"CONNECT", b"PRI", b"get"])
PATHS = st.sampled_from([b"/", b"/ws", b"/ws/x", b"/%00", b"/..%2f", b"*", b"//", b"/healthz", b""])
VERSIONS = st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b""])
FIRST_LINE = st.tuples(
    METHODS | st.binary(max_size=8), PATHS | st.binary(max_size=40), VERSIONS
).map(b" ".join)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Draw an HTTP request, more or less."""
    lines = [draw(FIRST_LINE), *draw(st.lists(HEADER, max_size=8))]
    return b"\r\n".join(lines) + draw(st.sampled_from([b"\r\n\r\n", b"\n\n", b"\r\n", b""]))


@st.composite
def handshakes(draw: st.DrawFn) -> bytes:
    """Draw an opening handshake with some lines left out, doubled or spoilt."""
    lines = UPGRADE.strip().split(b"\r\n")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at : at + 1] = draw(
            st.sampled_from([[], [lines[at]] * 2]) | HEADER.map(lambda header: [header])
        ) or [b"X: y"]
    return b"\r\n".join(lines) + b"\r\n\r\n"


JSON: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = sorted({name for verb in v1.VERBS for name in verb.__struct_fields__})
TYPES = sorted(verb.__name__[0].lower() + verb.__name__[1:] for verb in v1.VERBS)
WORDS = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES)}, optional=dict.fromkeys(FIELDS, JSON)
)
TEXTS = (WORDS | JSON).map(lambda what: json.dumps(what).encode()) | st.binary(max_size=300)

FRAMES = st.builds(
    frame,
    st.integers(0, 15),
    TEXTS | st.sampled_from([bytes(20_000), b"\x03\xe8", b"\xff\xff", b"\xed\xa0\x80"]),
    fin=st.booleans(),
    rsv=st.sampled_from([0, 0, 0, 1, 4, 7]),
    mask=st.none() | st.binary(min_size=4, max_size=4),
    size=st.none() | st.none() | st.integers(0, (1 << 64) - 1),
)
SAID = TEXTS.map(lambda text: masked(TEXT, text[:60_000]))

AFTER = st.lists(FRAMES | SAID | st.binary(max_size=40), min_size=1, max_size=8).map(b"".join)
IN_A_CHAT = st.lists(SAID, min_size=1, max_size=8).map(
    lambda said: masked(TEXT, b'{"type":"hello"}') + b"".join(said)
)

MALFORMED = (
    st.builds(Malformed, st.just(b""), requests() | handshakes() | st.binary(), st.booleans())
    | st.builds(Malformed, st.sampled_from([UPGRADE, PLAIN_UPGRADE]), AFTER, st.booleans())
    | st.builds(Malformed, st.just(UPGRADE), IN_A_CHAT, st.booleans())
)
