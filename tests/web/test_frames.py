"""The way past Autobahn for whole text messages: it makes no difference but in time."""

import gc
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from weakref import ref

import pytest
from autobahn.twisted.websocket import WebSocketServerProtocol
from autobahn.websocket.types import ConnectionRequest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from roulette.core.events import GotMessage
from roulette.core.lobby import Lobby
from roulette.web import protocol as module
from roulette.web.factory import ChatRouletteFactory
from roulette.web.frames import MASKER_FROM, text_frame, unmask
from roulette.web.handshake import Handshake
from roulette.web.protocol import ChatProtocol
from roulette.wire import FRAME_BYTES, v1
from tests.memory import TIMERS
from tests.web.caller import Transport

MASK = b"\x37\xfa\x21\x3d"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
)


pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(autouse=True, scope="module", params=["in_python", "in_c"])
def path(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Have the protocol take frames apart in Python, and once more in C."""
    path = request.getfixturevalue(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "whole_text", path.whole_text)
        patch.setattr(module, "text_frame", path.text_frame)
        yield path


def masked(payload: bytes) -> bytes:
    return bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


def frame(payload: bytes, first: int = 0x81, *, mask: bool = True, long: bool = False) -> bytes:
    """Return a frame of a client's; with ``long``, with more bytes for the length than needed."""
    length, flag = len(payload), 0x80 if mask else 0
    if length < 126 and not long:
        head = bytes((first, flag | length))
    else:
        head = bytes((first, flag | 126)) + length.to_bytes(2, "big")
    return head + (MASK + masked(payload) if mask else payload)


class Slow(ChatProtocol):
    """All through Autobahn."""

    def dataReceived(self, data: bytes) -> None:
        WebSocketServerProtocol.dataReceived(self, data)
        self.factory.end_turn()


class Echo(ChatRouletteFactory):
    """Says everything back."""

    def __init__(self, protocol: type[ChatProtocol]) -> None:
        super().__init__(Lobby(Random(1)), TIMERS.loop)
        self.server = ""  # Autobahn would name itself
        self.protocol = self._opened(protocol)
        self.heard: list[str] = []
        self.answer = b""

    def communicate(self, client: ChatProtocol, text: str) -> None:
        self.heard.append(text)
        client.tell(GotMessage("chat", 1, text, 0.0))


def opened(
    protocol: type[ChatProtocol] = ChatProtocol, *offers: str
) -> tuple[Any, Transport, list[str]]:
    """Return a connection whose handshake is done, its transport, and what it hears."""
    factory, transport = Echo(protocol), Transport()
    connection: Any = factory.protocol()
    connection.makeConnection(transport)
    connection.open(Handshake(KEY, "localhost", None, list(offers)))
    assert connection.state == connection.STATE_OPEN
    factory.answer = transport.value()
    transport.clear()
    return connection, transport, factory.heard


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "x" * 125, "x" * 126, "ż" * MASKER_FROM, "x" * FRAME_BYTES]),
).map(str.encode)
PAYLOADS = st.one_of(
    TEXTS,
    st.binary(max_size=12),
    st.sampled_from([b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"x" * (FRAME_BYTES + 1)]),
)
FRAMES = st.one_of(
    st.builds(frame, TEXTS),
    st.builds(frame, TEXTS),
    st.builds(
        frame,
        PAYLOADS,
        st.sampled_from([0x81, 0x01, 0x00, 0x80, 0x82, 0x88, 0x89, 0x8A, 0xC1, 0x83]),
        mask=st.integers(0, 9).map(bool),
        long=st.integers(0, 9).map(lambda n: not n),
    ),
)
CUTS = st.lists(st.integers(0, 60), max_size=6)


# Without the bytes before them, the rest of these would look like a text frame.
IN_A_HEAD = b"\x81\x86", b"\x81\x84\0\0\0\0what"
IN_A_PING = frame(b"12345678", 0x89)[:6], frame(b"hi")


