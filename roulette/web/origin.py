"""Which pages may connect (RFC 6455, section 10.2)."""

import re
from collections.abc import Collection
from typing import NamedTuple

DEFAULT_PORTS = {"http": 80, "https": 443}

_HOST = r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://{_HOST}")
_AUTHORITY = re.compile(_HOST)


class Origin(NamedTuple):
    """Where a page comes from (RFC 6454); ``port`` is None if nothing says which."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> "Origin":
        """Read an origin as browsers write it; raise ValueError if it is none, or ``null``."""
        found = _ORIGIN.fullmatch(text.lower())
        if found is None:
            raise ValueError(f"{text!r} is no origin such as https://chat.example.org")
        scheme = found["scheme"]
        return cls(scheme, found["host"], _port(found["port"]) or DEFAULT_PORTS.get(scheme))


def may_connect(origin: str, host: str, allowed: Collection[Origin]) -> bool:
    """Say whether a page from ``origin`` may connect to the server that it calls ``host``.

    Both are as in the headers. A page of the same host and port may, whichever its scheme: behind
    a proxy nobody here knows which of them is spoken outside. So may those that are ``allowed``.
    """
    try:
        page = Origin.parse(origin)
    except ValueError:
        return False
    here = _AUTHORITY.fullmatch(host.lower())
    if here is not None:
        port = _port(here["port"]) or DEFAULT_PORTS.get(page.scheme)
        if (page.host, page.port) == (here["host"], port):
            return True
    return page in allowed


def _port(digits: str | None) -> int | None:
    return None if digits is None else int(digits)
