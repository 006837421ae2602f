"""Which network a guest comes from, without knowing its address."""

from collections.abc import Callable, Container
from hashlib import blake2b
from secrets import token_bytes

from roulette.core.network import network

KEY_FOR = 24 * 60 * 60.0
"""Seconds for which one key names networks."""


def network_of(host: str | None, salt: bytes) -> str:
    """Return a keyed hash of an IP address, or of its /64: good for comparing only.

    ``host`` may be None, or no IP address at all, as for UNIX sockets.
    """
    return _keyed(_canonical(host), salt)


def _canonical(host: str | None) -> str:
    try:
        return str(network(host or ""))
    except ValueError:
        return host or ""


def _keyed(name: str, salt: bytes) -> str:
    return blake2b(name.encode(), key=salt, digest_size=8).hexdigest()


class Networks:
    """Names networks by a key that changes daily.

    A name that is still in use is given out for a second day: so nobody has a second share of
    what is limited by address when the key changes. After two days a key is forgotten, and with
    it whom it named.

    :param key: makes a secret key.
    """

    def __init__(self, now: float, key: Callable[[], bytes] = lambda: token_bytes(16)) -> None:
        self._make_key = key
        self._key, self._former = key(), key()
        self._until = now + KEY_FOR

    def name(self, host: str | None, in_use: Container[str], now: float) -> str:
        """Return the name of the network of ``host``; ``in_use`` are those that somebody has."""
        while now >= self._until:
            self._former, self._key = self._key, self._make_key()
            self._until += KEY_FOR
        canonical = _canonical(host)
        former = _keyed(canonical, self._former)
        return former if former in in_use else _keyed(canonical, self._key)
