"""How often something was logged that an operator should look at."""

from twisted.application.service import Service
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from zope.interface import implementer

LEVELS = (LogLevel.warn, LogLevel.error, LogLevel.critical)
"""A failure of ours, with its traceback, is critical."""


@implementer(ILogObserver)
class Logged(Service):
    """Counts what is logged, by the names of its levels."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys((level.name for level in LEVELS), 0)

    def startService(self) -> None:
        """Begin to count."""
        super().startService()
        globalLogPublisher.addObserver(self)

    def stopService(self) -> None:
        """Count no longer."""
        super().stopService()
        globalLogPublisher.removeObserver(self)

    def __call__(self, event: LogEvent) -> None:
        """Count an event, if it is one of these."""
        level = event.get("log_level")
        if level in LEVELS:
            self.counts[level.name] += 1
