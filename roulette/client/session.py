"""What a client has to know to lose nothing, whatever becomes of its connections.

No I/O and no clock: what its user wants and what the server tells go in; the verbs for the server,
the events for the user, and what is to be done later come out of :meth:`Session.to_send`,
:meth:`Session.to_tell` and :meth:`Session.to_do_later`.

The laws:

1. What is said in a chat is sent, and sent again after a drop under the same id, until the
   server is known to have accepted or refused it, or the chat is over. Each text has its
   :class:`Settled`.
2. The user is told each of the stranger's messages once, in order, and none of a chat that
   it has left.
3. What else is wanted (search, leave, block) is asked for again after a drop, until the server
   is known to have heard it.
4. What is refused for now is sent again once the server takes more, what was said in its order
   and one at a time. (Of two that were on their way, the second may be taken although the first
   was refused, if it takes as long to arrive as the server asks to wait.)
5. A chat that was begun is ended: by the user, or by a StrangerDisconnected, which the session
   makes itself where the server could not tell (it has forgotten the guest).
"""

from collections.abc import Callable
from functools import partial
from itertools import count, islice, takewhile

from roulette.core import events, verbs
from roulette.core.events import Code, Event, Reason, State
from roulette.core.facts import fact
from roulette.core.verbs import Verb

WINDOW = 32
"""Messages that may be on their way at once: far fewer than a server keeps for the stranger.

With an acknowledgement each 50 ms that is still 640 a second.
"""

CALM = 10.0
"""Seconds in which nothing more is said, after which the server takes several at once again."""

CONFIRMED_BY: dict[type[Verb], tuple[type[Event], ...]] = {
    verbs.Start: (events.Waiting, events.Connected),
    verbs.Next: (events.Waiting, events.Connected),
    verbs.Rematch: (events.Connected,),
    verbs.Cancel: (events.Idle,),
    verbs.Disconnect: (events.Idle,),
    verbs.Block: (events.Idle, events.Waiting),
}
"""What the server tells once it has heard a wish."""


@fact
class Settled(Event):
    """The fate of what was said under ``id``.

    If it was not accepted, it was refused, or the chat ended before it was known to be.
    """

    id: str
    accepted: bool


Later = tuple[float, Callable[[], None]]
"""Something to do after so many seconds."""


