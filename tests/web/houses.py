"""Two houses to which the same happens: one has the lane in C, the other does all in Python."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import count
from random import Random
from types import MethodType
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from benchmarks.frames import received
from roulette.core.guest import Guest
from roulette.core.limits import UNLIMITED, Limits
from roulette.core.lobby import Lobby
from roulette.core.tally import Histogram
from roulette.core.ticket import Ticket
from roulette.web.factory import ChatRouletteFactory
from roulette.web.handshake import Handshake
from roulette.web.lane import nothing
from roulette.web.protocol import ChatProtocol
from roulette.wire import v1
from tests.faults.attacker import frame
from tests.web import caller

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
MORE, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

ODD = [
    "hello",
    "cześć 👋🏽 مرحبا",
    'a "quoted" \\ one \\\\" /',
    "* as the server",
    "two\n* lines",
    "\u2028* x",
    "*  ",
    "   ",
    "",
    "a\x7fb",
    "\xa0",
    "a\xa0b",
    "\u202etfel",
    "\ud83d",
    "/next",
    "//next",
    "/help",
    "x" * 2000,
    "x" * 2001,
    "🐈" * 2000,
    "🐈" * 2001,
    '"' * 2000,
    " " * 2001,
]


class Transport(caller.Transport):
    """Writes down what is written, write by write; ``choked`` once there is a lot of it."""

    choking = 1 << 30

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.written = 0

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.written += len(data)
        if self.producer is not None and self.written > self.choking:
            self.producer.pauseProducing()


class House:
    """A lobby, a factory, and connections in the order in which they have come."""

    def __init__(self, clock: Clock, limits: Limits, epoch: float, *, lane: bool) -> None:
        ids = count(1)
        self.lobby = Lobby(
            Random(1), limits=limits, epoch=epoch, token=lambda: f"token-{next(ids)}"
        )
        self.factory = ChatRouletteFactory(self.lobby, clock)
        if not lane:
            self.factory.take = nothing
        self.connections: list[Any] = []
        self.transports: list[Transport] = []
        self.open: set[int] = set()

    @property
    def taken(self) -> int:
        """Return how many messages went through the lane."""
        taken: int = getattr(self.factory.take, "__self__").taken  # noqa: B009
        return taken

    def come(self, *, json: bool) -> None:
        """Let somebody in who searches."""
        number = self.connect(json=json)
        for verb in (b'{"type":"hello"}', b'{"type":"start"}') if json else ():
            self.read(number, frame(TEXT, verb))

    def connect(self, *, json: bool) -> int:
        connection: Any = self.factory.protocol()
        self.connections.append(connection)
        self.transports.append(Transport())
        self.open.add(len(self.connections) - 1)
        connection.makeConnection(self.transports[-1])
        offers = [v1.SUBPROTOCOL] if json else []
        connection.open(Handshake(KEY, "localhost", None, offers))
        return len(self.connections) - 1

    def read(self, number: int, data: bytes) -> None:
        """Let a connection read something; whoever was hung up on is gone."""
        if data and number in self.open:
            self.connections[number].dataReceived(data)
        self.hang_up()

    def hang_up(self) -> None:
        for number in sorted(self.open):
            if self.transports[number].disconnecting:
                self.lose(number)

    def lose(self, number: int) -> None:
        self.open.discard(number)
        self.connections[number].connectionLost(Failure(ConnectionDone()))

    def guest(self, number: int) -> Guest | None:
        return self.lobby._connected.get(self.connections[number])

    def chat(self, number: int) -> str:
        """Return the chat that somebody is in, or the last."""
        guest = self.guest(number)
        chat = (guest.leg or guest.former) if guest else None
        return chat.chat if chat else "none"

    def is_json(self, number: int) -> bool:
        return self.connections[number].wire is v1

    def written(self) -> list[list[Any]]:
        """Return what was written since the last time, but for what is in pings."""
        told: list[list[Any]] = []
        for transport in self.transports:
            told.append([list(self._frames(write)) for write in transport.writes])
            transport.writes.clear()
        return told

    def _frames(self, write: bytes) -> Iterator[Any]:
        frames, rest = received(write) if write[:4] != b"HTTP" else ([], write)
        for kind, payload in frames:
            yield kind, b"" if kind == 0x80 | PING else payload
        yield rest

    def state(self) -> dict[str, Any]:
        """Return everything that a message may change, and more."""
        lobby, factory = self.lobby, self.factory
        due = {delay: list(queue) for delay, queue in lobby._deadlines._queues.items()}
        assert not factory.told
        return {
            "guests": self._of(lobby.guests, whole=True),
            "connected": self._of(list(lobby._connected.items())),
            "tally": self._of(lobby.tally),
            "due": self._of(due),
            "next": (lobby._deadlines.next, lobby.next_deadline(), factory._alarm._at),
            "writing": self._of(list(lobby.writing._due.items())),
            "out": self._of(lobby._out),
            "closed": dict(factory.closed),
            "connections": [self._connection(each) for each in self.connections],
        }

    def _connection(self, connection: Any) -> Any:
        # It has a bucket, and dicts are not the same if one was given a value that another lacks.
        names = ("state", "data", "_frames", "_bad_frames", "_unsent", "_waiting", "_fragments")
        values = {name: getattr(connection, name, None) for name in names}
        return self._of(values), connection._awaiting_reader is None

    def _of(self, value: Any, *, whole: bool = False) -> Any:
        match value:
            case int() | str() | float() | bytes() | None:
                return type(value), value
            case Guest() if not whole:
                return value.id
            case ChatProtocol():
                return self.connections.index(value)
            case Ticket():
                return value.guest
            case MethodType():
                return value.__name__
            case Struct():
                return type(value), self._of(list(astuple(value)))
            case dict():
                items = value.items()
                return [(self._of(key), self._of(each, whole=whole)) for key, each in items]
            case list() | tuple() | deque():
                return type(value), [self._of(each) for each in value]
            case _ if is_dataclass(value):
                names = [field.name for field in fields(value)]
                return type(value), [(name, self._of(getattr(value, name))) for name in names]
            case Histogram():
                return value.counts, value.sum
            case _:
                return type(value), value


def tell_apart(python: House, c: House) -> None:
    """Fail if anything tells two houses apart."""
    for house in (python, c):
        house.hang_up()
    assert c.written() == python.written()
    assert c.state() == python.state()
    assert c.open == python.open


def couple(clock: Clock, one: bool, other: bool, epoch: float = 1e9) -> tuple[House, House]:
    """Return houses with two who chat; the first message is said, which makes a bucket."""
    houses = tuple(House(clock, UNLIMITED, epoch, lane=lane) for lane in (False, True))
    for house in houses:
        for kind in (one, other):
            house.come(json=kind)
        for number in (0, 1):
            house.read(number, said(house, number, "first", "hello"))
    tell_apart(*houses)
    return houses[0], houses[1]


def said(house: House, number: int, message_id: str, text: str) -> bytes:
    if not house.is_json(number):
        return frame(TEXT, text.encode(errors="surrogatepass"))
    message = {"type": "message", "chat": house.chat(number), "id": message_id, "text": text}
    said = json.dumps(message, ensure_ascii=False)
    return frame(TEXT, said.encode(errors="surrogatepass"))
