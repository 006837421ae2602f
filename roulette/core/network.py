"""What counts as one address."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

IPV6_PREFIX = 64
"""One household has a whole /64 (RFC 6177), so that counts as one address."""


def network(host: str) -> IPv4Network | IPv6Network:
    """Return the IPv4 address, or the /64 of the IPv6 address, that ``host`` is.

    IPv4 that is mapped into IPv6 is IPv4. Raise ValueError if it is no address.
    """
    # An IPv6 address may name its scope: fe80::1%eth0.
    address = ip_address(host.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 6:
        return ip_network((address, IPV6_PREFIX), strict=False)
    return ip_network(address)
