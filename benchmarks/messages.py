"""A message through the rules: from the sender's verb to what both are told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import Any

import msgspec

from benchmarks.cpu import collector_off, microseconds
from benchmarks.house import PLAIN, Connection, House
from benchmarks.table import Row
from roulette.core.events import Event
from roulette.core.verbs import Hello, Message, Start
from roulette.wire import Wire, plain, v1, v1_frames

TEXT = "thirty-two bytes of conversation"


class Encoding(Connection):
    """A connection that encodes what its guest is told."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.wire = wire

    def tell(self, event: Event) -> None:
        """Take an event, and encode it."""
        super().tell(event)
        self.wire.encode(event)


@dataclass(frozen=True)
class Way:
    """One way to say something.

    ``say`` makes what comes in for message ``number`` of a chat; ``decode`` makes a verb of it.
    """

    name: str
    hello: Hello
    connection: Callable[[], Connection]
    say: Callable[[str, int], Any]
    decode: Callable[[Any], Any]


def v1_text(chat: str, number: int) -> str:
    """Return what a client says on the JSON wire."""
    return msgspec.json.encode(v1_frames.Message(chat, str(number), TEXT)).decode()


WAYS = (
    Way(
        "in the core",
        PLAIN,
        Connection,
        lambda chat, number: Message(chat, None, TEXT),
        lambda message: message,
    ),
    Way(
        "from bytes to bytes, plain",
        PLAIN,
        partial(Encoding, plain),
        lambda chat, number: TEXT,
        plain.decode,
    ),
    Way(
        "from bytes to bytes, v1",
        Hello(),
        partial(Encoding, v1),
        v1_text,
        v1.decode,
    ),
)


class Talk:
    """Guests, two by two, who write in turn."""

    def __init__(self, guests: int, way: Way) -> None:
        self._way = way
        self._house = House()
        self._connections = [way.connection() for _ in range(guests)]
        for connection in self._connections:
            self._house.come(connection, way.hello, Start())
        self._said = self._turns()

    def round(self, messages: int) -> float:
        """Let so many be said; return the microseconds of each.

        Raise RuntimeError if not every one arrived.
        """
        said = list(islice(self._said, messages))
        before = self._heard()
        cost = microseconds(partial(self._say, said), messages)
        if self._heard() - before != messages:
            raise RuntimeError("not every message arrived")
        return cost

    def _say(self, said: Sequence[tuple[Connection, Any]]) -> None:
        house, decode = self._house, self._way.decode
        for connection, what in said:
            house.do(connection, decode(what))

    def _heard(self) -> int:
        return sum(connection.messages for connection in self._connections)

    def _turns(self) -> Iterator[tuple[Connection, Any]]:
        legs = {guest.connection: guest.leg for guest in self._house.lobby.guests.values()}
        for number in count():
            for connection in self._connections:
                leg = legs[connection]
                assert leg is not None
                yield connection, self._way.say(leg.chat, number)


def rows(
    sizes: Sequence[int] = (100, 1_000), messages: int = 5_000, rounds: int = 7
) -> Iterator[Row]:
    """Measure messages between guests who are all in a chat; the sizes are even."""
    for way in WAYS:
        talks = {size: Talk(size, way) for size in sizes}
        samples: dict[int, list[float]] = {size: [] for size in sizes}
        with collector_off():
            for _ in range(rounds):
                for size, talk in talks.items():
                    samples[size].append(talk.round(messages))
        for size in sizes:
            yield Row("messages", way.name, size, tuple(samples[size]))
