"""``roulette.v1.json`` as a client speaks it: verbs to bytes, bytes to events."""

from typing import Union

import msgspec

from roulette.core.events import Event
from roulette.core.verbs import Verb
from roulette.wire import v1_frames

_FRAMES = {verb: frame for frame, verb in v1_frames.VERBS.items()}
_EVENTS = {frame: event for event, frame in v1_frames.EVENTS.items()}
_decoder: msgspec.json.Decoder[v1_frames.Frame] = msgspec.json.Decoder(
    Union[tuple(v1_frames.EVENTS.values())]  # noqa: UP007
)
_encoder = msgspec.json.Encoder()


def encode(verb: Verb) -> bytes:
    """Return the frame that asks for ``verb``; raise ValueError for text that is not Unicode."""
    frame = _FRAMES[type(verb)]
    return _encoder.encode(frame(*(getattr(verb, name) for name in frame.__struct_fields__)))


def decode(payload: bytes) -> Event | None:
    """Return the event that a server's frame tells, None for one that is not known here.

    A newer server may say more; a client that is told something new goes on without it.
    """
    try:
        frame = _decoder.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    event = _EVENTS[type(frame)]
    return event(**{name: getattr(frame, name) for name in event.__struct_fields__})
