"""The whole service in memory: no sockets, no waiting, and time that tests move."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPMessage, HTTPResponse
from io import BytesIO
from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.test.iosim import ConnectionCompleter, IOPump
from txaio import tx

from roulette.tap import Options, makeService
from roulette.web.factory import ChatRouletteFactory
from roulette.wire import v1

TIMERS: Any = tx.config


Answer = tuple[int, HTTPMessage, bytes]
"""The status, the headers and the body."""


class MemoryClient(WebSocketClientProtocol):
    """A guest who writes down what it is told."""

    def __init__(self, world: "World") -> None:
        super().__init__()
        self.world = world
        self.resume = ""
        self.heard: list[Any] = []
        self.closed: tuple[int | None, str | None] | None = None

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        text = payload.decode()
        if not self.websocket_protocol_in_use:
            self.heard.append(text)
            return
        frame = json.loads(text)
        self.heard.append(frame)
        if frame["type"] == "welcome":
            self.resume = frame["resume"]

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self.closed = code, reason

    def say(self, what: str | bytes | dict[str, Any]) -> None:
        """Send a line, bytes as a binary frame, or an object as JSON; let it arrive."""
        text = json.dumps(what) if isinstance(what, dict) else what
        payload = text.encode() if isinstance(text, str) else text
        self.sendMessage(payload, isBinary=isinstance(what, bytes))
        self.world.flush()

    def take(self) -> list[Any]:
        """Return what came since the last call."""
        heard, self.heard = self.heard, []
        return heard

    def leave(self, code: int | None = None) -> None:
        """Close the connection."""
        self.sendCloseFrame(code)
        self.world.flush()

    def drop(self) -> None:
        """Lose the connection without a word."""
        self.dropConnection(abort=True)
        self.world.flush()


def options(*arguments: str) -> Options:
    """Return what is said on a command line."""
    parsed = Options()
    parsed.parseOptions(arguments)
    return parsed


class World:
    """A reactor in memory with the service on it."""

    def __init__(self, *arguments: str) -> None:
        self.reactor = MemoryReactorClock()
        self._pumps: list[IOPump] = []
        # Autobahn's timers go through this, whatever reactor the factory was given.
        TIMERS.loop = self.reactor
        self.service = makeService(options(*arguments), self.reactor)
        self.service.startService()
        self.others: list[Any] = [server[1] for server in self.reactor.tcpServers]
        site: Any = self.others.pop(0)
        self.site = site
        self.factory: ChatRouletteFactory = site.resource.factory
        self.lobby = self.factory.lobby

    def connect(
        self, *, json_wire: bool = False, origin: str | None = None, forwarded: str = ""
    ) -> MemoryClient:
        """Return a client whose handshake is done; a proxy may say from where it comes."""
        factory = WebSocketClientFactory(
            "ws://localhost:8080/ws",
            protocols=[v1.SUBPROTOCOL] if json_wire else None,
            origin=origin,
            headers={"X-Forwarded-For": forwarded} if forwarded else None,
            reactor=self.reactor,
        )
        made: Any = partial(MemoryClient, self)
        factory.protocol = made
        self.reactor.connectTCP("localhost", 8080, factory)
        pump = ConnectionCompleter(self.reactor).succeedOnce()
        assert pump is not None
        pump.server = None  # not used again, and it would keep the HTTP channel alive
        self._pumps.append(pump)
        self.flush()
        client: MemoryClient = pump.client
        return client

    def hello(self, **fields: Any) -> MemoryClient:
        """Return a client on the JSON wire that has said hello."""
        client = self.connect(json_wire=True)
        client.say({"type": "hello", **fields})
        return client

    def flush(self) -> None:
        """Let every byte that is on its way arrive."""
        moved = True
        while moved:
            moved = False
            for pump in self._pumps:
                moved |= pump.pump()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.reactor.advance(seconds)
        self.flush()


class Received:
    """Bytes that came through a socket, as http.client would have them."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self._content)


def ask(site: Any, path: str, method: str = "GET", **headers: str) -> Answer:
    """Return what a site answers to a request; the path goes out as it is."""
    peer = IPv4Address("TCP", "203.0.113.7", 50007)
    channel, transport = site.buildProtocol(peer), StringTransport(peerAddress=peer)
    channel.makeConnection(transport)
    named = {"Host": "localhost", **headers}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items()]
    head = f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n"
    channel.dataReceived(head.encode("latin-1"))
    sent: Any = Received(transport.value())
    if not transport.disconnecting:
        channel.loseConnection()
    channel.connectionLost(Failure(ConnectionDone()))
    with HTTPResponse(sent, method=method) as answer:
        answer.begin()
        return answer.status, answer.headers, answer.read()


@contextmanager
def world(*arguments: str) -> Iterator[World]:
    """Bring up a world, and leave nothing of it behind."""
    before = TIMERS.loop
    made = World(*arguments)
    try:
        yield made
    finally:
        made.service.stopService()
        TIMERS.loop = before


Make = Callable[..., World]
