"""Guests of a server: how they come in on each wire, what they say, and what they make of it.

What they send is made beforehand, so that it costs little to send, and everything that comes is
looked at: a lost, doubled or altered message is an error.
"""

import socket
import ssl
from collections.abc import Sequence
from functools import cache

import msgspec

from benchmarks import frames
from roulette.core.events import Connected, Event
from roulette.wire import plain

BUFFER = 1 << 16
"""Bytes that are read at a time at most: for more, memory is mapped and given back each time."""

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n"
)
"""An opening handshake, with the key of RFC 6455 section 1.3."""


def _told(event: Event) -> bytes:
    payload = plain.encode(event)
    assert payload is not None
    return payload


COME = _told(Connected("", (), (), False))
"""What the plain wire says when a partner has come."""


class Guest:
    """One connection to a server that says nothing by itself: there once the handshake is."""

    upgrade = UPGRADE % b""

    def __init__(self, socket: socket.socket) -> None:
        self.socket = socket
        self.partner = self  # until it is known
        self.said = 0
        self.heard = 0
        self._shaken = False
        self._rest = b""

    def arrive(self) -> bool:
        """Take what has come before the first message; return whether the guest is there.

        Raises ConnectionError if the server hangs up, RuntimeError if it does not shake hands.
        """
        received = self._rest + self._receive()
        if not self._shaken:
            answer, end, received = received.partition(b"\r\n\r\n")
            if end and not answer.startswith(b"HTTP/1.1 101 "):
                raise RuntimeError(f"the server does not shake hands: {answer!r}")
            self._shaken = bool(end)
            if not end:
                self._rest = answer
                return False
            self._enter()
        payloads, self._rest = self._payloads(received)
        return self._is_there(payloads)

    def prepare(self, text: bytes) -> None:
        """Make ready to say a text, and to hear it."""
        self._frame = frames.sent(text)
        self._expected = frames.head(frames.TEXT, len(text)) + text

    def say(self, messages: int = 1) -> None:
        """Send what is prepared."""
        self.said += messages
        self.send(self._frame * messages)

    def hear(self) -> int:
        """Take what has come; return how many messages are in it.

        Raises ConnectionError if the server hangs up, RuntimeError if it says something else.
        """
        received = self._receive()
        messages, part = divmod(len(received), len(self._expected))
        if part or self._rest or received != self._expected * messages:
            payloads, self._rest = self._payloads(self._rest + received)
            messages = len(payloads)
            if frames.received(self._expected * messages)[0] != [
                (frames.TEXT, payload) for payload in payloads
            ]:
                raise RuntimeError(f"not what was said: {payloads}")
        self.heard += messages
        return messages

    def settled(self) -> bool:
        """Return whether the server owes this guest nothing more for what it has said."""
        return True

    def listen(self) -> list[bytes]:
        """Take what has come, whatever it is; return the texts of the messages."""
        payloads, self._rest = self._payloads(self._rest + self._receive())
        self.heard += len(payloads)
        return payloads

    def send(self, data: bytes) -> None:
        """Send something; raise RuntimeError if the server does not take it."""
        if self.socket.send(data) != len(data):
            raise RuntimeError("the server does not read")

    def _enter(self) -> None:
        """Do what comes first, after the handshake."""

    def _is_there(self, payloads: Sequence[bytes]) -> bool:
        return True

    def _receive(self) -> bytes:
        try:
            received = self.socket.recv(BUFFER)
        except ssl.SSLWantReadError:
            return b""  # a record of TLS itself
        if not received:
            raise ConnectionResetError("the server hung up")
        return received

    def _payloads(self, received: bytes) -> tuple[list[bytes], bytes]:
        """Answer the pings in what has come; return the text and the unfinished rest."""
        whole, rest = frames.received(received)
        payloads = []
        for kind, payload in whole:
            if kind == frames.TEXT:
                payloads.append(payload)
            elif kind == frames.PING:
                self.send(frames.sent(payload, frames.PONG))
            elif kind == frames.CLOSE:
                raise ConnectionResetError(f"the server says goodbye: {payload[2:]!r}")
        return payloads, rest


class PlainGuest(Guest):
    """A guest of ours on the plain wire: there once a partner is."""

    def _is_there(self, payloads: Sequence[bytes]) -> bool:
        return COME in payloads


class Told(msgspec.Struct):
    """What a guest of the JSON wire is told, as far as it matters here."""

    type: str
    chat: str = ""
    text: str = ""
    seq: int = 0


IDS = 10_000
"""So many different ids, over and over again; only the last 256 must differ."""


@cache
def masked_ids(at: int) -> list[bytes]:
    """Return every id under the mask, for a place in the payload."""
    return [frames.masked(b"%04d" % number, at) for number in range(IDS)]


class V1Guest(Guest):
    """A guest of ours on the JSON wire: says hello and start, and is there once a partner is.

    Its messages have ids, and are acknowledged. It does not say what it has seen.
    """

    upgrade = UPGRADE % b"Sec-WebSocket-Protocol: roulette.v1.json\r\n"

    _decode = msgspec.json.Decoder(Told).decode

    def __init__(self, socket: socket.socket) -> None:
        super().__init__(socket)
        self._chat = ""
        self._accepted = 0

    def prepare(self, text: bytes) -> None:
        """Make ready to say a text, and to hear it."""
        self._text = text.decode()
        before = f'{{"type":"message","chat":"{self._chat}","id":"'.encode()
        after = b'","text":' + msgspec.json.encode(self._text) + b"}"
        size = len(before) + 4 + len(after)
        self._before = frames.head(frames.TEXT, size, frames.MASK) + frames.masked(before)
        self._after = frames.masked(after, len(before) + 4)
        self._ids = masked_ids(len(before) % 4)

    def say(self, messages: int = 1) -> None:
        """Send what is prepared, with an id for each."""
        said, self.said = self.said, self.said + messages
        before, ids, after = self._before, self._ids, self._after
        self.send(b"".join(before + ids[n % IDS] + after for n in range(said, self.said)))

    def hear(self) -> int:
        """Take what has come; return how many messages are in it.

        Raises ConnectionError if the server hangs up, RuntimeError if it says something else.
        """
        texts = self._take()
        if any(text != self._text for text in texts):
            raise RuntimeError(f"not what was said: {texts}")
        return len(texts)

    def settled(self) -> bool:
        """Return whether every message is acknowledged."""
        return self._accepted == self.said

    def listen(self) -> list[bytes]:
        """Take what has come, whatever it is; return the texts of the messages."""
        return [text.encode() for text in self._take()]

    def _enter(self) -> None:
        self.send(frames.sent(b'{"type":"hello"}') + frames.sent(b'{"type":"start"}'))

    def _is_there(self, payloads: Sequence[bytes]) -> bool:
        for payload in payloads:
            told = self._decode(payload)
            if told.type == "connected":
                self._chat = told.chat
        return bool(self._chat)

    def _take(self) -> list[str]:
        payloads, self._rest = self._payloads(self._rest + self._receive())
        texts = []
        for payload in payloads:
            told = self._decode(payload)
            if told.type == "gotMessage":
                self.heard += 1
                if told.seq != self.heard:
                    raise RuntimeError(f"message {told.seq} came in place of {self.heard}")
                texts.append(told.text)
            elif told.type == "ack":
                self._accepted = told.seq
            elif told.type != "guests":
                raise RuntimeError(f"the server says {payload!r}")
        return texts
