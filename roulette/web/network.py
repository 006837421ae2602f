"""Which network a guest comes from, without knowing its address."""

from hashlib import blake2b
from ipaddress import ip_address, ip_network

IPV6_PREFIX = 64
"""One household has a whole /64 (RFC 6177), so that counts as one address."""


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
