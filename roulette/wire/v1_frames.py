"""The frames of ``roulette.v1.json``: one struct per message, for both directions.

The JSON Schema in the documentation is made from them. Sizes of texts, topics and languages are
enforced by the core, so that each has an error code of its own; here they only describe.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from roulette.core import events, leg, verbs
from roulette.core import text as sizes
from roulette.core.events import Code, Event, Reason, Stage, State
from roulette.core.verbs import Verb
from roulette.wire import FRAME_BYTES


def type_name(name: str) -> str:
    """Return the ``type`` of the frames of a struct, given its name."""
    return name[0].lower() + name[1:]


class Frame(
    Struct, frozen=True, omit_defaults=True, rename="camel", tag=type_name, tag_field="type"
):
    """What goes over the wire."""


Topic = Annotated[str, Meta(extra_json_schema={"maxLength": sizes.TOPIC_CHARACTERS})]
Topics = Annotated[tuple[Topic, ...], Meta(extra_json_schema={"maxItems": sizes.TOPICS})]
Language = Annotated[str, Meta(extra_json_schema={"maxLength": sizes.LANGUAGE_CHARACTERS})]
Languages = Annotated[tuple[Language, ...], Meta(extra_json_schema={"maxItems": sizes.LANGUAGES})]
Said = Annotated[
    str, Meta(extra_json_schema={"minLength": 1, "maxLength": sizes.MESSAGE_CHARACTERS})
]
MessageId = Annotated[str, Meta(min_length=1, max_length=sizes.ID_CHARACTERS)]
Seq = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]


# Client to server.


class Hello(Frame, frozen=True):
    """Come in; with ``resume``, come back, having every message of ``chat`` up to ``seq``."""

    resume: str | None = None
    seq: Seq | None = None
    chat: str | None = None


class Start(Frame, frozen=True):
    """Search; while waiting, change the wishes."""

    topics: Topics = ()
    languages: Languages = ()
    only: bool = False


class Cancel(Frame, frozen=True):
    """Stop searching."""


class Message(Frame, frozen=True):
    """Say something."""

    chat: str
    id: MessageId
    text: Said


class Next(Frame, frozen=True):
    """Leave, and search again with the same wishes."""

    chat: str | None = None


class Disconnect(Frame, frozen=True):
    """Leave, and be idle."""

    chat: str | None = None


class Block(Frame, frozen=True):
    """Leave, and never meet this guest again."""

    chat: str


class Away(Frame, frozen=True):
    """Look elsewhere."""


class Back(Frame, frozen=True):
    """Look here again."""


class Rematch(Frame, frozen=True):
    """Ask to meet the stranger of ``chat`` again."""

    chat: str


# Both ways.


class Typing(Frame, frozen=True):
    """Somebody writes."""

    chat: str


class StoppedTyping(Frame, frozen=True):
    """Somebody writes no longer."""

    chat: str


class Seen(Frame, frozen=True):
    """Everything up to ``seq`` was shown."""

    chat: str
    seq: Seq


# Server to client.


class Limits(Struct, frozen=True, rename="camel"):
    """What a client must keep to; characters, but for ``frame`` in bytes."""

    frame: int = FRAME_BYTES
    text: int = sizes.MESSAGE_CHARACTERS
    id: int = sizes.ID_CHARACTERS
    topics: int = sizes.TOPICS
    topic: int = sizes.TOPIC_CHARACTERS
    languages: int = sizes.LANGUAGES
    unacknowledged: int = leg.REMEMBERED_IDS


class Welcome(Frame, frozen=True):
    """Who you are, where you stand, and what the limits are."""

    guest: str
    resume: str
    resumed: bool
    state: State
    chat: str | None = None
    guests: int = 0
    grace: Seconds = 0.0
    # From a factory, since a default that is the same object would be left out.
    limits: Limits = msgspec.field(default_factory=Limits)


class Waiting(Frame, frozen=True):
    """You are searching, for ``since`` seconds so far."""

    since: Seconds
    stage: Stage
    estimate: Seconds | None = None


class Idle(Frame, frozen=True):
    """You are neither searching nor chatting."""


class Connected(Frame, frozen=True):
    """You have met a stranger."""

    chat: str
    common_likes: tuple[str, ...]
    languages: tuple[str, ...]
    seen_before: bool


class GotMessage(Frame, frozen=True):
    """The stranger said something, at ``at`` in Unix seconds."""

    chat: str
    seq: Seq
    text: str
    at: float


class Ack(Frame, frozen=True):
    """Your message ``id``, and every one before it, is accepted."""

    chat: str
    id: str
    seq: Seq


class StrangerAway(Frame, frozen=True):
    """The stranger looks elsewhere."""

    chat: str


class StrangerBack(Frame, frozen=True):
    """The stranger is here again."""

    chat: str


class StrangerReconnecting(Frame, frozen=True):
    """The stranger has lost the connection."""

    chat: str


class StrangerDisconnected(Frame, frozen=True):
    """The chat is over."""

    chat: str
    reason: Reason
    rematch: bool


class RematchOffered(Frame, frozen=True):
    """The stranger of ``chat`` would meet you again, for ``expires`` seconds more."""

    chat: str
    expires: Seconds


class Guests(Frame, frozen=True):
    """So many guests are here."""

    count: int


class ServerMessage(Frame, frozen=True):
    """The operator says something."""

    text: str


class Error(Frame, frozen=True):
    """A frame was refused; ``ref`` is its type, ``id`` its id if it was a message."""

    code: Code
    message: str
    ref: str | None = None
    retry_after: Seconds | None = None
    id: str | None = None


VERBS: dict[type[Frame], type[Verb]] = {
    Hello: verbs.Hello,
    Start: verbs.Start,
    Cancel: verbs.Cancel,
    Message: verbs.Message,
    Typing: verbs.Typing,
    StoppedTyping: verbs.StoppedTyping,
    Seen: verbs.Seen,
    Next: verbs.Next,
    Disconnect: verbs.Disconnect,
    Block: verbs.Block,
    Away: verbs.Away,
    Back: verbs.Back,
    Rematch: verbs.Rematch,
}
"""What a client sends, and the verb that it stands for; the fields are the same."""

EVENTS: dict[type[Event], type[Frame]] = {
    events.Welcome: Welcome,
    events.Waiting: Waiting,
    events.Idle: Idle,
    events.Connected: Connected,
    events.GotMessage: GotMessage,
    events.Ack: Ack,
    events.Typing: Typing,
    events.StoppedTyping: StoppedTyping,
    events.Seen: Seen,
    events.StrangerAway: StrangerAway,
    events.StrangerBack: StrangerBack,
    events.StrangerReconnecting: StrangerReconnecting,
    events.StrangerDisconnected: StrangerDisconnected,
    events.RematchOffered: RematchOffered,
    events.Guests: Guests,
    events.ServerMessage: ServerMessage,
    events.Error: Error,
}
"""What a server sends, and the event that it tells; the fields are the same."""
