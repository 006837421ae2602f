"""What nobody but this machine can reach, by an endpoint or by a name."""

import ipaddress
import re


def endpoint_is_local(description: str) -> bool:
    """Say whether nobody but this machine can reach what an endpoint string describes."""
    kind, *arguments = (
        re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\):", description)
    )
    if kind == "unix" or (kind == "systemd" and "domain=UNIX" in arguments):
        return True
    named = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    return kind in ("tcp", "tcp6", "ssl") and _is_loopback(named.get("interface", ""))


def host_is_local(host: str) -> bool:
    """Say whether a Host header names this machine, in a way that no name server has a say in."""
    name = re.sub(r":\d+$", "", host)
    return name.lower() == "localhost" or _is_loopback(name.removeprefix("[").removesuffix("]"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
