"""Why somebody is not let in: the one table of what is refused over HTTP."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil, inf

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from roulette.core.lobby import RETRY_AFTER

LOG_EVERY = 60.0
"""Seconds between two lines in the log about the same reason."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that ends a connection: the name that it is counted under, and what is said."""

    reason: str
    status: HTTPStatus
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, headers: Mapping[str, str], *, head: bool = False) -> bytes:
        """Return the whole answer, with more ``headers``; to a HEAD without the text."""
        body = f"{self.text}\n".encode()
        lines = {
            **headers,
            **self.headers,
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        start = f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
        section = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{start}{section}\r\n".encode() + (b"" if head else body)


def _later(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(ceil(seconds))}


DRAINING = Refusal(
    "draining",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The server is about to stop.",
    _later(RETRY_AFTER),
)
FULL = Refusal("full", HTTPStatus.SERVICE_UNAVAILABLE, "The server is full.", _later(RETRY_AFTER))
PER_ADDRESS = Refusal(
    "per_address",
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many connections from your address.",
    _later(RETRY_AFTER),
)
ORIGIN = Refusal("origin", HTTPStatus.FORBIDDEN, "This page may not connect here.")
NO_UPGRADE = Refusal(
    "upgrade",
    HTTPStatus.UPGRADE_REQUIRED,
    "This is a WebSocket.",
    # RFC 9110, section 15.5.22, and RFC 6455, section 4.4.
    {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"},
)
BAD_HANDSHAKE = Refusal("handshake", HTTPStatus.BAD_REQUEST, "This is no WebSocket handshake.")
BAD_HEADER = Refusal("header", HTTPStatus.BAD_REQUEST, "A header holds what no header may.")
BAD_TARGET = Refusal("target", HTTPStatus.BAD_REQUEST, "Ask for a path.")
BODY = Refusal("body", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "No request may have a body here.")
METHOD = Refusal(
    "method", HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD.", {"Allow": "GET, HEAD"}
)


def connect_rate(seconds: float) -> Refusal:
    """Return the refusal of an address that comes too often, until ``seconds`` have passed."""
    return Refusal(
        "connect_rate",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many new connections from your address.",
        _later(seconds),
    )


def banned(seconds: float) -> Refusal:
    """Return the refusal of an address that is banned, for so many seconds or ``inf``."""
    ends = _later(seconds) if seconds < inf else {}
    return Refusal("banned", HTTPStatus.FORBIDDEN, "You are banned from this server.", ends)


SLOW = "slow"
"""The reason of a connection that took too long to ask, or to take its answer."""

CROWDED = "crowded"
"""The reason of a connection that gave way to a newer one, as there were too many."""

FILES = "files"
"""The reason of a connection for which the process had no file descriptor left."""


REASONS = (
    *(
        each.reason
        for each in (
            DRAINING,
            FULL,
            PER_ADDRESS,
            connect_rate(0),
            banned(inf),
            ORIGIN,
            NO_UPGRADE,
            BAD_HANDSHAKE,
            BAD_HEADER,
            BAD_TARGET,
            BODY,
            METHOD,
        )
    ),
    SLOW,
    CROWDED,
    FILES,
)
"""Every reason there is."""


class Refusals:
    """How often was refused, by reason; the log is told of each reason once a minute.

    ``counts`` is for whoever watches over the server; it only grows.
    """

    _log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._logged: dict[str, float] = {}

    def totals(self) -> dict[str, int]:
        """Return the counts of all reasons, also of those for which nobody was refused yet."""
        return {reason: self.counts[reason] for reason in REASONS}

    def note(self, reason: str) -> None:
        """Count one refusal."""
        self.counts[reason] += 1
        now = self._clock.seconds()
        if now - self._logged.get(reason, -LOG_EVERY) >= LOG_EVERY:
            self._logged[reason] = now
            self._log.info(
                "Refused for {reason}: {count} since the start",
                reason=reason,
                count=self.counts[reason],
            )
