"""The options of ``twistd roulette``, and what makes sense of each."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.python import usage

from roulette.core.chats import GRACE
from roulette.core.limits import Limits
from roulette.core.pool import SameAddress
from roulette.ops.drain import DRAIN_TIMEOUT
from roulette.ops.keys import authorized_keys
from roulette.web import brand
from roulette.web.brand import Brand
from roulette.web.capacity import connections_for, guests_for, open_files
from roulette.web.door import CONNECT_RATE, PER_ADDRESS
from roulette.web.origin import Origin

S = TypeVar("S")
T = TypeVar("T")

BACKLOG = 1024
"""Connections that may wait to be accepted; Twisted's default is 50."""


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
    if port.startswith(("tcp:", "haproxy:tcp:")) and not re.search(r":backlog=", port):
        port += f":backlog={BACKLOG}"
    return port


def _loopback(port: str) -> str:
    return endpoint_description(port, "127.0.0.1")


def _file(name: str) -> Path:
    # Read again later, when a daemon may be in another folder.
    return Path(name).absolute()


def _folder(name: str) -> Path:
    if not os.path.isdir(name):
        raise ValueError(f"{name!r} is no folder")
    return _file(name)


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{value} is no number of seconds")
    return seconds


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ValueError(f"{value} is no number")
    return int(value)


def _guests(value: str) -> int:
    guests, files = _number(value), open_files()
    if not 1 <= guests <= connections_for(files) - 2:
        raise ValueError(
            f"{value} is not between 1 and {connections_for(files) - 2}, "
            f"as only {files} files may be open (ulimit -n)"
        )
    return guests


def _rate(value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = -1.0
    if rate != 0 and not 0.001 <= rate <= 1_000_000:
        raise ValueError(f"{value} is neither 0 nor a number of times a second")
    return rate


def _same_address(value: str) -> SameAddress:
    if value not in set(SameAddress):
        raise ValueError(f"{value} is not one of {', '.join(SameAddress)}")
    return SameAddress(value)


def _keys(name: str) -> Path:
    path = _file(name)
    authorized_keys(path)
    return path


def _check(name: str, check: Callable[[S], T], value: S) -> T:
    try:
        return check(value)
    except ValueError as error:
        raise usage.UsageError(f"--{name}: {error}") from None


def _option(
    name: str, default: object, meaning: str, check: Callable[[str], object]
) -> list[object]:
    # Of a ValueError, Twisted would not say which option it is about.
    return [name, None, default, meaning, lambda value: _check(name, check, value)]


class Options(usage.Options):
    """What can be said on the command line."""

    synopsis = "[options]"
    longdesc = "A stranger chat: guests meet at random, one to one, and talk."
    optParameters = [  # noqa: RUF012
        # The page
        _option("static", None, "Folder whose files replace those of the page", _folder),
        _option("title", Brand.title, "Name of the page", brand.title),
        _option("motd", None, "File of a text for the first view of the page", _file),
        _option("rules", None, "File of the rules, one a line, instead of the page's own", _file),
        # Guests
        _option("grace", GRACE, "Seconds for which a guest without a connection is kept", _seconds),
        _option(
            "same-address",
            SameAddress.ALLOW,
            "May guests of one address meet: allow, delay or deny",
            _same_address,
        ),
        # Who may come in
        _option("max-guests", None, "At most so many (default: 90% of the open files)", _guests),
        _option("per-address", PER_ADDRESS, "Connections from one address; 0: any", _number),
        _option("connect-rate", CONNECT_RATE, "The same for new ones, a second; 0: any", _rate),
        _option("trusted-proxies", 0, "How many of yours write X-Forwarded-For", _number),
        # What they may do
        _option("message-rate", Limits.messages, "Messages of a guest, a second; 0: any", _rate),
        _option("skip-rate", Limits.skips, "Searches of a guest, a second; 0: any", _rate),
        _option("frame-rate", Limits.frames, "Frames of a connection, a second; 0: any", _rate),
        # The end
        _option("drain-timeout", DRAIN_TIMEOUT, "Seconds for pairs to finish at the end", _seconds),
        # The admin shell
        _option("manhole", None, "Port of 127.0.0.1, or endpoint, for the admin shell", _loopback),
        _option("authorized-keys", None, "File of the public keys for the admin shell", _keys),
        _option("host-key", None, "File of the admin shell's own key; made if not there", _file),
    ]
    together = (("manhole", "authorized-keys", "host-key"),)
    """Options of which all are given, or none."""

    def __init__(self) -> None:
        super().__init__()
        self["port"] = []
        self["allowed-origin"] = []

    def opt_port(self, port: str) -> None:
        """Port number or Twisted endpoint to serve on; may be repeated (default: 8080)"""
        self["port"].append(_check("port", endpoint_description, port))

    opt_p = opt_port

    def opt_allowed_origin(self, origin: str) -> None:
        """Another site whose pages may connect, as https://example.org; may be repeated"""
        self["allowed-origin"].append(_check("allowed-origin", Origin.parse, origin))

    def parseOptions(self, options: Any = None) -> None:
        """Parse and check; a mistake is one line and exit status 1, not the whole help."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            raise CannotStart(error) from None

    def postOptions(self) -> None:
        """Check what needs more than one option to be seen."""
        self["port"] = self["port"] or [endpoint_description("8080")]
        if self["max-guests"] is None:
            self["max-guests"] = guests_for(open_files())
        for names in self.together:
            given = [self[name] is not None for name in names]
            if any(given) and not all(given):
                raise usage.UsageError(f"{', '.join(map('--{}'.format, names))} go together")
        self["brand"] = self.read_brand()

    def limits(self) -> Limits:
        """Return how fast guests may be."""
        return Limits(
            messages=self["message-rate"], skips=self["skip-rate"], frames=self["frame-rate"]
        )

    def read_brand(self) -> Brand:
        """Return what the page is branded with; its files are read each time.

        Raise :exc:`usage.UsageError` if one of them cannot be used.
        """
        return Brand(
            self["title"], self._text("motd", brand.motd), self._text("rules", brand.rules)
        )

    def _text(self, name: str, read: Callable[[Path], str]) -> str:
        return "" if self[name] is None else _check(name, read, self[name])
