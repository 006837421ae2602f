"""One guest's search: what it wishes, and whom that allows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from roulette.core import text
from roulette.core.events import Code, Refused, Stage

RECENT = 300.0
"""Seconds for which a partner counts as recent."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a guest asks of a partner.

    ``topics`` maps the form in which topics are compared to the guest's own spelling.
    """

    topics: Mapping[str, str] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    only: bool = False

    @classmethod
    def of(cls, topics: Sequence[str], languages: Sequence[str], only: bool) -> "Wishes":
        """Make wishes of what a guest wrote; raise :exc:`Refused` if it is too much."""
        if len(topics) > text.TOPICS:
            raise Refused(Code.TOO_MANY_TOPICS, f"at most {text.TOPICS} topics")
        if any(len(topic) > text.TOPIC_CHARACTERS for topic in topics):
            raise Refused(
                Code.TOPIC_TOO_LONG, f"a topic has at most {text.TOPIC_CHARACTERS} characters"
            )
        if len(languages) > text.LANGUAGES:
            raise Refused(Code.INVALID_FIELD, f"at most {text.LANGUAGES} languages")
        if any(len(language) > text.LANGUAGE_CHARACTERS for language in languages):
            raise Refused(
                Code.INVALID_FIELD,
                f"a language tag has at most {text.LANGUAGE_CHARACTERS} characters",
            )
        named = {text.topic_key(topic): text.clean(topic).strip() for topic in topics}
        named.pop("", None)
        spoken = frozenset(map(text.language_key, languages)) - {""}
        return cls(named, spoken, only)

    def first_stage(self) -> Stage:
        """Return the stage at which a search with these wishes begins."""
        if self.topics:
            return Stage.TOPICS
        return Stage.LANGUAGES if self.languages else Stage.ANYONE


@dataclass(slots=True, eq=False)
class Ticket:
    """One guest's search.

    ``since`` is when the guest began to wait, a credit included; ``entered`` is the same
    without it. ``met`` says when the guest last met whom.
    """

    guest: str
    address: str
    wishes: Wishes
    met: Mapping[str, float]
    blocked: Mapping[str, None]
    entered: float
    since: float
    parked: bool = False
    stage: Stage = field(init=False)
    turn: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.stage = self.wishes.first_stage()

    def blocks(self, other: "Ticket") -> bool:
        """Say whether the two are one guest, or either has blocked the other."""
        return (
            self.guest == other.guest or other.guest in self.blocked or self.guest in other.blocked
        )

    def common(self, other: "Ticket") -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the topics, as this guest spells them, and the languages that both named."""
        theirs = other.wishes.topics
        topics = tuple(own for key, own in self.wishes.topics.items() if key in theirs)
        return topics, tuple(sorted(self.wishes.languages & other.wishes.languages))

    def recent(self, other: "Ticket", now: float) -> bool:
        """Say whether the two have met lately; each remembers only so many."""
        never = float("-inf")
        last = max(self.met.get(other.guest, never), other.met.get(self.guest, never))
        return now - last < RECENT

    def filed(self) -> Iterator[Key]:
        """Yield the keys under which others find this guest."""
        languages = self.wishes.languages or ("*",)
        for topic in self.wishes.topics:
            yield "topic", topic
            for language in languages:
                yield "topic", topic, language
        if self.stage is not Stage.TOPICS:
            yield ("open",)
            for language in languages:
                yield "open", language
        if self.stage is Stage.ANYONE:
            yield ("anyone",)

    def sought(self) -> Iterator[list[Key]]:
        """Yield the keys under which this guest looks, the best first.

        Whoever is filed there insists on nothing that this guest lacks, nor it on what they lack;
        only those whom a rule excludes must be stepped over. Who speaks no language by name
        speaks with everybody.
        """
        spoken: list[Key] = [(language,) for language in (*self.wishes.languages, "*")]
        if not self.wishes.languages:
            spoken = [()]
        if self.wishes.topics:
            yield [("topic", topic, *ends) for topic in self.wishes.topics for ends in spoken]
        if self.stage is not Stage.TOPICS:
            yield [("open", *ends) for ends in spoken]
        if self.stage is Stage.ANYONE and self.wishes.languages:
            yield [("anyone",)]
