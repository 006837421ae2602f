"""What was said, until it is known what has become of it.

The messages are in this order: those that are on their way on this connection, those that were
refused for now, and those that are not sent yet. The server numbers what it accepts in the same
order, so that its acknowledgements count for all that stand before.
"""

from collections.abc import Callable
from functools import partial
from itertools import islice, takewhile

from roulette.core import events, verbs
from roulette.core.events import Event
from roulette.core.verbs import Verb

WINDOW = 32
"""Messages that may be on their way at once: far fewer than a server keeps for the stranger.

With an acknowledgement each 50 ms that is still 640 a second.
"""

CALM = 10.0
"""Seconds in which nothing more is said, after which the server takes several at once again."""


class Settled(Event, frozen=True):
    """The fate of what was said under ``id``.

    If it was not accepted, it was refused, or the chat ended before it was known to be.
    """

    id: str
    accepted: bool


Later = tuple[float, Callable[[], None]]
"""Something to do after so many seconds."""


class Outbox:
    """What was said, and all that is to be sent, told and done later."""

    def __init__(self) -> None:
        self._online = False
        self._connections = 0
        self._verbs: list[Verb] = []
        self._events: list[Event] = []
        self._later: list[Later] = []
        self._outbox: dict[str, verbs.Message] = {}
        self._sent = self._held = self._accepted = 0
        self._in_doubt: str | None = None
        # Seconds between two messages while the server takes no more; 0 if it does.
        self._pace = 0.0
        self._paced: str | None = None
        self._paused = False
        self._pauses = 0

    def to_send(self) -> list[Verb]:
        """Return the verbs for the server, in order, and forget them."""
        out, self._verbs = self._verbs, []
        return out

    def to_tell(self) -> list[Event]:
        """Return the events for the user, in order, and forget them."""
        out, self._events = self._events, []
        return out

    def to_do_later(self) -> list[Later]:
        """Return what is to be done after so many seconds each, and forget it.

        After that there may be something to send. It does no harm when the connection is gone.
        """
        out, self._later = self._later, []
        return out

    def _pump(self) -> None:
        if not self._online or self._paused:
            return
        fresh = list(islice(self._outbox.values(), self._sent, 1 if self._pace else WINDOW))
        self._verbs.extend(fresh)
        self._sent += len(fresh)
        self._held = max(0, self._held - len(fresh))
        if self._pace and fresh:
            self._paced = fresh[0].id
            self._pause(self._pace)

    def _hold(self, message_id: str, wait: float) -> None:
        """Put a message behind those on their way, and among those refused as it was said."""
        order = list(self._outbox)
        if order.index(message_id) >= self._sent:
            return  # it was sent twice
        if message_id == self._paced:
            # Slower by what was missing, and a little more, or it would soon be missing again.
            self._pace = 1.1 * (self._pace + wait)
        else:
            self._pace = max(self._pace, wait)
        self._doubt_before(message_id)
        order.remove(message_id)
        self._sent -= 1
        # One that is refused once more was said before the others that are.
        held = order[self._sent : self._sent + self._held]
        earlier = sum(int(other) < int(message_id) for other in held)
        order.insert(self._sent + earlier, message_id)
        self._held += 1
        self._outbox = {each: self._outbox[each] for each in order}
        self._pause(wait)

    def _pause(self, seconds: float) -> None:
        self._paused = True
        self._pauses += 1
        self._after(seconds, partial(self._go_on, self._pauses))

    def _go_on(self, pause: int) -> None:
        if pause == self._pauses:
            self._paused = False
            self._after(CALM, partial(self._hurry, pause))
            self._pump()

    def _hurry(self, pause: int) -> None:
        if pause == self._pauses:
            self._pace = 0.0

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        connection = self._connections

        def if_still_there() -> None:
            if self._online and connection == self._connections:
                act()

        self._later.append((seconds, if_still_there))

    def _doubt_before(self, message_id: str) -> None:
        if message_id == self._in_doubt:
            before = list(takewhile(lambda other: other != message_id, self._outbox))
            self._in_doubt = before[-1] if before else None

    def _refuse(self, message_id: str) -> None:
        self._doubt_before(message_id)
        self._settle(message_id, accepted=False)
        self._pump()
        self._ask_again()

    def _ack(self, ack: events.Ack) -> None:
        if ack.id in self._outbox:
            self._accept(list(self._outbox).index(ack.id) + 1)
            # What came too fast once, and was said again behind others, has a higher number.
            self._accepted = max(self._accepted, ack.seq)

    def _seen(self, seq: int) -> None:
        # The n-th accepted message is number n, if none before a drop was refused unheard.
        if self._in_doubt in self._outbox:
            self._ask_again()
        else:
            self._accept(seq - self._accepted)

    def _ask_again(self) -> None:
        """Send the last message that was sent once more, if those before a drop are in doubt.

        A Seen stands for an acknowledgement, which will not come then. That of a repeated
        message will, and counts for all before it.
        """
        if self._online and self._sent and self._in_doubt in self._outbox:
            self._verbs.append(next(islice(self._outbox.values(), self._sent - 1, None)))

    def _accept(self, messages: int) -> None:
        for message_id in list(islice(self._outbox, max(0, messages))):
            self._accepted += 1
            self._settle(message_id, accepted=True)
        self._pump()

    def _settle(self, message_id: str, *, accepted: bool) -> None:
        if self._outbox.pop(message_id, None) is not None:
            self._sent = max(0, self._sent - 1)
            self._events.append(Settled(message_id, accepted))
