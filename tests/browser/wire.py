"""The JSON wire, as a client that knows nothing of the server's code speaks it."""

import json
from contextlib import ExitStack
from socket import SHUT_RDWR
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("roulette.v1.json")


def tell(client: ClientConnection, kind: str, **fields: object) -> None:
    """Send a frame; in UTF-8, since 2,000 emoji with escapes are longer than a frame may be."""
    client.send(json.dumps({"type": kind, **fields}, ensure_ascii=False))


def hear(client: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next frame of a type; those before it are dropped."""
    while True:
        frame: dict[str, Any] = json.loads(client.recv(timeout=10))
        if frame["type"] == kind:
            return frame


def said(payload: str | bytes, kind: str, field: str) -> list[Any]:
    """Return a field of a frame, if the frame is of that type, in a list."""
    frame = json.loads(payload)
    return [frame[field]] if frame["type"] == kind else []


class Stranger:
    """The one on the other side: a client of the JSON wire, which keeps its connections open."""

    def __init__(self, url: str, connections: ExitStack) -> None:
        self._url = url
        self._connections = connections
        self._connection, welcome = self._connect()
        self._resume = welcome["resume"]
        self._chat = ""
        self._number = 0

    def come(self, *topics: str) -> None:
        """Search, and meet somebody."""
        self.do("start", topics=topics)
        self.meet()

    def meet(self) -> None:
        """Wait until there is somebody."""
        self._chat = hear(self._connection, "connected")["chat"]

    def hears(self, number: int) -> list[str]:
        """Wait for so many messages; return their texts."""
        return [hear(self._connection, "gotMessage")["text"] for _ in range(number)]

    def do(self, kind: str, **fields: object) -> None:
        """Send a frame."""
        tell(self._connection, kind, **fields)

    def act(self, kind: str, **fields: object) -> None:
        """Send a frame that names the chat."""
        self.do(kind, chat=self._chat, **fields)

    def say(self, *texts: str) -> None:
        """Write messages."""
        for text in texts:
            self._number += 1
            self.act("message", id=str(self._number), text=text)

    def vanish(self) -> None:
        """Lose the connection, as in a tunnel."""
        self._connection.socket.shutdown(SHUT_RDWR)

    def come_back(self) -> None:
        """Find the chat again."""
        self._connection, welcome = self._connect(resume=self._resume, seq=0)
        assert welcome["resumed"]

    def _connect(self, **hello: object) -> tuple[ClientConnection, dict[str, Any]]:
        # Read on, whoever listens: otherwise the end of the connection would not be noticed.
        endless = connect(self._url, subprotocols=[SUBPROTOCOL], max_queue=None)
        connection = self._connections.enter_context(endless)
        tell(connection, "hello", **hello)
        return connection, hear(connection, "welcome")
