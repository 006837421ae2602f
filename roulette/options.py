"""The options of ``twistd roulette``, and what makes sense of each."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.python import usage

from roulette.core.chats import GRACE
from roulette.core.pool import SameAddress
from roulette.ops.drain import DRAIN_TIMEOUT
from roulette.ops.keys import authorized_keys

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
    if port.startswith("tcp:") and not re.search(r":backlog=", port):
        port += f":backlog={BACKLOG}"
    return port


def _loopback(port: str) -> str:
    return endpoint_description(port, "127.0.0.1")


def _page(folder: str) -> Path:
    page = Path(folder)
    if not (page / "index.html").is_file():
        raise ValueError(f"there is no index.html in {page}")
    return page


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


def _file(name: str) -> Path:
    # Read again later, when a daemon may be in another folder.
    return Path(name).absolute()


def _keys(name: str) -> Path:
    path = _file(name)
    authorized_keys(path)
    return path


def _check(name: str, check: Callable[[str], object], value: str) -> object:
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
        _option("static", packaged_page(), "Folder of the page to serve", _page),
        # Guests
        _option("grace", GRACE, "Seconds for which a guest without a connection is kept", _seconds),
        _option(
            "same-address",
            SameAddress.ALLOW,
            "Guests of one address: allow, delay or deny",
            _same_address,
        ),
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

    def opt_port(self, port: str) -> None:
        """Port number or Twisted endpoint to serve on; may be repeated (default: 8080)"""
        self["port"].append(_check("port", endpoint_description, port))

    opt_p = opt_port

    def parseOptions(self, options: Any = None) -> None:
        """Parse and check; a mistake is one line and exit status 1, not the whole help."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            raise CannotStart(error) from None

    def postOptions(self) -> None:
        """Check what needs more than one option to be seen."""
        self["port"] = self["port"] or [endpoint_description("8080")]
        for names in self.together:
            given = [self[name] is not None for name in names]
            if any(given) and not all(given):
                raise usage.UsageError(f"{', '.join(map('--{}'.format, names))} go together")
