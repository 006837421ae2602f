"""The one table of close codes (RFC 6455 section 7.4; 4000 to 4999 are our own)."""

from enum import Enum

from roulette.core import events


class Closing(Enum):
    """Why the server ends a connection: the code and the reason that it sends."""

    SHUTDOWN = 1001, "shutting down"
    BINARY = 1003, "text frames only"
    POLICY = 1008, "too many frames that make no sense"
    KICKED = 1008, "removed by the operator"
    ERROR = 1011, "internal error"
    RESTART = 1012, "restarting"
    FULL = 1013, "full, try later"
    REPLACED = 4001, "replaced by a resume"
    BANNED = 4003, "banned"
    NO_HELLO = 4008, "no hello in time"
    TOO_SLOW = 4009, "too slow a reader"
    TOO_FAST = 4029, "too fast"

    @property
    def code(self) -> int:
        """Return the close code."""
        return self.value[0]

    @property
    def reason(self) -> str:
        """Return the reason, a few ASCII words."""
        return self.value[1]


BY_EVENT = {
    events.Replaced: Closing.REPLACED,
    events.Kicked: Closing.KICKED,
    events.Banned: Closing.BANNED,
    events.Restarting: Closing.RESTART,
    events.ShuttingDown: Closing.SHUTDOWN,
    events.TurnedAway: Closing.FULL,
    events.TooFast: Closing.TOO_FAST,
}
"""The events after which a connection ends."""

GOODBYES = frozenset({1000, 1001})
"""The codes with which a client goes on purpose, as a page does when its tab is closed."""
