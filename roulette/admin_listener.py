"""What ``--admin`` asks for: the listener, with all that it tells of."""

from typing import Any

from twisted.application import service
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from roulette.commandline import Options
from roulette.ops.history import History
from roulette.ops.listener import HEADERS, Listener
from roulette.ops.logged import Logged
from roulette.ops.metrics import House
from roulette.ops.passwords import Passwords, matches
from roulette.ops.process import Descriptors
from roulette.ops.reactor_lag import ReactorLag
from roulette.web.channel import QuietSite
from roulette.web.factory import ChatRouletteFactory
from roulette.web.site import AdminSite, admin_site


def admin_listener(
    options: Options,
    factory: ChatRouletteFactory,
    site: QuietSite,
    root: service.MultiService,
    reactor: Any,
) -> AdminSite:
    """Return what listens on ``--admin``; what watches all the time becomes part of ``root``."""
    lobby, path = factory.lobby, options["admin-passwords"]
    lag, logged = ReactorLag(reactor), Logged()
    house = House(
        lobby,
        started=lobby.epoch + factory.now(),
        connections=lambda: site.connections.open,
        closed=factory.closed,
        refused=site.refused.totals,
        lag=lag.seconds,
        logged=logged.counts,
        descriptors=Descriptors(factory.now),
    )
    history = History(house, reactor, lobby.epoch)
    for watching in (lag, logged, history):
        watching.setServiceParent(root)

    def try_one(password: bytes, hashed: bytes) -> "Deferred[bool]":
        return deferToThreadPool(reactor, reactor.getThreadPool(), matches, password, hashed)

    passwords = None if path is None else Passwords(path, factory.now, try_one)
    any_host = options["admin"].startswith(("unix:", "systemd:"))
    listener = Listener(house, history, passwords, any_host=any_host)
    return admin_site(listener, HEADERS, site.refused, reactor)
