"""What a value of an option must be: each kind of value, and its check.

A check is given the text of a value and returns what it stands for, or raises ValueError with one
line that says what is wrong.
"""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from twisted.internet.endpoints import quoteStringArgument

from roulette.core.limits import is_rate
from roulette.core.pool import SameAddress
from roulette.ops.keys import authorized_keys
from roulette.ops.logs import FORMATS, Format
from roulette.ops.passwords import read_passwords
from roulette.reading import naming
from roulette.web import brand
from roulette.web.capacity import connections_for, open_files
from roulette.web.origin import Origin

BACKLOG = 1024
"""Connections that may wait to be accepted; Twisted's default is 50."""

HOST_AND_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w-]*\.[\w.-]+|localhost)):([0-9]{1,5})")
"""What is no endpoint, but said where many programs want it."""

FILES_OF_AN_ENDPOINT = re.compile(
    r"(?<=:)((?:privateKey|certKey|extraCertChain|dhParameters)=)(?=[^/:])"
    r"|(?<=^unix:)(address=)?(?=[^/:])"
)
"""Where an endpoint names a file from the present folder."""


def endpoint_description(port: str, interface: str | None = None) -> str:
    """Return the endpoint string for ``--port`` and its like: a number stands for TCP.

    Raise ValueError if it is neither a number that can be a port nor an endpoint string.
    """
    if port.isascii() and port.isdigit():
        if len(port) > 5 or int(port) > 65535:
            raise ValueError(f"{port} is no port: the highest is 65535")
        port = f"tcp:{port}" if interface is None else f"tcp:{port}:interface={interface}"
    elif said := HOST_AND_PORT.fullmatch(port):
        host = quoteStringArgument(said[1] or said[2])
        raise ValueError(f"say tcp:{said[3]}:interface={host} instead of {port}")
    elif ":" not in port:
        raise ValueError(f"{port!r} is neither a port number nor an endpoint such as tcp:8080")
    if re.match(r"(haproxy:)?(tcp6?|ssl):", port) and ":backlog=" not in port:
        port += f":backlog={BACKLOG}"
    return port


def as_said(endpoint: str) -> str:
    """Return an endpoint without what :func:`endpoint_description` has added to it."""
    return endpoint.removesuffix(f":backlog={BACKLOG}")


def check_writable(path: Path) -> None:
    """Raise ValueError if no file can be written at a path."""
    there = path if path.exists() else path.parent
    if not there.exists():
        raise ValueError(f"{path}: {os.strerror(errno.ENOENT)}")
    if path.is_dir():
        raise ValueError(f"{path}: {os.strerror(errno.EISDIR)}")
    if not os.access(there, os.W_OK):
        raise ValueError(f"{path}: {os.strerror(errno.EACCES)}")


def _loopback(port: str) -> str:
    return endpoint_description(port, "127.0.0.1")


def _folder(name: str) -> Path:
    with naming(Path(name)):
        # It must be one that may be looked into, too.
        os.stat(f"{name}/.")
    return Path(name)


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
        raise ValueError(f"{value} is no whole number from 0 to 999999999")
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
    if not is_rate(rate):
        raise ValueError(f"{value} is neither 0 nor from 0.001 to 1000000 times a second")
    return rate


def _same_address(value: str) -> SameAddress:
    if value not in set(SameAddress):
        raise ValueError(f"{value} is not one of {', '.join(SameAddress)}")
    return SameAddress(value)


def _log_format(value: str) -> Format:
    if value not in FORMATS:
        raise ValueError(f"{value} is not one of {', '.join(FORMATS)}")
    return FORMATS[value]


def _keys(name: str) -> Path:
    authorized_keys(Path(name))
    return Path(name)


def _passwords(name: str) -> Path:
    read_passwords(Path(name))
    return Path(name)


def _as_it_is(text: str, folder: Path) -> str:
    return text


def _path(text: str, folder: Path) -> str:
    if not text:
        raise ValueError("a name is missing")
    return str(folder / text)


def _endpoint(text: str, folder: Path) -> str:
    within = quoteStringArgument(f"{folder}/")
    return FILES_OF_AN_ENDPOINT.sub(lambda found: found[0] + within, text)


class Kind(NamedTuple):
    """A kind of value.

    :param shown: stands for the value in the help.
    :param types: what TOML may have for it; a number there is checked as it would be written.
    :param expected: the same in words.
    :param check: makes a value of a text.
    :param absolute: makes what names a file, seen from a folder, independent of that folder: a
        daemon may be in another one when it reads the file again.
    """

    shown: str
    types: tuple[type, ...]
    expected: str
    check: Callable[[str], object]
    absolute: Callable[[str, Path], str] = _as_it_is


_TEXT = (str,), "a text in quotes"
_NUMBER = (int, float), "a number"
_WHOLE = (int,), "a whole number"
_PORT = (int, str), "a port number, or an endpoint in quotes"

PORT = Kind("PORT", *_PORT, endpoint_description, _endpoint)
LOOPBACK = Kind("PORT", *_PORT, _loopback, _endpoint)
FILE = Kind("FILE", *_TEXT, Path, _path)
FOLDER = Kind("FOLDER", *_TEXT, _folder, _path)
TITLE = Kind("TEXT", *_TEXT, brand.title)
MOTD = Kind("FILE", *_TEXT, lambda name: brand.motd(Path(name)), _path)
RULES = Kind("FILE", *_TEXT, lambda name: brand.rules(Path(name)), _path)
KEYS = Kind("FILE", *_TEXT, _keys, _path)
PASSWORDS = Kind("FILE", *_TEXT, _passwords, _path)
ORIGIN = Kind("ORIGIN", *_TEXT, Origin.parse)
HOW = Kind("HOW", *_TEXT, _same_address)
SECONDS = Kind("SECONDS", *_NUMBER, _seconds)
RATE = Kind("RATE", *_NUMBER, _rate)
NUMBER = Kind("NUMBER", *_WHOLE, _number)
GUESTS = Kind("NUMBER", *_WHOLE, _guests)
LOG = Kind("FORM", *_TEXT, _log_format)
