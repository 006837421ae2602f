"""Guests who come through real sockets, with a client library that is not ours."""

import json
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.e2e.wire_rows import SAID, rows_of

V1 = Subprotocol("roulette.v1.json")
PATIENCE = 20.0
"""Seconds that anything may take which the server does at once."""

IN_ITS_OWN_TIME = {"ack", "guests"}
"""What the server sends when a timer rings, so anywhere among the rest."""


class PlainGuest:
    """A guest on the wire of the seed."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, text: str) -> None:
        self.connection.send(text)

    def hear(self, patience: float = PATIENCE) -> str:
        """Return the next line."""
        heard = self.connection.recv(patience)
        assert isinstance(heard, str)
        return heard

    def settle(self) -> None:
        """Return once the server has done all that was said, and all that it told is here."""
        assert self.connection.ping().wait(PATIENCE), "no pong"

    def hears_nothing(self) -> None:
        """Check that there is nothing more to hear."""
        self.settle()
        with pytest.raises(TimeoutError):
            self.connection.recv(0)

    def leave(self, code: int = 1000) -> None:
        """Close the connection, and wait until the server has."""
        self.connection.close(code)

    def drop(self) -> None:
        """Lose the connection without a word."""
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def closed(self, patience: float = PATIENCE) -> int | None:
        """Wait until the server closes, and return the code."""
        while True:
            try:
                self.connection.recv(patience)
            except ConnectionClosed:
                return self.connection.close_code


class Guest(PlainGuest):
    """A guest on the JSON wire."""

    def __init__(self, connection: ClientConnection, rows: set[str]) -> None:
        super().__init__(connection)
        self.welcome: dict[str, Any] = {}
        self._rows = rows
        self._backlog: deque[dict[str, Any]] = deque()
        self._ids = 0

    @property
    def token(self) -> str:
        """Return the token with which this guest can resume."""
        token: str = self.welcome["resume"]
        return token

    def send(self, kind: str, **fields: Any) -> None:
        assert fields.keys() <= SAID[kind]
        # Escaped, 2,000 emoji would not fit into a frame.
        self.say(json.dumps({"type": kind, **fields}, ensure_ascii=False))
        self._rows.add(f"> {kind}")

    def tell(self, chat: str, text: str) -> str:
        """Say something in a chat, and return the id that was given to it."""
        self._ids += 1
        message_id = str(self._ids)
        self.send("message", chat=chat, id=message_id, text=text)
        return message_id

    def told(self, kind: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Return the next frame, which must be of this kind.

        What comes in its own time is passed over and kept, unless it is what is asked for.
        """
        return self.told_one_of(kind, patience=patience)

    def told_one_of(self, *kinds: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Return the next frame, which must be of one of these kinds; as :meth:`told`."""
        passed: list[dict[str, Any]] = []
        while True:
            frame = self._backlog.popleft() if self._backlog else self._receive(patience)
            if frame["type"] in kinds:
                self._backlog.extendleft(reversed(passed))
                return frame
            assert IN_ITS_OWN_TIME & {frame["type"], *kinds}, (kinds, frame)
            passed.append(frame)

    def refused(self, code: str, ref: str | None) -> dict[str, Any]:
        """Return the next frame, which must be this error."""
        error = self.told("error")
        assert (error["code"], error.get("ref")) == (code, ref)
        return error

    def told_nothing(self) -> None:
        """Check that there is nothing more to be told, but what comes in its own time."""
        self.settle()
        while True:
            try:
                self._backlog.append(self._receive(0))
            except TimeoutError:
                break
        assert [frame for frame in self._backlog if frame["type"] not in IN_ITS_OWN_TIME] == []

    def closed(self, patience: float = PATIENCE) -> int | None:
        code = super().closed(patience)
        self._rows.add(f"close {code}")
        return code

    def _receive(self, patience: float) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.hear(patience))
        self._rows |= rows_of(frame)
        return frame


class Door:
    """Where guests come in; ``rows`` gathers what has occurred on the wire since."""

    def __init__(self, url: str, stack: ExitStack, options: dict[str, Any]) -> None:
        self.url = url
        self._options = options
        self.rows: set[str] = set()
        self._stack = stack

    def plain(self) -> PlainGuest:
        return PlainGuest(self._connect())

    def silent(self) -> Guest:
        """Return a guest on the JSON wire who has not said hello."""
        return Guest(self._connect(subprotocols=[V1]), self.rows)

    def guest(self, **hello: Any) -> Guest:
        guest = self.silent()
        guest.send("hello", **hello)
        guest.welcome = guest.told("welcome")
        return guest

    def waiting(self, **wishes: Any) -> Guest:
        """Return a guest who searches and waits."""
        guest = self.guest()
        guest.send("start", **wishes)
        guest.told("waiting")
        return guest

    def pair(self, **wishes: Any) -> tuple[Guest, Guest, str]:
        """Return two who have met, and their chat."""
        ada, bob = self.waiting(**wishes), self.guest()
        bob.send("start", **wishes)
        chat: str = bob.told("connected")["chat"]
        assert ada.told("connected")["chat"] == chat
        return ada, bob, chat

    def _connect(self, **options: Any) -> ClientConnection:
        connection: ClientConnection = connect(
            self.url,
            proxy=None,
            ping_interval=None,
            # A queue with a limit would hold back the pong that settle() waits for.
            max_queue=None,
            close_timeout=PATIENCE,
            **self._options,
            **options,
        )
        return self._stack.enter_context(connection)


@contextmanager
def door(url: str, rows: set[str], **options: Any) -> Iterator[Door]:
    """Open a door; all who are still there leave in the end, and ``rows`` must have occurred.

    The options are those of the client library.
    """
    with ExitStack() as stack:
        opened = Door(url, stack, options)
        yield opened
    assert rows <= opened.rows
