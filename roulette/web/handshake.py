"""The opening handshake of a WebSocket: read, judged and answered (RFC 6455, section 4.2)."""

import re
from base64 import b64encode
from hashlib import sha1
from typing import NamedTuple

from roulette.web import refusals
from roulette.web.refusals import Refusal

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server appends to a key, so that no other server answers by chance."""

A_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
"""16 bytes in base64 (section 4.1)."""

A_HOST = re.compile(r"(\[[^\[\]]+\]|[^:/?#@\[\]\s]*)(:[0-9]*)?")
"""A host, and perhaps a port (RFC 9110, section 7.2)."""

WHOLE = re.compile(
    r"GET /ws HTTP/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e]*\r\n){1,64}\r\n"
)
"""A request without anything that needs a second look, and nothing behind it."""

WHOLE_BYTES = 4096
"""The longest such request: browsers send some hundreds of bytes, and their cookies."""

LOOK_AGAIN = "content-length", "transfer-encoding", "expect"
"""Headers that have a meaning to HTTP."""

Said = dict[str, list[str]]
"""The headers of a request, by their names in lower case."""


class Handshake(NamedTuple):
    """A handshake that is right: its key, the host that it names, and what else it says."""

    key: str
    host: str
    origin: str | None
    offers: list[str]
    """The subprotocols, by which the client would like to speak."""


def read(data: bytes) -> Said | None:
    """Return the headers of a request for the WebSocket that has come in one piece.

    None if it is anything else, or is unusual: then it is HTTP's business.
    """
    if len(data) > WHOLE_BYTES or not data.isascii():
        return None
    text = data.decode()
    if WHOLE.fullmatch(text) is None:
        return None
    said: Said = {}
    for line in text[:-4].split("\r\n")[1:]:
        name, _, value = line.partition(":")
        said.setdefault(name.lower(), []).append(value.strip(" \t"))
    return None if any(name in said for name in LOOK_AGAIN) else said


def understood(
    said: Said, method: bytes = b"GET", version: bytes = b"HTTP/1.1", *, pipelined: bool = False
) -> Handshake | Refusal:
    """Return the handshake that a request is, or what is wrong with it (section 4.2.1)."""
    if (
        method != b"GET"
        # An upgrade over HTTP/1.0 is to be ignored (RFC 9110, section 7.8).
        or version != b"HTTP/1.1"
        or "websocket" not in map(str.lower, _listed(said, "upgrade"))
        or "upgrade" not in map(str.lower, _listed(said, "connection"))
        or said.get("sec-websocket-version") != ["13"]
    ):
        return refusals.NO_UPGRADE
    hosts, keys = said.get("host", []), said.get("sec-websocket-key", [])
    offers, origins = _listed(said, "sec-websocket-protocol"), said.get("origin", [])
    if (
        len(hosts) != 1
        or A_HOST.fullmatch(hosts[0]) is None
        or len(keys) != 1
        or A_KEY.fullmatch(keys[0]) is None
        or len(origins) > 1
        or len(set(offers)) != len(offers)
        # Nothing may follow before the answer; it would never be looked at.
        or pipelined
    ):
        return refusals.BAD_HANDSHAKE
    return Handshake(keys[0], hosts[0], origins[0] if origins else None, offers)


def answer(key: str, subprotocol: str | None) -> bytes:
    """Return the answer to a handshake that is right (section 4.2.2)."""
    accept = b64encode(sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()
    chosen = "" if subprotocol is None else f"Sec-WebSocket-Protocol: {subprotocol}\r\n"
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
        f"{chosen}Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


def _listed(said: Said, name: str) -> list[str]:
    values = ",".join(said.get(name, ())).split(",")
    return [token for value in values if (token := value.strip())]
