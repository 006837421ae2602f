"""One guest, watched: what it asks and what it is told, by type, and where it stands then.

No text, no topic and no address is in it: of what passes, only the type is looked at, and those
fields whose values are one of a few words, as the reason of a refusal is.

While nobody is watched, nobody pays for it: a lobby is looked into by replacing four of its
methods, on that one object and only as long as somebody is watched.
"""

from collections.abc import Callable, Generator
from enum import Enum
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from roulette.core.chats import Delivery
from roulette.core.events import Event
from roulette.core.frames import Frame
from roulette.core.guest import Connection, Guest
from roulette.core.lobby import Lobby
from roulette.core.verbs import Hello, Verb
from roulette.ops.table import Table
from roulette.wire.v1_frames import type_name

MOST_ROWS = 10_000
"""After so many a trace ends: nobody reads on, and they take memory."""


class Trace:
    """What happens to a guest, as it happens.

    Awaited, it returns all rows once it has ended: after its seconds, when it is stopped, or when
    the guest has left.

    :param watch: what shows it the guest.
    :param guest: whom.
    :param clock: tells the time, and ends it.
    :param seconds: for how long.
    """

    def __init__(self, watch: "Watch", guest: Guest, clock: IReactorTime, seconds: float) -> None:
        self.guest = guest
        self.connections = {guest.connection}
        self.rows = Table()
        self._on_row: Callable[[dict[str, Any]], object] | None = None
        self._watch = watch
        self._clock = clock
        self._began = clock.seconds()
        self.ended: Deferred[Table] = Deferred(lambda _: self.stop())
        self._timer: IDelayedCall | None = clock.callLater(seconds, self.stop)
        watch.add(self)
        self.note("is", "watched")

    def __await__(self) -> Generator[Any, Any, Table]:
        """Wait for the end."""
        yield from self.ended.__await__()
        return self.rows

    def follow(self, on_row: Callable[[dict[str, Any]], object]) -> None:
        """Call something with each row, those that are there first."""
        for row in self.rows:
            on_row(row)
        self._on_row = on_row

    def stop(self) -> None:
        """End it now."""
        if self._timer is not None:
            timer, self._timer = self._timer, None
            if timer.active():
                timer.cancel()
            self._watch.remove(self)
            self.ended.callback(self.rows)

    def note(self, way: str, what: str, why: str | None = None) -> None:
        """Add a row."""
        guest = self.guest
        row = {
            "at": round(self._clock.seconds() - self._began, 3),
            "way": way,
            "what": what,
            "why": why,
            "state": guest.state.value,
            "absent": guest.connection is None,
            "partner": guest.leg and guest.leg.partner.guest,
        }
        self.rows.append(row)
        if self._on_row is not None:
            self._on_row(row)
        if len(self.rows) >= MOST_ROWS:
            self.stop()


class Watch:
    """Shows traces what passes through a lobby."""

    _log = Logger()

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby
        self._traces: set[Trace] = set()
        self._replaced: dict[str, Callable[..., Any]] = {
            "do": self._do,
            "hello": self._hello,
            "lost": self._lost,
            "delivered": self._delivered,
        }

    def add(self, trace: Trace) -> None:
        """Show a trace what happens from now on."""
        if not self._traces:
            vars(self._lobby).update(self._replaced)
        self._traces.add(trace)

    def remove(self, trace: Trace) -> None:
        """Show it nothing more."""
        self._traces.discard(trace)
        if not self._traces:
            for name in self._replaced:
                del vars(self._lobby)[name]

    # In place of the lobby's methods of these names; whatever else they are told is passed on.

    def _do(self, connection: Connection, verb: Verb, now: float) -> list[Delivery]:
        for trace in self._of(connection):
            self._note(trace, "asks", verb.name)
        return Lobby.do(self._lobby, connection, verb, now)

    def _hello(self, connection: Connection, verb: Hello, *rest: Any) -> list[Delivery]:
        for trace in tuple(self._traces):
            if verb.resume is not None and verb.resume == trace.guest.resume:
                self._note(trace, "asks", verb.name)
        return Lobby.hello(self._lobby, connection, verb, *rest)

    def _lost(self, connection: Connection, now: float, *, goodbye: bool = False) -> list[Delivery]:
        for trace in self._of(connection):
            self._note(trace, "has", "goodbye" if goodbye else "lost")
        return Lobby.lost(self._lobby, connection, now, goodbye=goodbye)

    def _delivered(self) -> list[Delivery]:
        deliveries = Lobby.delivered(self._lobby)
        for trace in tuple(self._traces):
            trace.connections.add(trace.guest.connection)
            for delivery in deliveries:
                if not isinstance(delivery, Frame) and delivery[0] in trace.connections:
                    self._note(trace, "told", *_told(delivery[1]))
            if trace.guest.id not in self._lobby.guests:
                self._note(trace, "has", "left")
                trace.stop()
        return deliveries

    def _of(self, connection: Connection) -> list[Trace]:
        guest = self._lobby.who(connection)
        return [trace for trace in self._traces if trace.guest.id == guest]

    def _note(self, trace: Trace, way: str, what: str, why: str | None = None) -> None:
        try:
            trace.note(way, what, why)
        except Exception:
            # A guest must not suffer from being watched.
            self._log.failure("A trace has failed")
            trace.stop()


def _told(event: Event) -> tuple[str, str | None]:
    """Return what an event is called, and the one word in it, if there is one."""
    values = msgspec.structs.astuple(event)
    word = next((str(value.value) for value in values if isinstance(value, Enum)), None)
    return type_name(type(event).__name__), word