class Session:
    """One guest, as its client knows it."""

    def __init__(self) -> None:
        self.chat: str | None = None
        self.former: str | None = None
        self._resume: str | None = None
        self._online = False
        self._state = State.IDLE
        self._wishes = verbs.Start()
        self._wanted: list[Verb] = []
        self._away: bool | None = None
        self._heard = self._shown = 0
        self._ids = count(1)
        self._outbox: dict[str, verbs.Message] = {}
        self._sent = self._accepted = 0
        self._in_doubt: str | None = None
        # Of those that are not sent, so many were, and were refused for now.
        self._held = 0
        # Seconds between two messages while the server takes no more.
        self._pace = 0.0
        self._paused = False
        self._pauses = 0
        self._paced: str | None = None
        self._connections = 0
        self._later: list[Later] = []
        self._verbs: list[Verb] = []
        self._events: list[Event] = []

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

    def opened(self) -> None:
        """Take up a new connection."""
        self._connections += 1
        self._verbs = [verbs.Hello(self._resume, self._heard, self.chat or self.former)]

    def closed(self) -> None:
        """Note that the connection is gone."""
        self._online = self._paused = False
        self._verbs.clear()
        self._later.clear()

    def receive(self, event: Event) -> None:
        """Take what the server tells."""
        if isinstance(event, events.Error) and event.code is Code.RATE_LIMITED:
            self._slow_down(event)
            return
        self._confirm(event)
        chat = getattr(event, "chat", None)
        match event:
            case events.Welcome():
                self._welcome(event)
                return
            case events.Ack():
                self._ack(event)
                return
            case events.Connected():
                self._end_chat()
                self.chat = chat
                self._state = State.CHATTING
            case events.Waiting() | events.Idle():
                self._end_chat()
                self._state = State.WAITING if isinstance(event, events.Waiting) else State.IDLE
            case events.Error(id=str(refused)):
                message = self._outbox.get(refused)
                self._refuse(refused)
                if message is None or message.chat != self.chat:
                    return
            case events.RematchOffered() | events.Error() | events.Guests():
                pass
            case _ if chat is not None and chat != self.chat:
                return
            case events.GotMessage(seq=seq):
                if seq <= self._heard:
                    return
                self._heard = seq
            case events.Seen(seq=seq):
                self._seen(seq)
            case events.StrangerDisconnected():
                self._state = State.IDLE
                self._leave_behind()
        self._events.append(event)

    def say(self, text: str) -> str | None:
        """Say something; return the id under which it is settled, None outside of a chat."""
        if self.chat is None:
            return None
        message_id = str(next(self._ids))
        self._outbox[message_id] = verbs.Message(self.chat, message_id, text)
        self._pump()
        return message_id

    def start(self, wishes: verbs.Start) -> None:
        """Search a stranger."""
        self._wishes = wishes
        self._want(wishes)

    def cancel(self) -> None:
        """Stop searching."""
        self._want(verbs.Cancel())

    def next(self) -> None:
        """Leave whatever chat there is, and search with the same wishes."""
        # Outside of a chat the server may be a new one, that knows no wishes.
        self._want(self._wishes if self.chat is None else verbs.Next(self.chat))

    def disconnect(self) -> None:
        """Leave whatever chat there is, or stop searching."""
        self._want(verbs.Disconnect(self.chat))

    def block(self) -> None:
        """Leave, and never meet this stranger again; after a chat, the last stranger."""
        chat = self.chat or self.former
        if chat is not None:
            self._want(verbs.Block(chat))

    def rematch(self) -> None:
        """Ask to meet the last stranger again."""
        if self.chat is None and self.former is not None:
            self._want(verbs.Rematch(self.former))

    def typing(self, on: bool) -> None:
        """Let the stranger know that the user writes, or no longer does."""
        if self._online and self.chat is not None:
            self._verbs.append((verbs.Typing if on else verbs.StoppedTyping)(self.chat))

    def seen(self) -> None:
        """Let the stranger know that everything that the user was told was shown."""
        if self.chat is not None and self._heard > self._shown:
            self._shown = self._heard
            self._see()

    def away(self, on: bool) -> None:
        """Look elsewhere, or here again."""
        self._away = on
        self._look()

    def _see(self) -> None:
        if self._online and self.chat is not None and self._shown:
            self._verbs.append(verbs.Seen(self.chat, self._shown))

    def _look(self) -> None:
        if self._online and self._away is not None:
            self._verbs.append(verbs.Away() if self._away else verbs.Back())

    def _ask(self, verb: Verb) -> None:
        if verb in self._wanted:
            self._verbs.append(verb)

    def _want(self, verb: Verb) -> None:
        self._wanted.append(verb)
        if self._online:
            self._verbs.append(verb)
        if isinstance(verb, verbs.Next | verbs.Disconnect | verbs.Block):
            # The outbox stays: what was said before still counts.
            self.former, self.chat = self.chat or self.former, None

    def _confirm(self, event: Event) -> None:
        for index, verb in enumerate(self._wanted):
            if isinstance(event, events.Error):
                heard = event.ref == verb.name
            else:
                heard = isinstance(event, CONFIRMED_BY[type(verb)])
            if heard:
                # The server does one after the other: it has heard those before it as well.
                del self._wanted[: index + 1]
                return

    def _welcome(self, event: events.Welcome) -> None:
        self._online = True
        self._resume = event.resume
        self._events.append(event)
        self._in_doubt = next(islice(self._outbox, max(0, self._sent - 1), self._sent), None)
        self._sent = self._held = 0
        # In the order in which they were said, as more may have been refused than one was told.
        self._outbox = dict(sorted(self._outbox.items(), key=lambda said: int(said[0])))
        for message_id, message in list(self._outbox.items()):
            if message.chat != event.chat:
                self._settle(message_id, accepted=False)
        if not event.resumed:
            self._begin_anew()
        elif event.chat is not None:
            self._find_chat(event.chat)
        self._state = event.state
        self._look()
        self._pump()
        self._verbs.extend(self._wanted)

    def _begin_anew(self) -> None:
        searched = self._state is State.WAITING and not self._wanted
        self._wanted = [
            self._wishes if isinstance(verb, verbs.Next) else verb
            for verb in self._wanted
            if isinstance(verb, verbs.Start | verbs.Next | verbs.Cancel)
        ]
        if searched:
            self._wanted.append(self._wishes)
        self._end_chat()
        self.former = None

    def _find_chat(self, chat: str) -> None:
        if chat == self.chat:
            self._see()
        elif all(getattr(verb, "chat", None) != chat for verb in self._wanted):
            # The news was told to a dead connection; what the two share, nobody tells again.
            self.receive(events.Connected(chat, (), (), False))

    def _end_chat(self) -> None:
        """Be in no chat; the user is told, if it has not left by itself."""
        if self.chat is not None:
            self._events.append(events.StrangerDisconnected(self.chat, Reason.TIMEOUT, False))
        self._leave_behind()

    def _leave_behind(self) -> None:
        for message_id in list(self._outbox):
            self._settle(message_id, accepted=False)
        self.former, self.chat = self.chat or self.former, None
        self._heard = self._shown = self._accepted = self._held = 0

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

    def _slow_down(self, error: events.Error) -> None:
        wait = error.retry_after or 0.0
        if error.id is not None:
            if error.id in self._outbox:
                self._hold(error.id, wait)
        elif error.ref == "seen":
            self._after(wait, self._see)
        elif error.ref in ("away", "back"):
            self._after(wait, self._look)
        else:
            for verb in self._wanted:
                if verb.name == error.ref:
                    self._after(wait, partial(self._ask, verb))
                    return

    def _hold(self, message_id: str, wait: float) -> None:
        """Put a message behind those on their way and those that were refused before it."""
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
        order.insert(self._sent + self._held, message_id)
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

    def _ack(self, ack: events.Ack) -> None:
        if ack.id in self._outbox:
            self._accept(list(self._outbox).index(ack.id) + 1)
            self._accepted = ack.seq

    def _doubt_before(self, message_id: str) -> None:
        if message_id == self._in_doubt:
            before = list(takewhile(lambda other: other != message_id, self._outbox))
            self._in_doubt = before[-1] if before else None

    def _refuse(self, message_id: str) -> None:
        self._doubt_before(message_id)
        self._settle(message_id, accepted=False)
        self._pump()
        self._ask_again()

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
