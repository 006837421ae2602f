"""Which network a guest comes from, without knowing its address."""

from collections.abc import Callable, Container
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from secrets import token_bytes

IPV6_PREFIX = 64
"""One household has a whole /64 (RFC 6177), so that counts as one address."""

KEY_FOR = 24 * 60 * 60.0
"""Seconds for which one key names networks."""


def network_of(host: str | None, salt: bytes) -> str:
    """Return a keyed hash of an IP address, or of its /64: good for comparing only.

    ``host`` may be None, or no IP address at all, as for UNIX sockets.
    """
    name = host or ""
    try:
        # An IPv6 address may name its scope: fe80::1%eth0.
        address = ip_address(name.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if mapped.version == 6:
            mapped = ip_network((mapped, IPV6_PREFIX), strict=False)
        name = str(mapped)
    except ValueError:
        pass
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
        former = network_of(host, self._former)
        return former if former in in_use else network_of(host, self._key)
