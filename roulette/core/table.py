"""The one table of state and verb: what every verb does wherever a guest stands.

The last column is a chat whose partner has lost the connection. A verb that names a chat is
looked at once more: it must be the chat that the guest is in, or, outside of one, the last
that it was in; otherwise the answer is ``stale_chat``, or nothing for the verbs in
:data:`QUIET`.
"""

from enum import Enum

from roulette.core import verbs
from roulette.core.events import Code


class Act(Enum):
    """What is done with a verb that is not refused."""

    DO = "it is done"
    REPEAT = "it was done already: the state is told again"
    IGNORE = "it means nothing here"


DO, REPEAT, IGNORE = Act
WRONG, STALE = Code.INVALID_STATE, Code.STALE_CHAT
Cell = Act | Code

# fmt: off
TABLE: dict[type[verbs.Verb], tuple[Cell, Cell, Cell, Cell]] = {
    #                     idle     waiting  chatting  partner absent
    verbs.Hello:         (WRONG,   WRONG,   WRONG,    WRONG),
    verbs.Start:         (DO,      DO,      WRONG,    WRONG),
    verbs.Cancel:        (REPEAT,  DO,      WRONG,    WRONG),
    verbs.Message:       (STALE,   STALE,   DO,       DO),
    verbs.Typing:        (IGNORE,  IGNORE,  DO,       IGNORE),
    verbs.StoppedTyping: (IGNORE,  IGNORE,  DO,       IGNORE),
    verbs.Seen:          (IGNORE,  IGNORE,  DO,       DO),
    verbs.Next:          (DO,      REPEAT,  DO,       DO),
    verbs.Disconnect:    (REPEAT,  DO,      DO,       DO),
    verbs.Block:         (DO,      DO,      DO,       DO),
    verbs.Away:          (DO,      DO,      DO,       DO),
    verbs.Back:          (DO,      DO,      DO,       DO),
    verbs.Rematch:       (DO,      DO,      WRONG,    WRONG),
}
# fmt: on

QUIET = frozenset({verbs.Typing, verbs.StoppedTyping, verbs.Seen})
"""The verbs that say nothing when they come too late."""
