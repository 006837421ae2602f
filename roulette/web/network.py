"""Which network a guest comes from, without knowing its address."""

from collections.abc import Callable, Container
from hashlib import blake2b
from secrets import token_bytes

from roulette.core.network import Network

KEY_FOR = 24 * 60 * 60.0
"""Seconds for which one key names networks."""


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

    def name(self, network: Network | None, in_use: Container[str], now: float) -> str:
        """Return the name of a network, None being one too.

        :param in_use: the names that somebody has.
        """
        while now >= self._until:
            self._former, self._key = self._key, self._make_key()
            self._until += KEY_FOR
        former = _keyed(network, self._former)
        return former if former in in_use else _keyed(network, self._key)


def _keyed(network: Network | None, key: bytes) -> str:
    known = b"" if network is None else b"%d %d" % (network.version, network.value)
    return blake2b(known, key=key, digest_size=8).hexdigest()
