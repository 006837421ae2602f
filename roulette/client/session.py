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

from functools import partial
from itertools import count, islice

from roulette.client.outbox import Outbox
from roulette.core import events, verbs
from roulette.core.events import Code, Event, Reason, State
from roulette.core.verbs import Verb

CONFIRMED_BY: dict[type[Verb], tuple[type[Event], ...]] = {
    verbs.Start: (events.Waiting, events.Connected),
    verbs.Next: (events.Waiting, events.Connected),
    verbs.Rematch: (events.Connected,),
    verbs.Cancel: (events.Idle,),
    verbs.Disconnect: (events.Idle,),
    verbs.Block: (events.Idle, events.Waiting),
}
"""What the server tells once it has heard a wish."""


class Session(Outbox):
    """One guest, as its client knows it."""

    def __init__(self) -> None:
        super().__init__()
        self.chat: str | None = None
        self.former: str | None = None
        self._resume: str | None = None
        self._state = State.IDLE
        self._wishes = verbs.Start()
        self._wanted: list[Verb] = []
        self._away: bool | None = None
        self._heard = self._shown = 0
        self._ids = count(1)

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
