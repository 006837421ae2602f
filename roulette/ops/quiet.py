"""A log that nobody can forge, and nobody can fill.

What is logged may quote what came from outside: a name, a header, what an exception says. So
whatever a terminal would obey is spelled out, and of lines that are alike only a few are written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.application.service import Service
from twisted.internet.task import LoopingCall
from twisted.logger import (
    ILogObserver,
    LogEvent,
    Logger,
    LogLevel,
    eventAsText,
    formatEvent,
)
from twisted.python.failure import Failure
from zope.interface import implementer

ALIKE = 20
"""How many lines that are alike are written in each period."""

PERIOD = 60.0
"""Seconds."""

KINDS = 1000
"""How many kinds of lines are told apart at once; all others count as alike."""

LOOK_EVERY = 10.0
"""Seconds between two looks whether a period is over."""

LEGACY = frozenset({"message", "format", "why", "failure"})
"""Fields of ``twisted.python.log``, which makes them anew if they are not there."""


def printable(text: str, *, but: str = "\n\t") -> str:
    """Return ``text`` with every character spelled out that is not printable, ``but`` for some."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in but else each.encode("unicode_escape").decode()
        for each in text
    )


@implementer(ILogObserver)
class Escaping:
    """Hands on every event in a form of which the text and the traceback are printable.

    For observers that write text: JSON escapes by itself. They must indent what comes after a
    newline, as Twisted's do, or it could pass for another line.
    """

    def __init__(self, observer: ILogObserver) -> None:
        self._observer = observer

    def __call__(self, event: LogEvent) -> None:
        """Take an event."""
        told = eventAsText(event, includeTimestamp=False, includeSystem=False)
        if printable(told) != told:
            event = {name: value for name, value in event.items() if name not in LEGACY} | {
                "log_format": printable(formatEvent(event)).replace("{", "{{").replace("}", "}}")
            }
            if "log_failure" in event:
                event["log_failure"] = _Printable(event["log_failure"])
        self._observer(event)


class _Printable(Failure):
    def __init__(self, failure: Failure) -> None:
        vars(self).update(vars(failure))

    def getTraceback(self, *args: Any, **kwargs: Any) -> str:
        return printable(super().getTraceback(*args, **kwargs))


@dataclass(slots=True)
class _Kind:
    until: float
    level: Any  # one of twisted.logger.LogLevel
    written: int = 0
    held_back: int = 0


What = tuple[object, object, object]
"""What makes events alike: the logger, the format, and the type of a failure."""

THE_REST: What = (None, "of all kinds", None)


@implementer(ILogObserver)
class Repeating:
    """Hands on a few of the events that are alike, then one line for all the others.

    Alike are those of one logger, with one format, and one type of failure if they tell of one.
    What an operator does is marked with ``audit``, and always handed on: strangers cannot make it
    come often, and none of it may be missing.

    :param observer: is handed the events.
    :param now: tells the time, in seconds; must be monotonic.
    :param alike: how many are handed on in each period.
    :param period: seconds, from the first of them.
    """

    def __init__(
        self,
        observer: ILogObserver,
        now: Callable[[], float],
        alike: int = ALIKE,
        period: float = PERIOD,
    ) -> None:
        self._observer = observer
        self._now = now
        self._alike = alike
        self._period = period
        self._kinds: dict[What, _Kind] = {}

    def __call__(self, event: LogEvent) -> None:
        """Take an event."""
        if event.get("audit"):
            self._observer(event)
            return
        failure = event.get("log_failure")
        what = event.get("log_namespace"), event.get("log_format"), getattr(failure, "type", None)
        if what not in self._kinds and len(self._kinds) >= KINDS:
            what = THE_REST
        now, kind = self._now(), self._kinds.get(what)
        if kind is None or kind.until <= now:
            self._end(what)
            level = event.get("log_level", LogLevel.info)
            kind = self._kinds[what] = _Kind(now + self._period, level)
        if kind.written < self._alike:
            kind.written += 1
            self._observer(event)
        else:
            # Not the event itself: a failure would keep alive whatever it came from.
            kind.held_back += 1

    def look(self, *, over: bool = False) -> None:
        """Tell what was held back in periods that are over, or in all if everything is ``over``.

        To be called now and then, since a kind may never come again.
        """
        now = self._now()
        for what in [what for what, kind in self._kinds.items() if over or kind.until <= now]:
            self._end(what)

    def _end(self, what: What) -> None:
        kind = self._kinds.pop(what, None)
        if kind is not None and kind.held_back:
            namespace, like, _ = what
            told, held_back = Logger(str(namespace), observer=self._observer), kind.held_back
            told.emit(kind.level, "{more} more like it: {like}", more=held_back, like=like)


class Quiet(Service):
    """Makes the log of a process escaped and brief, wherever it is written.

    :param reactor: tells the time, calls now and then, and says when it has stopped.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._repeating: list[Repeating] = []
        self._looks = LoopingCall(self._look)
        self._looks.clock = reactor

    def before(self, observer: ILogObserver) -> ILogObserver:
        """Return what stands before an observer, so that it is told little, and nothing bad."""
        repeating = Repeating(Escaping(observer), self._reactor.seconds)
        self._repeating.append(repeating)
        return repeating

    def startService(self) -> None:
        """Begin to look; it goes on until the reactor has stopped, so that all is told."""
        super().startService()
        self._looks.start(LOOK_EVERY, now=False)
        self._reactor.addSystemEventTrigger("after", "shutdown", self._look, over=True)

    def _look(self, *, over: bool = False) -> None:
        for each in self._repeating:
            each.look(over=over)