@settings(max_examples=300)
@given(st.lists(FRAMES, max_size=8), CUTS)
@example([frame(b"hi"), frame(b"ho"), frame(b"", 0x89), frame(b"\x03\xe8", 0x88)], [])
@example([frame(b"hi"), frame(b"", 0x82), frame(b"ho")], [])
@example([frame(b"hi"), frame(b"", 0x82), frame(b"ho")], [8, 6])
@example([frame(b"h", 0x01), frame(b"i", 0x80), frame(b"ho")], [7])
@example([frame(b"h", 0x01), frame(b"ho")], [7])
@example([*IN_A_HEAD], [2])
@example([*IN_A_PING], [6])
@example([frame(b"x" * (FRAME_BYTES + 1))], [])
@example([frame(b"short", long=True)], [])
@example([frame(b"hi", mask=False)], [])
@example([frame(b"\xed\xa0\x80")], [])
def test_the_same_is_heard_and_said_as_through_autobahn(
    frames: list[bytes], cuts: list[int]
) -> None:
    (fast, sent, heard), (slow, sent_slowly, heard_slowly) = opened(), opened(Slow)
    stream = b"".join(frames)
    pieces = []
    for cut in cuts:
        pieces.append(stream[:cut])
        stream = stream[cut:]
    for piece in filter(None, [*pieces, stream]):
        fast.dataReceived(piece)
        slow.dataReceived(piece)
        assert heard == heard_slowly
        assert sent.value() == sent_slowly.value()
        assert fast.state == slow.state
        assert sent.disconnecting == sent_slowly.disconnecting


@given(st.binary(min_size=1, max_size=40), st.binary(min_size=4, max_size=4))
@example(bytes(range(256)) * 8, b"\0\xff\x55\xaa")
def test_unmasking_is_what_the_standard_says(payload: bytes, mask: bytes) -> None:
    expected = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    assert unmask(payload, mask) == expected


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, MASKER_FROM, 16_000, 65_535])
def test_a_frame_that_is_sent_is_what_autobahn_sends(path: Any, length: int) -> None:
    connection, transport, _ = opened()
    connection.sendFrame(opcode=1, payload=b"x" * length)
    assert transport.value() == path.text_frame(b"x" * length)


def test_a_frame_is_only_taken_whole(path: Any) -> None:
    whole_text, whole = path.whole_text, frame("cześć".encode())
    assert whole_text(b"--" + whole + b"--", 2) == ("cześć", len(whole) + 2)
    assert {whole_text(whole[:end]) for end in range(len(whole))} == {None}


def test_what_is_told_in_one_turn_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, transport, _ = opened()
    writes: list[bytes] = []
    monkeypatch.setattr(transport, "write", writes.append)
    connection.dataReceived(frame(b"hi") + frame(b"ho"))
    assert writes == [text_frame(b"hi") + text_frame(b"ho")]
    connection.dataReceived(frame(b"hi") + frame(b"", 0x89))
    assert writes[1:] == [text_frame(b"hi"), b"\x8a\x00"]


def test_what_comes_after_a_ping_counts_as_its_answer(clock: Clock) -> None:
    connection, transport, _ = opened()
    clock.advance(20)
    assert transport.value()[:1] == b"\x89"
    clock.advance(19)
    connection.dataReceived(frame(b"still here"))
    clock.advance(15)
    assert connection.state == connection.STATE_OPEN
    clock.pump([1.0] * 30)
    assert connection.state == connection.STATE_CLOSED


def test_what_comes_after_the_end_is_not_kept() -> None:
    """As TLS hands it over, until the client has closed as well."""
    connection, _, heard = opened()
    connection.dataReceived(frame(b"\x03\xe8", 0x88))
    assert connection.state == connection.STATE_CLOSED
    for more in (frame(b"hi"), b"x" * 100_000):
        connection.dataReceived(more)
    assert connection.data == b""
    assert heard == []


# What of Autobahn's inside is looked at. If this fails, a new version has moved it.


