"""What a guest is told: one frozen class per fact.

The field names are those of the wire (docs: The wire), in Python's spelling. Times are in
seconds; a ``chat`` is an opaque id; a ``seq`` numbers the messages of one direction of one
chat, from 1, without gaps.
"""

from enum import StrEnum
from math import inf
from typing import ClassVar

from roulette.core.facts import Fact


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


class Event(Fact, frozen=True):
    """Something that a guest is told."""


class Welcome(Event, frozen=True):
    """The first event of every connection: who you are, and where you stand."""

    hidden: ClassVar = frozenset({"resume"})

    guest: str
    resume: str
    resumed: bool
    state: State
    chat: str | None
    guests: int
    grace: float


class Waiting(Event, frozen=True):
    """You are waiting: for ``since`` seconds so far, perhaps ``estimate`` in all."""

    since: float
    stage: Stage
    estimate: float | None


class Idle(Event, frozen=True):
    """You are neither waiting nor chatting."""


class Connected(Event, frozen=True):
    """You have met a stranger."""

    chat: str
    common_likes: tuple[str, ...]
    languages: tuple[str, ...]
    seen_before: bool


class GotMessage(Event, frozen=True):
    """The stranger said ``text``; ``at`` is in Unix seconds."""

    hidden: ClassVar = frozenset({"text"})

    chat: str
    seq: int
    text: str
    at: float


class Ack(Event, frozen=True):
    """Your message ``id``, and every one before it, is accepted."""

    chat: str
    id: str
    seq: int


class Typing(Event, frozen=True):
    """The stranger is writing."""

    chat: str


class StoppedTyping(Event, frozen=True):
    """The stranger no longer writes."""

    chat: str


class Seen(Event, frozen=True):
    """The stranger was shown your messages up to ``seq``; so they are all accepted."""

    chat: str
    seq: int


class StrangerAway(Event, frozen=True):
    """The stranger looks elsewhere."""

    chat: str


class StrangerBack(Event, frozen=True):
    """The stranger is back, from elsewhere or on a new connection."""

    chat: str


class StrangerReconnecting(Event, frozen=True):
    """The stranger's connection is lost; the chat goes on if it returns in time."""

    chat: str


class StrangerDisconnected(Event, frozen=True):
    """The chat is over; ``rematch`` says whether to ask for it again makes sense."""

    chat: str
    reason: Reason
    rematch: bool


class RematchOffered(Event, frozen=True):
    """The stranger of ``chat`` would like to meet again, for ``expires`` seconds more."""

    chat: str
    expires: float


class Guests(Event, frozen=True):
    """So many guests are here."""

    count: int


class ServerMessage(Event, frozen=True):
    """The operator says something to everybody."""

    text: str


class Error(Event, frozen=True):
    """What you asked for was refused.

    ``ref`` is the type of the frame that it answers, ``id`` the message's id if that was
    a message, ``retry_after`` the seconds after which it may be tried again.
    """

    code: Code
    message: str
    ref: str | None = None
    retry_after: float | None = None
    id: str | None = None


class Replaced(Event, frozen=True):
    """You came back on another connection; this one ends."""


class TurnedAway(Event, frozen=True):
    """There is no room for you; this connection ends."""


class TooFast(Event, frozen=True):
    """You go on although it was too fast; this connection ends."""


class Kicked(Event, frozen=True):
    """The operator sent you away; this connection ends."""


class Banned(Event, frozen=True):
    """The operator will not have you here; this connection ends."""


class Restarting(Event, frozen=True):
    """The server is about to stop, and another is there soon; this connection ends."""


class ShuttingDown(Event, frozen=True):
    """The server stops; this connection ends."""


def banned(seconds: float) -> tuple[Event, Event]:
    """Return what is told to whom is banned, for so many seconds or ``inf``."""
    left = seconds if seconds < inf else None
    return Error(Code.BANNED, "you are banned from this server", None, left), Banned()
