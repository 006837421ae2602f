"""What a guest is told: one frozen class per fact.

The field names are those of the wire (docs: The wire), in Python's spelling. Times are in
seconds; a ``chat`` is an opaque id; a ``seq`` numbers the messages of one direction of one
chat, from 1, without gaps.
"""

from dataclasses import field
from enum import StrEnum
from math import inf

from roulette.core.facts import fact


class State(StrEnum):
    """Where a guest stands; being away or without a connection is a flag beside it."""

    IDLE = "idle"
    WAITING = "waiting"
    CHATTING = "chatting"


class Stage(StrEnum):
    """What a waiting guest still insists on."""

    TOPICS = "topics"
    LANGUAGES = "languages"
    ANYONE = "anyone"


class Reason(StrEnum):
    """Why a partner has gone."""

    LEFT = "left"
    NEXT = "next"
    TIMEOUT = "timeout"
    KICKED = "kicked"
    SHUTDOWN = "shutdown"


class Code(StrEnum):
    """Why a verb, or a frame on the wire, was refused."""

    INVALID_JSON = "invalid_json"
    INVALID_TYPE = "invalid_type"
    INVALID_FIELD = "invalid_field"
    INVALID_STATE = "invalid_state"
    STALE_CHAT = "stale_chat"
    MESSAGE_TOO_LARGE = "message_too_large"
    TOO_MANY_TOPICS = "too_many_topics"
    TOPIC_TOO_LONG = "topic_too_long"
    RATE_LIMITED = "rate_limited"
    SERVER_FULL = "server_full"
    DRAINING = "draining"
    BANNED = "banned"


class Refused(Exception):
    """What a guest asked for can't be had: the guest's error, not ours."""

    def __init__(self, code: Code, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


@fact
class Event:
    """Something that a guest is told."""


@fact
class Welcome(Event):
    """The first event of every connection: who you are, and where you stand."""

    guest: str
    resume: str = field(repr=False)
    resumed: bool
    state: State
    chat: str | None
    guests: int
    grace: float


@fact
class Waiting(Event):
    """You are waiting: for ``since`` seconds so far, perhaps ``estimate`` in all."""

    since: float
    stage: Stage
    estimate: float | None


@fact
class Idle(Event):
    """You are neither waiting nor chatting."""


@fact
class Connected(Event):
    """You have met a stranger."""

    chat: str
    common_likes: tuple[str, ...]
    languages: tuple[str, ...]
    seen_before: bool


@fact
class GotMessage(Event):
    """The stranger said ``text``; ``at`` is in Unix seconds."""

    chat: str
    seq: int
    text: str = field(repr=False)
    at: float


@fact
class Ack(Event):
    """Your message ``id``, and every one before it, is accepted."""

    chat: str
    id: str
    seq: int


@fact
class Typing(Event):
    """The stranger is writing."""

    chat: str


@fact
class StoppedTyping(Event):
    """The stranger no longer writes."""

    chat: str


@fact
class Seen(Event):
    """The stranger was shown your messages up to ``seq``; so they are all accepted."""

    chat: str
    seq: int


@fact
class StrangerAway(Event):
    """The stranger looks elsewhere."""

    chat: str


@fact
class StrangerBack(Event):
    """The stranger is back, from elsewhere or on a new connection."""

    chat: str


@fact
class StrangerReconnecting(Event):
    """The stranger's connection is lost; the chat goes on if it returns in time."""

    chat: str


@fact
class StrangerDisconnected(Event):
    """The chat is over; ``rematch`` says whether to ask for it again makes sense."""

    chat: str
    reason: Reason
    rematch: bool


@fact
class RematchOffered(Event):
    """The stranger of ``chat`` would like to meet again, for ``expires`` seconds more."""

    chat: str
    expires: float


@fact
class Guests(Event):
    """So many guests are here."""

    count: int


@fact
class ServerMessage(Event):
    """The operator says something to everybody."""

    text: str


@fact
class Error(Event):
    """What you asked for was refused.

    ``ref`` is the type of the frame that it answers, ``id`` the message's id if that was
    a message, ``retry_after`` the seconds after which it may be tried again.
    """

    code: Code
    message: str
    ref: str | None = None
    retry_after: float | None = None
    id: str | None = None


@fact
class Replaced(Event):
    """You came back on another connection; this one ends."""


@fact
class TurnedAway(Event):
    """There is no room for you; this connection ends."""


@fact
class TooFast(Event):
    """You go on although it was too fast; this connection ends."""


@fact
class Kicked(Event):
    """The operator sent you away; this connection ends."""


@fact
class Banned(Event):
    """The operator will not have you here; this connection ends."""


@fact
class Restarting(Event):
    """The server is about to stop, and another is there soon; this connection ends."""


@fact
class ShuttingDown(Event):
    """The server stops; this connection ends."""


def banned(seconds: float) -> tuple[Event, Event]:
    """Return what is told to whom is banned, for so many seconds or ``inf``."""
    left = seconds if seconds < inf else None
    return Error(Code.BANNED, "you are banned from this server", None, left), Banned()
