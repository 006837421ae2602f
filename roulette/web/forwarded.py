"""Who really calls, when proxies stand in front."""

from collections.abc import Sequence
from ipaddress import ip_address


def client_host(peer: str | None, forwarded: Sequence[str], proxies: int) -> str | None:
    """Return the address of the client, or ``peer`` if that is all that can be trusted.

    Each proxy appends to X-Forwarded-For the address that it was called from. So with as many
    ``proxies`` as are our own, the one that far from the right was written by the outermost of
    them, and what stands left of it by anybody. A list that is too short, or whose entry is no
    address, came around them: it counts for nothing.

    :param peer: the address that the connection comes from, None for a UNIX socket.
    :param forwarded: the values of X-Forwarded-For, in order.
    """
    if not proxies:
        return peer
    hops = ",".join(forwarded).split(",")
    if len(hops) < proxies:
        return peer
    return _address(hops[-proxies].strip()) or peer


def _address(hop: str) -> str | None:
    # Some proxies add the port: 192.0.2.1:50007, or [2001:db8::1]:50007.
    if hop.startswith("["):
        host, bracket, port = hop[1:].partition("]")
        well_formed = bool(bracket) and (not port or _is_port(port.removeprefix(":")))
    elif hop.count(":") == 1:
        host, _, port = hop.partition(":")
        well_formed = _is_port(port)
    else:
        host, well_formed = hop, True
    try:
        return str(ip_address(host)) if well_formed else None
    except ValueError:
        return None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5
