"""How log lines are written, and how logrotate takes the file away.

``twistd``, ``twist`` and a .tac each decide where the log goes, by options of their own, when the
service has been made; none lets the service say what a line looks like. All of them hand what they
decided on to Twisted's ``globalLogBeginner``, before anything is written. There it is changed.
"""

import json
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite
from string import Formatter
from types import FrameType
from typing import Any

from twisted.logger import (
    FileLogObserver,
    FilteringLogObserver,
    ILogObserver,
    Logger,
    LogLevel,
    eventAsText,
    formatEvent,
    formatEventAsClassicLogText,
)
from twisted.python.logfile import LogFile

Format = Callable[[dict[str, Any]], str | None]
"""Returns the lines for an event of twisted.logger, or None if there is nothing to write."""

PRIORITIES = {
    LogLevel.debug: 7,
    LogLevel.info: 6,
    LogLevel.warn: 4,
    LogLevel.error: 3,
    LogLevel.critical: 2,
}
"""What syslog(3) calls the levels."""

log = Logger()


def as_json(event: dict[str, Any]) -> str:
    """Return an event as one line that is a JSON object, in ASCII.

    Of what the event holds it has only the plain data that the message names: so it can tell no
    more than the message.
    """
    line = {
        "time": datetime.fromtimestamp(event["log_time"], UTC).isoformat(timespec="milliseconds"),
        "level": event["log_level"].name,
        "namespace": event.get("log_namespace"),
        "message": formatEvent(event),
    }
    if (failure := event.get("log_failure")) is not None:
        line["failure"] = failure.getTraceback()
    line |= {name: value for name, value in _named(event) if name not in line}
    return json.dumps(line) + "\n"


def for_journal(event: dict[str, Any]) -> str:
    """Return the lines of an event as journald reads them on stderr: each with its priority.

    See "Logging" in sd-daemon(3). The journal has the time by itself.
    """
    text = eventAsText(event, includeTimestamp=False).rstrip("\n")
    prefix = f"<{PRIORITIES[event['log_level']]}>"
    # Indented, so that no text can pass for another line.
    return prefix + text.replace("\n", f"\n{prefix}\t") + "\n"


FORMATS: dict[str, Format] = {
    "text": formatEventAsClassicLogText,
    "json": as_json,
    "journal": for_journal,
}
"""How lines may look, by the name of each."""


def _named(event: dict[str, Any]) -> Iterator[tuple[str, object]]:
    layout = event.get("log_format")
    with suppress(ValueError):  # what is no format has no names
        for _, name, _, _ in Formatter().parse(layout if isinstance(layout, str) else ""):
            value = event.get(name or "")
            if name and not name.startswith("log_") and _is_plain(value):
                yield name, value


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and isfinite(value))


class Logs:
    """Changes how the log is written that is about to begin.

    :param reactor: where the file is opened again, when it was moved.
    :param written: what the lines look like; as ``twistd`` or ``twist`` like if it is None.
    :param before: returns what stands before an observer from the first line on.
    """

    def __init__(
        self,
        reactor: Any,
        written: Format | None,
        before: Callable[[ILogObserver], ILogObserver],
    ) -> None:
        self._reactor = reactor
        self._written = written
        self._before = before

    def begin_by(self, beginner: Any) -> None:
        """Change what a :class:`twisted.logger.LogBeginner` begins with."""
        begin = beginner.beginLoggingTo

        def begin_with(observers: Iterable[ILogObserver], *rest: Any, **named: Any) -> None:
            observers = list(observers)
            for observer in observers:
                self._change(observer)
            begin([self._before(observer) for observer in observers], *rest, **named)

        beginner.beginLoggingTo = begin_with

    def _change(self, observer: ILogObserver) -> None:
        # Neither has a public name for what is behind it.
        while isinstance(observer, FilteringLogObserver):
            observer = observer._observer
        if not isinstance(observer, FileLogObserver):
            return
        if self._written is not None:
            observer.formatEvent = self._written
        if isinstance(file := observer._outFile, LogFile):
            self._leave_to_logrotate(file)

    def _leave_to_logrotate(self, file: LogFile) -> None:
        """Have SIGUSR1 open a file again that has been moved away, and nobody else move it.

        By itself, Twisted would move it at 1 MB, and on SIGUSR1 once more, over logrotate's own.
        """
        file.rotateLength = None

        def moved(number: int, frame: FrameType | None) -> None:
            self._reactor.callFromThread(reopen, file)

        signal.signal(signal.SIGUSR1, moved)


def reopen(file: LogFile) -> None:
    """Open a log file again, at its path; if that cannot be, go on with the one that is open."""
    try:
        # It is closed before it is opened: without this, there might be no log any more.
        with open(file.path, "ab"):
            pass
    except OSError as error:
        log.error("The log cannot be opened again: {error}", error=error)
    else:
        file.reopen()
