"""The verbs of the admin shell, as :class:`Admin` itself has them, and as operators give them."""

import inspect
import re
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import BoundArguments, Parameter
from typing import Any

from twisted.logger import Logger

from roulette.ops.admin import Admin, BadCall
from roulette.ops.table import counted

ID = re.compile(r"[A-Za-z0-9_-]{1,22}")
"""What a guest's id, or the beginning of it, is made of; no address is."""

IDS = frozenset({"guest_id", "whom"})
"""The parameters that are written down if they look like an id."""

Verb = Callable[..., Any]


def verbs() -> dict[str, Verb]:
    """Return all verbs by name, in the order in which they are written."""
    return {
        name: verb
        for owner in Admin.__mro__
        for name, verb in vars(owner).items()
        if inspect.isfunction(verb) and not name.startswith("_")
    }


def parameters(verb: Verb) -> Mapping[str, Parameter]:
    """Return what a verb is told, without the admin itself."""
    found = dict(inspect.signature(verb).parameters)
    found.pop("self", None)
    return found


def summary(thing: object) -> str:
    """Return the first line that is said about something."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


class Verbs:
    """What an operator asks and does, each written down first with who it was.

    Of what a verb is told, numbers are written down, and ids of guests. Of any other text only
    the length is: it may be what is announced, or an address.

    :param admin: does them.
    :param who: names the operator.
    """

    _log = Logger()

    def __init__(self, admin: Admin, who: str) -> None:
        for name in verbs():
            setattr(self, name, self._noted(getattr(admin, name), who))

    def _noted(self, verb: Verb, who: str) -> Verb:
        signature = inspect.signature(verb)

        @wraps(verb)
        def noted(*args: Any, **kwargs: Any) -> Any:
            try:
                given = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise BadCall(f"{verb.__name__}: {error}") from None
            written = _written(verb.__name__, given)
            self._log.info("{who} gives {verb}", who=who, verb=written, audit=True)
            return verb(*args, **kwargs)

        return noted


def _written(name: str, given: BoundArguments) -> str:
    told = dict(given.arguments)
    for parameter in given.signature.parameters.values():
        if parameter.kind is Parameter.VAR_KEYWORD:
            told.update(told.pop(parameter.name, {}))
    shown = (f"{_word(key)}={_shown(key, value)}" for key, value in told.items())
    return f"{name}({', '.join(shown)})"


def _shown(name: str, value: object) -> str:
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if not isinstance(value, str):
        return f"<{type(value).__name__}>"
    return _word(value) if name in IDS else _length(value)


def _word(text: str) -> str:
    return text if ID.fullmatch(text) else _length(text)


def _length(text: str) -> str:
    return f"<{counted(len(text), 'character')}>"
