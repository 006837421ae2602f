"""The options of ``twistd roulette``, and the service that they describe.

The only place where everything meets.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar

from OpenSSL import crypto
from twisted.application import service, strports
from twisted.internet.base import ReactorBase
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IProtocolFactory
from twisted.logger import Logger
from twisted.python import usage

from roulette.core.chats import GRACE
from roulette.core.lobby import Lobby
from roulette.core.pool import SameAddress
from roulette.ops.admin import Admin
from roulette.ops.keys import BadKeyFile, authorized_keys, host_key
from roulette.web.factory import ChatRouletteFactory
from roulette.web.site import chat_site

S = TypeVar("S")
T = TypeVar("T")

log = Logger()

BACKLOG = 1024
"""Connections that may wait to be accepted; Twisted's default is 50."""

MANHOLE = ("manhole", "authorized-keys", "host-key")
"""The options of the admin shell."""


class CannotStart(SystemExit, Exception):
    """A mistake of the operator's: ends the program with one line and status 1.

    As a SystemExit it prints no traceback; as an Exception it lets ``twistd`` remove its
    pidfile, and tell the parent of a daemon that did not come up.
    """

    def __init__(self, why: object) -> None:
        super().__init__(f"roulette: {why}")


def packaged_page() -> Path:
    """Return the folder of the page that comes with the package."""
    here = Path(__file__).parent
    installed = here / "static"
    return installed if installed.is_dir() else here.parent / "static"


def endpoint_description(port: str, interface: str | None = None) -> str:
    """Return the endpoint string for ``--port`` and its like: a number stands for TCP.

    Raise ValueError if it is neither a number that can be a port nor an endpoint string.
    """
    if port.isascii() and port.isdigit():
        if int(port) > 65535:
            raise ValueError(f"{port} is no port: the highest is 65535")
        port = f"tcp:{port}" if interface is None else f"tcp:{port}:interface={interface}"
    elif ":" not in port:
        raise ValueError(f"{port!r} is neither a port number nor an endpoint such as tcp:8080")
    if port.startswith("tcp:") and not re.search(r":backlog=", port):
        port += f":backlog={BACKLOG}"
    return port


class Options(usage.Options):
    """What can be said on the command line."""

    synopsis = "[options]"
    longdesc = "A stranger chat: guests meet at random, one to one, and talk."
    optParameters = [  # noqa: RUF012
        ["static", None, None, "Folder of the page to serve (default: the one that comes along)"],
        ["grace", None, GRACE, "Seconds for which a guest without a connection is kept"],
        ["same-address", None, "allow", "May guests of one address meet: allow, delay or deny"],
        ["manhole", None, None, "Port of 127.0.0.1, or endpoint, for the admin shell (SSH)"],
        ["authorized-keys", None, None, "File of the public keys that may use the admin shell"],
        ["host-key", None, None, "File of the admin shell's own key; made if it is not there"],
    ]

    def __init__(self) -> None:
        super().__init__()
        self["port"] = []

    def opt_port(self, port: str) -> None:
        """Port number or Twisted endpoint to serve on; may be repeated (default: 8080)"""
        self["port"].append(port)

    opt_p = opt_port

    def parseOptions(self, options: Any = None) -> None:
        """Parse and check; a mistake is one line and exit status 1, not the whole help."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            raise CannotStart(error) from None

    def postOptions(self) -> None:
        """Check everything that can be checked before there is a reactor."""
        self["port"] = [
            _checked(endpoint_description, port, "--port") for port in self["port"] or ["8080"]
        ]
        self["static"] = Path(self["static"] or packaged_page())
        if not (self["static"] / "index.html").is_file():
            raise usage.UsageError(f"--static: there is no index.html in {self['static']}")
        self["grace"] = _checked(_seconds, self["grace"], "--grace")
        self["same-address"] = _checked(_same_address, self["same-address"], "--same-address")
        if any(self[option] for option in MANHOLE):
            self._check_manhole()

    def _check_manhole(self) -> None:
        if not all(self[option] for option in MANHOLE):
            raise usage.UsageError(f"{', '.join(map('--{}'.format, MANHOLE))} go together")
        self["manhole"] = _checked(_loopback, self["manhole"], "--manhole")
        for option in ("authorized-keys", "host-key"):
            # Read again later, when a daemon may be in another folder.
            self[option] = Path(self[option]).absolute()
        _checked(authorized_keys, self["authorized-keys"], "--authorized-keys")


def makeService(options: Options, reactor: Any = None) -> service.MultiService:
    """Return the service that ``options`` describe; nothing listens yet.

    ``reactor`` is the global one unless a test passes its own.
    """
    if reactor is None:
        _prefer_uvloop()
        from twisted.internet import reactor
    _use_monotonic_time(reactor)
    lobby = Lobby(
        SystemRandom(),
        grace=options["grace"],
        same_address=options["same-address"],
        epoch=time.time() - reactor.seconds(),
    )
    factory = ChatRouletteFactory(lobby, reactor)
    site = chat_site(str(options["static"]), factory, reactor)
    root = Services()
    listening: list[tuple[str, IProtocolFactory]] = [(port, site) for port in options["port"]]
    if options["manhole"]:
        listening.append((options["manhole"], _manhole(options, factory, reactor)))
    for description, what in listening:
        try:
            child = strports.service(description, what, reactor)
        except crypto.Error:
            raise CannotStart(f"{description}: no key or no certificate in such a file") from None
        except LookupError:
            raise CannotStart(f"{description}: systemd has handed over no such socket") from None
        except Exception as error:
            # An endpoint parser raises whatever its plugin likes.
            raise CannotStart(f"{description}: {error}") from None
        child.setServiceParent(root)
    return root


def _manhole(options: Options, factory: ChatRouletteFactory, reactor: Any) -> IProtocolFactory:
    # Here, since it installs the reactor.
    from roulette.ops.manhole import ManholeFactory

    lobby = factory.lobby
    namespace = {
        "factory": factory,
        "lobby": lobby,
        "admin": Admin(lobby, factory.deliver, factory.now),
    }
    try:
        own_key = host_key(options["host-key"])
    except BadKeyFile as error:
        raise CannotStart(f"--host-key: {error}") from None
    return ManholeFactory(namespace, options["authorized-keys"], own_key, reactor)


class Services(service.MultiService):
    """The listening services; one that cannot listen ends the program with one line."""

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
    # A port out of range is an OverflowError, a UNIX socket in no folder an OSError.
    try:
        yield
    except (CannotListenError, OSError, OverflowError) as error:
        why = CannotStart(error)
        if sys.stderr is not sys.__stderr__ and sys.__stderr__ is not None:
            # By now twistd has made a log of stderr.
            sys.__stderr__.write(f"{why}\n")
        raise why from None


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


def _checked(coerce: Callable[[S], T], value: S, option: str) -> T:
    try:
        return coerce(value)
    except ValueError as error:
        raise usage.UsageError(f"{option}: {error}") from None


def _loopback(port: str) -> str:
    return endpoint_description(port, "127.0.0.1")


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{value} is no number of seconds")
    return seconds


def _same_address(value: str) -> SameAddress:
    if value not in set(SameAddress):
        raise ValueError(f"{value} is not one of {', '.join(SameAddress)}")
    return SameAddress(value)
