"""The service that the options of ``twistd roulette`` describe.

The only place where everything meets.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from random import SystemRandom
from typing import Any

from twisted.application import service, strports
from twisted.application.internet import TimerService
from twisted.internet.base import ReactorBase
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IProtocolFactory, IReactorTime
from twisted.logger import Logger, globalLogBeginner

from roulette.checks import as_said
from roulette.commandline import CannotStart, Options
from roulette.core.lobby import Lobby
from roulette.ops.admin import Admin
from roulette.ops.ban_file import BadState
from roulette.ops.banning import Banning
from roulette.ops.bans import Bans
from roulette.ops.callers import AdminSocket
from roulette.ops.certificates import BadEndpoint, Certificate, naming
from roulette.ops.collector import Collector
from roulette.ops.drain import Drain
from roulette.ops.keys import host_key
from roulette.ops.logs import Logs
from roulette.ops.quiet import Quiet
from roulette.ops.reload import Reload
from roulette.ops.seat import Seats
from roulette.ops.signals import Signals
from roulette.ops.systemd import Systemd, status
from roulette.reading import BadFile
from roulette.settings import Settings
from roulette.web import lane
from roulette.web.capacity import Connections, connections_for, open_files
from roulette.web.door import Door
from roulette.web.entrance import Entrance
from roulette.web.factory import ChatRouletteFactory
from roulette.web.files import Files
from roulette.web.frames import LANGUAGE
from roulette.web.lag import lag
from roulette.web.listening import Discreet
from roulette.web.refusals import Refusals
from roulette.web.site import chat_site

__all__ = ["CannotStart", "Options", "makeService"]

log = Logger()

LOOK_EVERY = 10.0
"""Seconds between two looks at the clock: it may be set, or go on while the machine sleeps."""


def makeService(options: Options, reactor: Any = None) -> "Services":
    """Return the service that ``options`` describe; nothing listens yet.

    ``reactor`` is the global one unless a test passes its own.
    """
    if alone := reactor is None:
        _prefer_uvloop()
        from twisted.internet import reactor
    _use_monotonic_time(reactor)
    lobby = _lobby(options, reactor)
    factory = ChatRouletteFactory(lobby, reactor)
    if alone:
        log.info(
            "Text frames are taken apart in {frames}, and messages are passed on in {messages}",
            frames=LANGUAGE,
            messages="Python" if factory.take is lane.nothing else "C",
        )
    # How guests come in.
    files = Files(options.folders(), options.brand())
    refused = Refusals(reactor)
    bans = Bans(options["state"], time.time, reactor)
    entrance = _entrance(options, factory, refused, bans)
    site = chat_site(files, entrance, reactor)
    # How it changes and stops. Which sockets there are is known in the end.
    inherited: list[service.IService] = []
    certificates: list[Certificate] = []
    drain = Drain(
        lobby, factory.deliver, factory.clients, reactor, options["drain-timeout"], inherited
    )
    settings = Settings(lobby, entrance, files, drain)
    banning = Banning(lobby, factory.deliver, factory.now, factory.clients, bans)
    systemd = Systemd(reactor, partial(status, lobby), lambda: drain.stops_within)
    reload = Reload(options, options.again, settings, certificates, [banning], [systemd])
    root = Services(reload)
    # The first is stopped last, when nothing listens any more.
    drain.setServiceParent(root)
    systemd.setServiceParent(root)
    if isinstance(reactor, ReactorBase):
        quiet = Quiet(reactor)
        quiet.setServiceParent(root)
        if alone:
            Logs(reactor, options["log-format"], quiet.before).begin_by(globalLogBeginner)
        stop = partial(_stop, drain, systemd)
        Signals(reactor, stop, reload.signalled).setServiceParent(root)
    Collector(reactor).setServiceParent(root)
    looks = TimerService(LOOK_EVERY, _look_at_clock, lobby, reactor)
    looks.clock = reactor
    looks.setServiceParent(root)
    bans.setServiceParent(root)
    # What listens: for guests, and for those who look after them.
    listening: list[tuple[str, IProtocolFactory]] = [(port, site) for port in options["port"]]
    admin = Admin(lobby, factory.deliver, reactor, drain, reload.reload, banning, lag)
    seats = Seats(admin, {"factory": factory, "lobby": lobby})
    if options["manhole"] is not None:
        listening.append((options["manhole"], _manhole(options, seats, reactor)))
    if options["admin-socket"] is not None:
        AdminSocket(options["admin-socket"], seats, reactor).setServiceParent(root)
    if options["admin"] is not None:
        # Here, since prometheus-client takes a while to load.
        from roulette.admin_listener import admin_listener

        listening.append((options["admin"], admin_listener(options, factory, site, root, reactor)))
    for description, what in listening:
        child = _listening(description, what, reactor)
        if isinstance(child.endpoint, SSL4ServerEndpoint):
            certificates.append(Certificate(as_said(description), child.endpoint, reactor))
        # Those for operators keep no guest waiting.
        if what is site and "systemd" in description.split(":")[:2]:
            inherited.append(child)
        child.endpoint = Discreet(child.endpoint, refused)
        child.setServiceParent(root)
    return root


def _lobby(options: Options, reactor: Any) -> Lobby:
    return Lobby(
        SystemRandom(),
        grace=options["grace"],
        max_guests=options["max-guests"],
        same_address=options["same-address"],
        limits=options.limits(),
        epoch=_epoch(reactor),
    )


def _epoch(reactor: IReactorTime) -> float:
    return time.time() - reactor.seconds()


def _look_at_clock(lobby: Lobby, reactor: IReactorTime) -> None:
    lobby.epoch = _epoch(reactor)


def _entrance(
    options: Options, factory: ChatRouletteFactory, refused: Refusals, bans: Bans
) -> Entrance:
    return Entrance(
        factory,
        Door(
            factory.now(),
            options["max-guests"],
            options["per-address"],
            options["connect-rate"],
            bans=bans,
        ),
        Connections(connections_for(open_files()), refused),
        options["allowed-origin"],
        options["trusted-proxies"],
    )


def _manhole(options: Options, seats: Seats, reactor: Any) -> IProtocolFactory:
    # Here, since it installs the reactor.
    from roulette.ops.manhole import ManholeFactory

    try:
        own_key = host_key(options["host-key"])
    except BadFile as error:
        raise CannotStart(f"--host-key: {error}") from None
    return ManholeFactory(seats, options["authorized-keys"], own_key, reactor)


def _listening(description: str, what: IProtocolFactory, reactor: Any) -> Any:
    try:
        with naming(as_said(description)):
            return strports.service(description, what, reactor)
    except BadEndpoint as error:
        raise CannotStart(error) from None


def _stop(drain: Drain, systemd: Systemd) -> None:
    drain.signalled()
    systemd.stopping()


class Services(service.MultiService):
    """The listening services; one that cannot listen ends the program with one line.

    :param reload: reads again what may change while they run.
    """

    def __init__(self, reload: Reload[Options]) -> None:
        super().__init__()
        self.reload = reload

    def privilegedStartService(self) -> None:
        """Listen, while still allowed to on ports below 1024."""
        with _one_line():
            super().privilegedStartService()

    def startService(self) -> None:
        """Listen, under ``twist``, which knows no privileges."""
        with _one_line():
            super().startService()


@contextmanager
def _one_line() -> Iterator[None]:
    # A port out of range is an OverflowError.
    try:
        yield
    except (CannotListenError, OSError, OverflowError, BadState) as error:
        why = CannotStart(_reason(error))
        if sys.stderr is not sys.__stderr__ and sys.__stderr__ is not None:
            # By now twistd has made a log of stderr.
            sys.__stderr__.write(f"{why}\n")
        raise why from None


def _reason(error: Exception) -> str:
    if isinstance(error, BadState):
        return f"--state: {error}"
    if isinstance(error, OSError) and isinstance(lock := error.filename2, bytes):
        # A UNIX socket in no folder, or in one that may not be written.
        return f"{os.fsdecode(lock).removesuffix('.lock')}: {error.strerror}"
    if isinstance(error, CannotListenError) and isinstance(path := error.port, bytes):
        return f"{os.fsdecode(path)}: another process listens there, or something was left there"
    return str(error)


def _prefer_uvloop() -> None:
    # twistd, unlike twist, has installed a reactor by now only if one was asked for.
    if "twisted.internet.reactor" in sys.modules or find_spec("uvloop") is None:
        return
    from roulette.uvreactor import install

    install()
    log.info("Running on uvloop, as no --reactor was asked for")


def _use_monotonic_time(reactor: object) -> None:
    # Twisted's own reactors take the wall clock for their timers: set back by an hour, no
    # ping goes out for an hour. Those on asyncio are monotonic already. Nothing can have been
    # scheduled yet.
    if isinstance(reactor, ReactorBase) and type(reactor).seconds is ReactorBase.seconds:
        reactor.seconds = time.monotonic
