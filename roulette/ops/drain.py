"""Stopping without a bang: the guests leave first, each told why, and then the service stops.

On sockets that others keep open, a signal is taken for a restart: from then on whoever calls waits
for the next process, so that pairs are given no time unless that was asked for, and everybody is
told to come back.
"""

from collections.abc import Callable, Coroutine, Iterable, Sequence, Set
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from twisted.application.service import IService, Service
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred, succeed
from twisted.internet.error import ReactorNotRunning
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from roulette.core.chats import Delivery, Phase
from roulette.core.events import Event
from roulette.core.lobby import Lobby
from roulette.ops.table import counted

DRAIN_TIMEOUT = 10.0
"""Seconds that pairs have to finish, unless somebody waits for the next process meanwhile."""

FOREWARNED = 1.0
"""Seconds that are long enough to be told of them."""

GONE_WITHIN = 3.0
"""Seconds in which a client that was told to go must answer."""

TURN = 0.02
"""Seconds for which guests are sent away before anything else has its turn."""

CLOSE_WITHIN = 10.0
"""Seconds within which it has stopped after that, however many there are."""

LOOK_EVERY = 0.05
"""Seconds between two looks whether everybody is gone."""

Item = TypeVar("Item")


class Client(Protocol):
    """A connection, with or without a guest."""

    def tell(self, event: Event) -> None:
        """Tell it something; it may end by that."""


class CannotReopen(Exception):
    """It is too late to let guests in again; says why, in one line."""


class Drain(Service):
    """Lets the guests go before the service stops.

    :param lobby: the guests.
    :param deliver: brings what the lobby says is to be delivered.
    :param clients: the open connections.
    :param reactor: tells the time that the lobby goes by, and is stopped in the end.
    :param timeout: seconds that pairs have to finish, ``pairs_have``; if None, what suits best.
    :param inherited: the services that listen on sockets which others keep open: after a signal
        they accept no more, so that who calls waits in line for the next process.
    """

    _log = Logger()

    def __init__(
        self,
        lobby: Lobby,
        deliver: Callable[[Iterable[Delivery]], None],
        clients: Set[Client],
        reactor: Any,
        timeout: float | None = None,
        inherited: Sequence[IService] = (),
    ) -> None:
        self._lobby = lobby
        self._deliver = deliver
        self._clients = clients
        self._reactor = reactor
        self.pairs_have = timeout
        self._inherited = inherited
        self._task: Deferred[None] = succeed(None)
        self._signalled = False
        self._hurried = False
        self._forewarned: set[str] = set()

    @property
    def stops_within(self) -> float:
        """Seconds that stopping takes at most, from when it has begun."""
        return self._timeout + CLOSE_WITHIN

    # What may be asked for.

    def drain(self, *, stop: bool = True) -> None:
        """Let nobody in, send away who has no partner; ``stop`` once the pairs have finished.

        The pairs have their seconds from now, and are told so; without ``stop``, all the time that
        they like. After a signal this changes nothing: systemd may count the seconds by then.
        """
        if not self._signalled:
            self._start(stop=stop)

    def undrain(self) -> None:
        """Let guests in again, and tell those who were told that it stops.

        Raise CannotReopen if the service stops all the same.
        """
        if self._signalled or self._lobby.phase is Phase.CLOSING:
            raise CannotReopen("it is too late: the service stops")
        if self._lobby.phase is Phase.DRAINING:
            self._lobby.phase = Phase.OPEN
            self._begin(self._take_back())
            self._log.info("Draining no longer")

    def signalled(self) -> None:
        """Drain and stop; the second time, stop at once."""
        if self._signalled:
            self._log.info("Stopping at once")
            self._hurried = True
            self._task.cancel()
            self._stop_reactor()
            return
        self._signalled = True
        for listening in self._inherited:
            maybeDeferred(listening.stopService).addErrback(self._failed)
        self._start(stop=True)

    def stopService(self) -> "Deferred[None]":
        """Close every connection, and wait a while until all are gone."""
        super().stopService()
        self._enter(Phase.CLOSING)
        if self._hurried:
            return succeed(None)
        return self._begin(self._close())

    # What is done.

    @property
    def _timeout(self) -> float:
        if self.pairs_have is not None:
            return self.pairs_have
        # Who calls has to wait meanwhile, and those who chat do not know that time is short.
        return 0.0 if self._signalled and self._inherited else DRAIN_TIMEOUT

    def _start(self, *, stop: bool) -> None:
        if self._lobby.phase is Phase.CLOSING:
            return
        self._enter(Phase.DRAINING)
        self._log.info("Draining; guests here: {guests}", guests=len(self._lobby.guests))
        self._begin(self._drain(stop))

    def _enter(self, phase: Phase) -> None:
        self._lobby.phase = phase
        self._lobby.restarting = bool(self._inherited)

    async def _drain(self, stop: bool) -> None:
        until = self._reactor.seconds() + self._timeout
        await self._dismiss()
        if stop:
            if self._timeout >= FOREWARNED:
                await self._in_turns(self._forewarn, self._lobby.guests)
            while self._lobby.guests and self._reactor.seconds() < until:
                await self._pause(LOOK_EVERY)
            self._stop_reactor()
        else:
            await self._take_back()

    async def _take_back(self) -> None:
        forewarned, self._forewarned = self._forewarned, set()
        await self._in_turns(self._reassure, forewarned)

    async def _close(self) -> None:
        self._log.info("Closing; connections open: {clients}", clients=len(self._clients))
        await self._dismiss()
        # Those that have not said hello.
        await self._in_turns(lambda client: client.tell(self._lobby.farewell()), self._clients)
        until = self._reactor.seconds() + GONE_WITHIN
        while self._clients and self._reactor.seconds() < until:
            await self._pause(LOOK_EVERY)
        self._log.info("Closed; {clients} did not answer", clients=len(self._clients))

    def _forewarn(self, guest: str) -> None:
        within = counted(round(self._timeout), "second")
        text = f"The server stops in {within}, and this chat with it."
        self._deliver(self._lobby.announce(text, to=guest))
        self._forewarned.add(guest)

    def _reassure(self, guest: str) -> None:
        text = "The server does not stop after all; your chat goes on."
        self._deliver(self._lobby.announce(text, to=guest))

    async def _dismiss(self) -> None:
        lobby = self._lobby
        await self._in_turns(
            lambda guest: self._deliver(lobby.dismiss(guest, self._reactor.seconds())), lobby.guests
        )

    async def _in_turns(self, act: Callable[[Item], object], items: Iterable[Item]) -> None:
        began = self._reactor.seconds()
        for item in tuple(items):
            try:
                act(item)
            except Exception:
                # All others go all the same, and so does the service.
                guest = item if isinstance(item, str) else None
                self._log.failure("Guest {guest} cannot be told to go", guest=guest)
            if self._reactor.seconds() - began > TURN:
                await self._pause(0)
                began = self._reactor.seconds()

    async def _pause(self, seconds: float) -> None:
        await deferLater(self._reactor, seconds)

    def _begin(self, what: Coroutine[Any, Any, None]) -> "Deferred[None]":
        self._task.cancel()
        self._task = Deferred.fromCoroutine(what)
        return self._task.addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self._log.failure("The service cannot be drained", failure)

    def _stop_reactor(self) -> None:
        # It may be about to stop already.
        with suppress(ReactorNotRunning):
            self._reactor.stop()
