"""The form of a text frame, as far as the common case goes (RFC 6455, section 5.2).

That case is a whole text message in one frame. Whatever is not that, or is wrong in any way,
is Autobahn's business. Where ``_frames.c`` was compiled, its functions take the place of these.
"""

# It is there in C and in Python, which a type checker does not see.
from autobahn.websocket.xormasker import create_xor_masker  # type: ignore[attr-defined]

from roulette.wire import FRAME_BYTES

__all__ = ["LANGUAGE", "text_frame", "whole_text"]

TEXT = 0x81
"""The first byte of a text frame that is a whole message: FIN, no RSV, opcode 1."""

SMALL = 126
"""The number in place of a length from which on the length is in two bytes of its own."""

MASKER_FROM = 1536
"""The length from which on Autobahn's masker, made anew for each frame, is the faster one."""

_HEADS = [bytes((TEXT, length)) for length in range(SMALL)]


def text_frame(payload: bytes, /) -> bytes:
    """Return a text frame as a server sends it.

    Raises OverflowError if the payload has more than 65,535 bytes.
    """
    length = len(payload)
    if length < SMALL:
        return _HEADS[length] + payload
    return b"\x81\x7e" + length.to_bytes(2, "big") + payload


def unmask(payload: bytes, mask: bytes) -> bytes:
    """Return what a client has masked with four bytes; the payload is not empty."""
    length = len(payload)
    if length >= MASKER_FROM:
        unmasked: bytes = create_xor_masker(mask, length).process(payload)
        return unmasked
    key = int.from_bytes((mask * (length // 4 + 1))[:length], "little")
    return (int.from_bytes(payload, "little") ^ key).to_bytes(length, "little")


def whole_text(data: bytes, start: int = 0, /) -> tuple[str, int] | None:
    """Return the text of the frame that begins at ``start``, and where the next one begins.

    None if it is anything but a client's whole text message of at most ``FRAME_BYTES`` bytes, and
    where no frame can begin: before the data, or beyond their end.
    """
    size = len(data)
    if not 0 <= start < size - 6 or data[start] != TEXT:
        return None
    length = data[start + 1] - 0x80
    head = start + 6
    if length == SMALL:
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        head = start + 8
        if not SMALL <= length <= FRAME_BYTES:
            return None
    elif not 0 < length < SMALL:
        return None
    end = head + length
    if end > size:
        return None
    try:
        return unmask(data[head:end], data[head - 4 : head]).decode(), end
    except UnicodeDecodeError:
        return None


try:
    from roulette.web._frames import text_frame, whole_text

    LANGUAGE = "C"
    """What they are written in, for the operator."""
except ImportError:
    LANGUAGE = "Python"
