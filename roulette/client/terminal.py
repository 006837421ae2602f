"""A chat on a terminal, or through a pipe."""

from collections.abc import Iterable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from roulette.client.client import Client, Rejected
from roulette.client.console import Console
from roulette.client.words import HELP, describe
from roulette.core import events
from roulette.core.events import Event

TYPING_EVERY = 3.0
"""Seconds between two times that the stranger is told of one's writing; it lasts for 5."""


def listed(words: str) -> list[str]:
    """Return what stands between the commas."""
    return [word.strip() for word in words.split(",") if word.strip()]


class TerminalChat:
    """Shows what a client is told, and does what its user writes.

    Through a pipe, lines wait for somebody who hears them, and the chat ends with the input, or
    when the stranger leaves, or when nobody is looked for as the wishes are refused.
    """

    def __init__(self, reactor: IReactorTime, client: Client, console: Console) -> None:
        self._reactor = reactor
        self._client = client
        self._console = console
        self._told_typing: float | None = None
        self._last_notice: str | None = None
        self._met: Deferred[bool] | None = None

    async def run(
        self, topics: Iterable[str] = (), languages: Iterable[str] = (), *, only: bool = False
    ) -> None:
        """Search, and chat until the user has enough; raise Rejected as the client does."""
        async with self._client:
            self._client.start(topics, languages, only=only)
            reading = Deferred.fromCoroutine(self._read())
            try:
                async for event in self._client.events():
                    self._show(event)
                    if not self._console.edits:
                        match event:
                            case events.StrangerDisconnected():
                                break
                            case events.Error(ref="start", message=why):
                                raise Rejected(why)
            finally:
                self._console.stop()
                self._meet(False)
                await reading

    def _show(self, event: Event) -> None:
        match event:
            case events.GotMessage(text=said):
                self._console.typing(False)
                self._console.stranger(said)
                self._client.seen()
            case events.Typing() | events.StoppedTyping():
                self._console.typing(isinstance(event, events.Typing))
            case (
                events.StrangerDisconnected()
                | events.StrangerReconnecting()
                | events.Waiting()
                | events.Idle()
            ):
                self._console.typing(False)
        notice = describe(event)
        # A search tells of itself more than once.
        if notice is not None and notice != self._last_notice:
            self._console.notice(notice)
        if not isinstance(event, events.Guests):
            self._last_notice = notice if isinstance(event, events.Waiting) else None
        if isinstance(event, events.Connected):
            self._meet(True)

    def _meet(self, somebody: bool) -> None:
        met, self._met = self._met, None
        if met is not None:
            met.callback(somebody)

    async def _read(self) -> None:
        try:
            async for line in self._console.lines(self._edited):
                if not await self._do(line.strip()):
                    break
        finally:
            await self._client.close()

    def _edited(self, line: str) -> None:
        writes = bool(line) and not line.startswith("/")
        now = self._reactor.seconds()
        if writes and (self._told_typing is None or now - self._told_typing >= TYPING_EVERY):
            self._told_typing = now
            self._client.typing()
        elif not writes and self._told_typing is not None:
            self._told_typing = None
            self._client.typing(False)

    async def _do(self, line: str) -> bool:
        """Do what a line asks for; return whether to go on."""
        if line.startswith("/") and not line.startswith("//"):
            return self._command(*line.split(maxsplit=1))
        if line:
            await self._say(line[1:] if line.startswith("//") else line)
        return True

    def _command(self, name: str, wanted: str = "") -> bool:
        match name:
            case "/quit":
                return False
            case "/next":
                self._client.next()
            case "/stop":
                self._client.disconnect()
            case "/topics":
                if self._client.chat is not None:
                    self._client.disconnect()
                self._client.start(listed(wanted))
            case "/block":
                self._client.block()
            case "/again":
                self._client.rematch()
            case "/help":
                self._console.notice(HELP)
            case _:
                self._console.notice("There is no such command; /help lists them.")
        return True

    async def _say(self, text: str) -> None:
        if self._client.chat is None and self._console.edits:
            self._console.notice("There is nobody yet who hears that.")
            return
        if self._client.chat is None:
            self._met = Deferred()
            if not await self._met:
                return
        try:
            accepted = self._client.say(text)
        except ValueError as error:
            self._console.notice(str(error))
            return
        if self._console.edits:
            self._told_typing = None
            self._console.you(text)
            accepted.addCallback(self._settled, text)
        else:
            self._settled(await accepted, text)

    def _settled(self, accepted: bool, text: str) -> None:
        if not accepted:
            self._console.notice(f"This did not arrive: {text}")
