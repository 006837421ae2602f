"""What a guest may do: one frozen class per verb.

A ``chat`` of None means the chat that the guest is in, for wires that do not name chats.
"""

from dataclasses import field

from roulette.core.facts import fact


@fact
class Verb:
    """Something that a guest does."""

    @property
    def name(self) -> str:
        """Return the verb as the wire spells it: ``stoppedTyping`` for StoppedTyping."""
        name = type(self).__name__
        return name[0].lower() + name[1:]


@fact
class Hello(Verb):
    """Come in, or come back: ``seq`` is the last message that the client has.

    ``chat`` is the chat in which ``seq`` counts: a client may have missed that the next began.
    A guest that cannot resume (``lasting`` is false) leaves with its connection, and one that
    ``roams`` searches again by itself whenever a stranger leaves it.
    """

    resume: str | None = field(default=None, repr=False)
    seq: int | None = None
    chat: str | None = None
    lasting: bool = True
    roams: bool = False


@fact
class Start(Verb):
    """Search; while waiting: change the wishes and keep the place."""

    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    only: bool = False


@fact
class Cancel(Verb):
    """Stop searching."""


@fact
class Message(Verb):
    """Say ``text``. An ``id`` of None asks for no acknowledgement."""

    chat: str | None
    id: str | None
    text: str = field(repr=False)


@fact
class Typing(Verb):
    """Be writing."""

    chat: str | None


@fact
class StoppedTyping(Verb):
    """Write no longer."""

    chat: str | None


@fact
class Seen(Verb):
    """Have been shown everything up to ``seq``."""

    chat: str | None
    seq: int


@fact
class Next(Verb):
    """Leave, and search again with the same wishes."""

    chat: str | None = None


@fact
class Disconnect(Verb):
    """Leave, and be idle."""

    chat: str | None = None


@fact
class Block(Verb):
    """Leave, and never meet this guest again."""

    chat: str | None


@fact
class Away(Verb):
    """Look elsewhere: be not matched."""


@fact
class Back(Verb):
    """Look here again."""


@fact
class Rematch(Verb):
    """Ask to meet the stranger of ``chat`` again."""

    chat: str
