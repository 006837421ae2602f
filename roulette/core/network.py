"""What counts as one address."""

from ipaddress import ip_address
from typing import NamedTuple

BITS = {4: 32, 6: 64}
"""How many bits of an address count, by the version of IP.

One household has a whole /64 of IPv6 (RFC 6177), so that counts as one address.
"""


class Network(NamedTuple):
    """An address or a prefix: the version of IP, how many bits it has, and these as a number."""

    version: int
    bits: int
    value: int


def network(host: str) -> Network:
    """Return the IPv4 address, or the /64 of the IPv6 address, that ``host`` is.

    IPv4 that is mapped into IPv6 is IPv4. Raise ValueError if it is no address.
    """
    # An IPv6 address may name its scope: fe80::1%eth0.
    address = ip_address(host.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    bits = BITS[address.version]
    return Network(address.version, bits, int(address) >> address.max_prefixlen - bits)


def network_of(host: str | None) -> Network | None:
    """Return the network of whoever calls from ``host``; None if that is no address."""
    try:
        return network(host or "")
    except ValueError:
        return None