def test_autobahn_keeps_what_it_holds_where_it_is_looked_for(clock: Clock) -> None:
    connection, _, heard = opened(Slow)

    def held() -> tuple[bool, ...]:
        return (
            connection.data != b"",
            connection.current_frame is not None,
            connection.inside_message,
            connection.autoPingTimeoutCall is not None,
        )

    def receive(data: bytes) -> tuple[bool, ...]:
        connection.dataReceived(data)
        return held()

    nothing = (False, False, False, False)
    assert held() == nothing
    begun = frame(b"hi", 0x01)
    assert receive(begun[:1]) == (True, False, False, False)
    assert receive(begun[1:6]) == (False, True, True, False)
    assert receive(begun[6:]) == (False, False, True, False)
    assert receive(frame(b"", 0x80)) == nothing
    assert heard == ["hi"]
    clock.advance(20)
    assert held() == (False, False, False, True)
    assert receive(frame(b"ho")) == nothing


class Parsing(ChatProtocol):
    """Begins as Autobahn does, and has it shake hands."""

    __init__ = WebSocketServerProtocol.__init__
    connectionMade = WebSocketServerProtocol.connectionMade

    def open(self, asked: Handshake) -> None:
        offers = f"Sec-WebSocket-Protocol: {', '.join(asked.offers)}\r\n" if asked.offers else ""
        WebSocketServerProtocol.dataReceived(self, f"{HANDSHAKE}{offers}\r\n".encode())
        self.factory.end_turn()

    def onConnect(self, request: ConnectionRequest) -> str | None:
        self.wire, subprotocol = self.factory.wire_for(request.protocols)
        return subprotocol


NOT_LOOKED_AT = {
    "_results",
    "_transport_details",
    "_valid_events",
    "_wskey",
    "is_open",
    "peer",
    "websocket_extensions",
    "websocket_extensions_in_use",
    "websocket_origin",
    "websocket_protocol_in_use",
    "websocket_protocols",
}
"""What Autobahn sets while it shakes hands, and does not look at once a connection is open."""

OF_ALL = {"factory", "trafficStats", "allowedOrigins", "allowedOriginsPatterns", "versions"}
"""What can change and is there once: connections do not change it, or only add to it."""


@pytest.mark.parametrize("offers", [(), ("other", v1.SUBPROTOCOL)])
def test_a_handshake_is_answered_as_autobahn_answers_and_leaves_the_same(
    offers: Sequence[str],
) -> None:
    (ours, _, _), (theirs, _, _) = opened(ChatProtocol, *offers), opened(Parsing, *offers)
    assert ours.factory.answer == theirs.factory.answer
    assert (b"\r\nSec-WebSocket-Protocol: " in ours.factory.answer) is bool(offers)
    left = {name: value for name, value in vars(theirs).items() if not name.startswith("http_")}
    assert {name for name in left if not hasattr(ours, name)} <= NOT_LOOKED_AT
    for name in left.keys() - NOT_LOOKED_AT - {"is_closed", "send_queue"}:
        value = getattr(ours, name)
        assert type(value) is type(left[name]), name
        if isinstance(value, str | bytes | int | None):
            assert value == left[name], name
    assert len(ours.send_queue) == len(theirs.send_queue) == 0


def test_what_connections_have_in_common_cannot_change() -> None:
    connection, _, _ = opened()
    common = vars(connection.factory.protocol)
    fixed = str, bytes, int, float, tuple, type(None), staticmethod
    assert {name for name in common if not isinstance(common[name], fixed)} - {"__doc__"} == OF_ALL
    # The table of names that connections share has room for 30, and some come later.
    assert len(vars(connection)) <= 20, sorted(vars(connection))


def test_a_lost_connection_needs_no_collector(clock: Clock) -> None:
    connection, _, _ = opened()
    known = ref(connection)
    gc.disable()
    try:
        connection.connectionLost(Failure(ConnectionDone()))
        del connection
        assert known() is None
    finally:
        gc.enable()


def test_options_are_attributes_of_the_class_and_not_copied() -> None:
    connection, _, _ = opened()
    names = WebSocketServerProtocol.CONFIG_ATTRS
    assert {"failByDrop", "autoPingInterval", "maxFramePayloadSize"} <= set(names)
    for name in names:
        assert name not in vars(connection)
        assert getattr(connection, name) == getattr(connection.factory, name)
