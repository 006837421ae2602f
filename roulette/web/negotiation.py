"""What a request says that it would take, and what it has already."""

import re

_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_OPAQUE_TAG = re.compile(r'"[^"]*"')


def gzip_wanted(accept_encoding: str) -> bool:
    """Say whether gzip suits at least as well as no coding (RFC 9110, section 12.5.3).

    What is malformed in the header is taken as not said.
    """
    weights: dict[str, float] = {}
    for member in accept_encoding.split(","):
        coding, given, parameter = (part.strip(" \t") for part in member.partition(";"))
        weight = _WEIGHT.fullmatch(parameter)
        if weight is not None:
            weights[coding.lower()] = float(weight[1])
        elif not given:
            weights[coding.lower()] = 1.0
    others = weights.get("*", 0.0)
    gzip = weights.get("gzip", weights.get("x-gzip", others))
    return gzip > 0 and gzip >= weights.get("identity", others)


def is_among(entity_tag: str, if_none_match: str) -> bool:
    """Say whether a header names a strong entity tag, or a weak form of it.

    That is weak comparison (RFC 9110, sections 8.8.3.2 and 13.1.2).
    """
    return if_none_match.strip(" \t") == "*" or entity_tag in _OPAQUE_TAG.findall(if_none_match)
