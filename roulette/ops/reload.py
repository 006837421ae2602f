"""Reading again, while the service runs, what may change by then.

The laws:

1. Everything is read before anything is changed: after a mistake all is as it was.
2. What is in force afterwards is what was said, whatever was set by hand in between.
3. What cannot change while the service runs is named each time, until it is restarted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from twisted.logger import Logger

from roulette.ops.table import Facts

Said = TypeVar("Said", bound=Mapping[str, Any], contravariant=True)
"""The values of all options, by their names."""


class Settings(Protocol[Said]):
    """What may change while the service runs."""

    def in_force(self) -> Mapping[str, object]:
        """Return the values that count now, by the names of their options if there are any."""

    def put(self, said: Said) -> None:
        """Put those that were said in force; must not fail."""


class Prepared(Protocol):
    """Something that is read in one step, and put in force in another."""

    def read(self) -> Callable[[], Iterable[str]]:
        """Read, changing nothing; return what puts it in force, and says what has changed by it.

        Raise ValueError if it cannot be used.
        """


class Reloadable(Protocol):
    """Something that is as it was when it cannot be read again."""

    def reload(self) -> object:
        """Read it again; raise ValueError if it cannot be used."""


class Announcer(Protocol):
    """Somebody who is told before and after."""

    def reloading(self) -> None:
        """Hear that everything is about to be read again."""

    def ready(self) -> None:
        """Hear that this is over, whether it has worked or not."""


class Reload(Generic[Said]):
    """Reads again, when asked to.

    :param said: the options with which the service was started.
    :param again: returns them as they are said now; raises ValueError, a line for each mistake.
    :param settings: those of them that may change.
    :param prepared: what else is read.
    :param last: what is read when all that has worked.
    :param told: who is told of it.
    """

    _log = Logger()

    def __init__(
        self,
        said: Said,
        again: Callable[[], Said],
        settings: Settings[Said],
        prepared: Sequence[Prepared] = (),
        last: Sequence[Reloadable] = (),
        told: Sequence[Announcer] = (),
    ) -> None:
        self._said = said
        self._again = again
        self.settings = settings
        self._prepared = prepared
        self._last = last
        self._told = told

    def reload(self) -> Facts:
        """Read everything again. Return what has ``changed``, and what needs a ``restart``.

        Raise ValueError, with a line for each mistake, if something cannot be used.
        """
        for each in self._told:
            each.reloading()
        try:
            changed, restart = self._reload()
        finally:
            for each in self._told:
                each.ready()
        self._log.info(
            "Read again; changed: {changed}; after a restart: {restart}",
            changed=", ".join(changed) or "nothing",
            restart=", ".join(restart) or "nothing",
        )
        return Facts(changed=changed, restart=restart)

    def signalled(self) -> None:
        """Read everything again; mistakes go to the log."""
        try:
            self.reload()
        except ValueError as error:
            # In one event, since of many that are alike some are held back.
            self._log.error("Nothing is changed: {why}", why=str(error))

    def _reload(self) -> tuple[list[str], list[str]]:
        said, before = self._again(), self.settings.in_force()
        puts = [each.read() for each in self._prepared]
        for each in self._last:
            each.reload()
        self.settings.put(said)
        after = self.settings.in_force()
        changed = [name for name in before if before[name] != after[name]]
        for put in puts:
            changed += put()
        restart = [name for name in said if name not in before and said[name] != self._said[name]]
        return changed, restart
