"""The two tables of the wire, and its error and close codes, written down once more by hand.

A row is a line such as ``> hello`` (client to server), ``< welcome`` (server to client),
``reason left``, ``error stale_chat`` or ``close 4001``.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

SAID = {
    "hello": {"resume", "seq", "chat"},
    "start": {"topics", "languages", "only"},
    "cancel": set(),
    "message": {"chat", "id", "text"},
    "typing": {"chat"},
    "stoppedTyping": {"chat"},
    "seen": {"chat", "seq"},
    "next": {"chat"},
    "disconnect": {"chat"},
    "block": {"chat"},
    "away": set(),
    "back": set(),
    "rematch": {"chat"},
}
"""Client to server: the fields of each type."""

TOLD: dict[str, tuple[set[str], set[str]]] = {
    "welcome": ({"guest", "resume", "resumed", "state", "guests", "grace", "limits"}, {"chat"}),
    "waiting": ({"since", "stage"}, {"estimate"}),
    "idle": (set(), set()),
    "connected": ({"chat", "commonLikes", "languages", "seenBefore"}, set()),
    "gotMessage": ({"chat", "seq", "text", "at"}, set()),
    "ack": ({"chat", "id", "seq"}, set()),
    "typing": ({"chat"}, set()),
    "stoppedTyping": ({"chat"}, set()),
    "seen": ({"chat", "seq"}, set()),
    "strangerAway": ({"chat"}, set()),
    "strangerBack": ({"chat"}, set()),
    "strangerReconnecting": ({"chat"}, set()),
    "strangerDisconnected": ({"chat", "reason", "rematch"}, set()),
    "rematchOffered": ({"chat", "expires"}, set()),
    "guests": ({"count"}, set()),
    "serverMessage": ({"text"}, set()),
    "error": ({"code", "message"}, {"ref", "retryAfter", "id"}),
}
"""Server to client: the fields of each type, and those that may be missing."""

STAGES = {"topics", "languages", "anyone"}
REASONS = {"left", "next", "timeout", "kicked", "shutdown"}
ERRORS = {
    "invalid_json",
    "invalid_type",
    "invalid_field",
    "invalid_state",
    "stale_chat",
    "message_too_large",
    "too_many_topics",
    "topic_too_long",
    "rate_limited",
    "server_full",
    "draining",
    "banned",
}
CLOSES = {1000, 1001, 1003, 1007, 1008, 1009, 1012, 1013, 4001, 4003, 4008, 4009, 4029}

ROWS = {
    *(f"> {kind}" for kind in SAID),
    *(f"< {kind}" for kind in TOLD),
    *(f"stage {stage}" for stage in STAGES),
    *(f"reason {reason}" for reason in REASONS),
    *(f"error {code}" for code in ERRORS),
    *(f"close {code}" for code in CLOSES),
}


def covers(*rows: str) -> Callable[[Test], Test]:
    """Say which rows a test is about; it fails if one of them does not occur in it."""

    def mark(test: Test) -> Test:
        test.__dict__["covers"] = set(rows)
        return test

    return mark


def covered_by(test: object) -> set[str]:
    """Return the rows that a test says it is about."""
    rows: set[str] = getattr(test, "covers", set())
    return rows


def rows_of(frame: dict[str, Any]) -> set[str]:
    """Check what a server sent against its row, and return the rows that it makes true."""
    kind = frame["type"]
    needed, optional = TOLD[kind]
    fields = frame.keys() - {"type"}
    assert needed <= fields <= needed | optional, frame
    rows = {f"< {kind}"}
    for row, value in (("stage", "stage"), ("reason", "reason"), ("error", "code")):
        if value in frame:
            rows.add(f"{row} {frame[value]}")
    assert rows <= ROWS, frame
    return rows
