"""What a guest may do: one frozen class per verb.

A ``chat`` of None means the chat that the guest is in, for wires that do not name chats.
"""

from typing import ClassVar

from roulette.core.facts import Fact


class Verb(Fact, frozen=True):
    """Something that a guest does."""

    @property
    def name(self) -> str:
        """Return the verb as the wire spells it: ``stoppedTyping`` for StoppedTyping."""
        name = type(self).__name__
        return name[0].lower() + name[1:]


class Hello(Verb, frozen=True):
    """Come in, or come back: ``seq`` is the last message that the client has.

    ``chat`` is the chat in which ``seq`` counts: a client may have missed that the next began.
    A guest that cannot resume (``lasting`` is false) leaves with its connection, and one that
    ``roams`` searches again by itself whenever a stranger leaves it.
    """

    hidden: ClassVar = frozenset({"resume"})

    resume: str | None = None
    seq: int | None = None
    chat: str | None = None
    lasting: bool = True
    roams: bool = False


class Start(Verb, frozen=True):
    """Search; while waiting: change the wishes and keep the place."""

    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    only: bool = False


class Cancel(Verb, frozen=True):
    """Stop searching."""


class Message(Verb, frozen=True):
    """Say ``text``. An ``id`` of None asks for no acknowledgement."""

    hidden: ClassVar = frozenset({"text"})

    chat: str | None
    id: str | None
    text: str


class Typing(Verb, frozen=True):
    """Be writing."""

    chat: str | None


class StoppedTyping(Verb, frozen=True):
    """Write no longer."""

    chat: str | None


class Seen(Verb, frozen=True):
    """Have been shown everything up to ``seq``."""

    chat: str | None
    seq: int


class Next(Verb, frozen=True):
    """Leave, and search again with the same wishes."""

    chat: str | None = None


class Disconnect(Verb, frozen=True):
    """Leave, and be idle."""

    chat: str | None = None


class Block(Verb, frozen=True):
    """Leave, and never meet this guest again."""

    chat: str | None


class Away(Verb, frozen=True):
    """Look elsewhere: be not matched."""


class Back(Verb, frozen=True):
    """Look here again."""


class Rematch(Verb, frozen=True):
    """Ask to meet the stranger of ``chat`` again."""

    chat: str
