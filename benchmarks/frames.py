"""A client's side of the WebSocket's frames, RFC 6455 section 5.2: make them, take them apart."""

from itertools import cycle

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A

MASK = b"\x37\xfa\x21\x3d"
"""The mask of section 5.7. Always the same, so that frames can be made beforehand."""


def masked(data: bytes, at: int = 0) -> bytes:
    """Return data under the mask; ``at`` is its place in the payload."""
    mask = cycle(MASK[at % 4 :] + MASK[: at % 4])
    return bytes(byte ^ key for byte, key in zip(data, mask, strict=False))


def head(kind: int, size: int, mask: bytes = b"") -> bytes:
    """Return what comes before a payload of at most 65,535 bytes."""
    flag = 0x80 if mask else 0
    if size < 126:
        return bytes((kind, flag | size)) + mask
    return bytes((kind, flag | 126)) + size.to_bytes(2, "big") + mask


def sent(payload: bytes, kind: int = TEXT) -> bytes:
    """Return the frame in which a client sends a payload."""
    return head(kind, len(payload), MASK) + masked(payload)


def received(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return the kinds and the payloads of a server's whole frames, and what is left."""
    frames = []
    at = 0
    while len(data) - at >= 2:
        start, size = at + 2, data[at + 1]
        if size == 126:
            start, size = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
        end = start + size
        if end > len(data):
            break
        frames.append((data[at], data[start:end]))
        at = end
    return frames, data[at:]
