"""The way of an ordinary message in C, where it was compiled: from the bytes of one to the other's.

It does what :meth:`ChatProtocol.dataReceived` and all that it calls would do, on the same objects,
with whole text messages that nothing is to be said against. All else it leaves as it is.
"""

import os
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from roulette.core.chats import ACKS_EVERY, ACKS_RIDE
from roulette.core.events import Ack
from roulette.core.guest import Guest
from roulette.core.leg import Leg
from roulette.core.limits import Kind, TokenBucket
from roulette.core.lobby import Lobby
from roulette.core.tally import Tally
from roulette.web.outgoing import OPEN
from roulette.web.protocol import ChatProtocol
from roulette.wire import plain, v1

if TYPE_CHECKING:
    from roulette.web.factory import ChatRouletteFactory

_lane: Any
try:
    from roulette.web import _lane
except ImportError:
    _lane = None

Take = Callable[[ChatProtocol, bytes], int]


def nothing(connection: ChatProtocol, data: bytes) -> int:
    """Take nothing: everything is done in Python."""
    return 0


def take(factory: "ChatRouletteFactory") -> Take:
    """Return what takes messages, given a connection and what it has read.

    That returns for how many bytes nothing is left to do; if for all, the turn has ended.
    """
    lobby = factory.lobby
    patched = type(lobby) is not Lobby or any(hasattr(Lobby, name) for name in vars(lobby))
    if _lane is None or patched or "ROULETTE_NO_LANE" in os.environ:
        return nothing
    try:
        lane = _lane.Lane(
            Guest,
            Leg,
            TokenBucket,
            Tally,
            Ack,
            deque,
            factory.protocol,
            vars(lobby),
            lobby._connected,
            lobby.guests,
            lobby.tally,
            lobby.node,
            lobby.after,
            lobby.confirm,
            factory.now,
            factory._alarm.set,
            factory,
            OPEN,
            Kind.MESSAGES,
            plain,
            v1,
            ACKS_EVERY,
            ACKS_RIDE,
            deque.append,
            deque.popleft,
            b"",
        )
    except (AttributeError, TypeError):
        return nothing  # something is not where it was
    taking: Take = lane.take
    return taking
