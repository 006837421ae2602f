"""A lobby with guests, and nothing around it."""

from collections import deque
from collections.abc import Iterable
from random import Random

from roulette.core.chats import Delivery
from roulette.core.events import Event, GotMessage
from roulette.core.frames import Frame
from roulette.core.lobby import Lobby
from roulette.core.verbs import Hello, Start, Verb

BETWEEN = 0.001
"""Seconds that pass with each thing that a guest does."""

PLAIN = Hello(lasting=False, roams=True)
"""How guests of the plain wire come in."""


class Connection:
    """Takes what a guest is told, and counts the messages."""

    def __init__(self) -> None:
        self.messages = 0

    def tell(self, event: Event) -> None:
        """Take an event."""
        self.messages += isinstance(event, GotMessage)


class House:
    """A lobby, its clock, and the post that brings round what it hands out."""

    def __init__(self) -> None:
        self.lobby = Lobby(Random(1))
        self.now = 0.0

    def come(self, connection: Connection, hello: Hello, start: Start) -> None:
        """Let a guest in, and let it search."""
        self._deliver(self.lobby.hello(connection, hello, "one network", self.now))
        self.do(connection, start)

    def do(self, connection: Connection, verb: Verb) -> None:
        """Let a guest do something."""
        self._deliver(self.lobby.do(connection, verb, self.now))

    def go(self, connection: Connection) -> None:
        """Let a guest's connection be lost."""
        self._deliver(self.lobby.lost(connection, self.now))

    def _deliver(self, deliveries: Iterable[Delivery]) -> None:
        queue = deque(deliveries)
        while queue:
            delivery = queue.popleft()
            if isinstance(delivery, Frame):
                queue.extend(self.lobby.receive(delivery, self.now))
            else:
                connection, event = delivery
                connection.tell(event)
        self.now += BETWEEN
        if self.lobby.next_deadline() <= self.now:
            self._deliver(self.lobby.tick(self.now))
