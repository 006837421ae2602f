"""``roulette.v1.json``: each text frame is one JSON object with a ``type``.

What is in them is said by the structs of ``v1_frames.py``.
"""

import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Union

import msgspec
from msgspec import Struct

from roulette.core import events
from roulette.core.events import Code, Event
from roulette.core.verbs import Verb
from roulette.wire.v1_frames import EVENTS, VERBS, Frame, type_name

SUBPROTOCOL = "roulette.v1.json"


class _Typed(Struct):
    type: str


_TYPES = frozenset(type_name(frame.__name__) for frame in VERBS)
_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Union[tuple(VERBS)])  # noqa: UP007
_typed = msgspec.json.Decoder(_Typed)
_encoder = msgspec.json.Encoder()


def _reader(event: type[Event], frame: type[Frame]) -> Callable[[Event], tuple[Any, ...]]:
    """Return a function that returns those fields of an event that its frame has, in order."""
    names = [name for name in frame.__struct_fields__ if name in event.__struct_fields__]
    assert names == list(frame.__struct_fields__[: len(names)]), "the others have defaults"
    if len(names) > 1:
        return attrgetter(*names)
    return lambda event: tuple(getattr(event, name) for name in names)


_WRITERS = {event: (frame, _reader(event, frame)) for event, frame in EVENTS.items()}


def decode(text: str) -> Verb | Event:
    """Return the verb that a client's frame asks for, or the error that answers it."""
    try:
        frame = _parse(text)
    except msgspec.ValidationError as error:
        return _unfit(text, error)
    except (ValueError, RecursionError):
        return events.Error(Code.INVALID_JSON, "that is not JSON")
    return VERBS[type(frame)](*msgspec.structs.astuple(frame))


def encode(event: Event) -> bytes | None:
    """Return the frame that tells ``event``, None where closing the connection tells it."""
    writer = _WRITERS.get(type(event))
    if writer is None:
        return None
    frame, fields = writer
    return _encoder.encode(frame(*fields(event)))


def _parse(text: str) -> Frame:
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Half an emoji is JSON too, though msgspec refuses it: what is lone is dropped.
        if "\\ud" not in text.lower():
            raise
        whole = json.dumps(json.loads(text), ensure_ascii=False)
        return _decoder.decode(whole.encode("utf-8", "ignore"))


def _unfit(text: str, error: msgspec.ValidationError) -> events.Error:
    try:
        name = _typed.decode(text).type
    except msgspec.MsgspecError:
        return events.Error(Code.INVALID_TYPE, "a frame is a JSON object with a type")
    if name not in _TYPES:
        return events.Error(Code.INVALID_TYPE, "there is no such type")
    return events.Error(Code.INVALID_FIELD, str(error), name)
