"""The client: one guest, on as many connections as it takes."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from random import SystemRandom
from types import TracebackType
from typing import Any, Self, cast

from autobahn.websocket.util import parse_url
from twisted.internet.defer import CancelledError, Deferred, DeferredQueue, succeed
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import (
    IDelayedCall,
    IOpenSSLClientConnectionCreator,
    IStreamClientEndpoint,
)
from twisted.internet.ssl import optionsForClientTLS
from twisted.internet.task import deferLater

from roulette.client.backoff import Backoff
from roulette.client.connection import Connection, Connections, Ending
from roulette.client.outbox import Settled
from roulette.client.session import Session
from roulette.core import verbs
from roulette.core.events import Event
from roulette.wire import FRAME_BYTES, v1_client

STEADY = 10.0
"""Seconds after which a connection counts as good, and the next wait is a short one again."""

ENVELOPE_BYTES = 512
"""What the frame of a message needs beside its text, at most."""


class Rejected(Exception):
    """The server will not have this client; says why, in one line."""


class Offline(Event, frozen=True):
    """There is no connection, and ``why``; the next attempt is in ``retry_in`` seconds."""

    why: str
    retry_in: float


class Client:
    """A guest who stays the same over any number of connections.

    It connects when it is entered (``async with``) or opened, and again by itself whenever the
    connection is lost. Whatever is asked for meanwhile is done as soon as there is one.

    :param reactor: runs it; tells the time.
    :param url: of the server's endpoint, such as ``wss://example.org/ws``.
    :param backoff: says when to try again.
    :param tls: how a ``wss`` server is verified; by the system's authorities if None.

    Raises ValueError if ``url`` is no WebSocket URL.
    """

    def __init__(
        self,
        reactor: Any,
        url: str,
        *,
        backoff: Backoff | None = None,
        tls: IOpenSSLClientConnectionCreator | None = None,
    ) -> None:
        secure, host, port, *_ = parse_url(url)
        endpoint: IStreamClientEndpoint = HostnameEndpoint(reactor, host, port)
        if secure:
            endpoint = wrapClientTLS(tls or optionsForClientTLS(host), endpoint)
        self._endpoint = endpoint
        self._connections = Connections(self, url, reactor)
        self._reactor = reactor
        self._backoff = backoff or Backoff(SystemRandom())
        self._session = Session()
        self._connection: Connection | None = None
        self._running: Deferred[Any] | None = None
        self._leaving = False
        self._waiting: list[IDelayedCall] = []
        self._unsettled: dict[str, Deferred[bool]] = {}
        self._untold: deque[Event] = deque()
        self._told: DeferredQueue[Event | Rejected | None] = DeferredQueue()

    # Coming and going.

    def open(self) -> None:
        """Connect, and stay connected until closed."""
        if self._running is None:
            self._running = Deferred.fromCoroutine(self._run())
            self._running.addCallback(self._end)

    async def close(self) -> None:
        """Leave any chat, and be gone; the events end."""
        if not self._leaving:
            self._leaving = True
            self.disconnect()
            if self._connection is not None:
                self._connection.leave()
            elif self._running is not None:
                self._running.cancel()
        if self._running is not None:
            await self._running

    async def __aenter__(self) -> Self:
        """Connect."""
        self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave."""
        await self.close()

    async def events(self) -> AsyncIterator[Event]:
        """Yield what the guest is told, until the client is closed.

        These are the classes of :mod:`roulette.core.events`, and :class:`Offline`. Each
        connection begins with a Welcome. A chat that was lost with the connection, since the
        server has forgotten the guest, ends with a StrangerDisconnected as any other.

        Raises Rejected if the server will not have this client.
        """
        while isinstance(event := await self._told.get(), Event):
            yield event
        # For whoever asks again.
        self._told.put(event)
        if event is not None:
            raise event

    @property
    def chat(self) -> str | None:
        """Return the id of the chat that the guest is in."""
        return self._session.chat

    # What a guest does.

    def start(
        self, topics: Iterable[str] = (), languages: Iterable[str] = (), *, only: bool = False
    ) -> None:
        """Search a stranger; while searching, change the wishes and keep the place.

        With ``only``, nobody else will do. Raises ValueError for more than a frame can hold.
        """
        wishes = verbs.Start(tuple(topics), tuple(languages), only)
        if len(v1_client.encode(wishes)) > FRAME_BYTES:
            raise ValueError("the topics and languages are too long")
        self._session.start(wishes)
        self._flush()

    def cancel(self) -> None:
        """Stop searching."""
        self._session.cancel()
        self._flush()

    def say(self, text: str) -> Deferred[bool]:
        """Say something; fires with whether it was accepted, which may take a reconnection.

        It was not if there is no chat, if the chat ended first, or if the server refused it,
        of which an Error tells; what only came too fast is said again when the server takes it.
        Raises ValueError for more than a frame can hold.
        """
        if len(v1_client.encode(verbs.Message("", "", text))) > FRAME_BYTES - ENVELOPE_BYTES:
            raise ValueError("the text is too long")
        message_id = self._session.say(text)
        if message_id is None:
            return succeed(False)
        settled = self._unsettled[message_id] = Deferred()
        self._flush()
        return settled

    def typing(self, on: bool = True) -> None:
        """Let the stranger know that one writes, or no longer does; it lasts for 5 s."""
        self._session.typing(on)
        self._flush()

    def seen(self) -> None:
        """Let the stranger know that all that came was shown."""
        self._session.seen()
        self._flush()

    def next(self) -> None:
        """Leave whatever chat there is, and search with the same wishes."""
        self._session.next()
        self._flush()

    def disconnect(self) -> None:
        """Leave whatever chat there is, or stop searching."""
        self._session.disconnect()
        self._flush()

    def block(self) -> None:
        """Leave, and never meet this stranger again; after a chat, the last stranger."""
        self._session.block()
        self._flush()

    def away(self, on: bool = True) -> None:
        """Look elsewhere and be not matched, or look here again."""
        self._session.away(on)
        self._flush()

    def rematch(self) -> None:
        """Ask to meet the last stranger again, within 60 s."""
        self._session.rematch()
        self._flush()

    # What the connection calls.

    def opened(self, connection: Connection) -> None:
        """Take up a connection whose handshake is done."""
        self._session.opened()
        self._flush()

    def receive(self, event: Event) -> None:
        """Take what the server tells."""
        self._session.receive(event)
        self._flush()

    # Staying connected.

    async def _run(self) -> Rejected | None:
        try:
            while not self._leaving:
                began = self._reactor.seconds()
                ending = await self._attempt()
                if self._leaving:
                    break
                if ending.final:
                    return Rejected(ending.why)
                if self._reactor.seconds() - began > STEADY:
                    self._backoff.reset()
                delay = self._backoff.delay(busy=ending.busy)
                self._told.put(Offline(ending.why, delay))
                await deferLater(self._reactor, delay)
        except CancelledError:
            pass
        return None

    def _end(self, outcome: Rejected | None) -> None:
        self._leaving = True
        self._session.disconnect()
        for settled in list(self._unsettled.values()):
            settled.callback(False)
        self._unsettled.clear()
        self._told.put(outcome)

    async def _attempt(self) -> Ending:
        try:
            connection = cast(Connection, await self._endpoint.connect(self._connections))
        except CancelledError:
            raise
        except ValueError as error:
            return Ending(str(error), final=True)
        except Exception as error:
            # An endpoint fails with whatever its resolver, its sockets or TLS raise.
            return Ending(str(error))
        self._connection = connection
        ending = await connection.ended
        self._connection = None
        self._session.closed()
        for call in self._waiting:
            if call.active():
                call.cancel()
        self._waiting.clear()
        return ending

    def _do(self, act: Callable[[], None]) -> None:
        self._waiting = [call for call in self._waiting if call.active()]
        act()
        self._flush()

    def _flush(self) -> None:
        if self._connection is not None:
            for verb in self._session.to_send():
                self._connection.send(verb)
            for seconds, act in self._session.to_do_later():
                self._waiting.append(self._reactor.callLater(seconds, self._do, act))
        # Whoever waited for a message may do something at once: what is told stays in order.
        self._untold.extend(self._session.to_tell())
        while self._untold:
            event = self._untold.popleft()
            if isinstance(event, Settled):
                self._unsettled.pop(event.id).callback(event.accepted)
            else:
                self._told.put(event)
