"""Where an operator sits, whichever way in it has come."""

import ast
import pydoc
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from twisted.logger import Logger

from roulette.ops.admin import Admin
from roulette.ops.table import Text, counted
from roulette.ops.verbs import Verbs, parameters, summary, verbs

LINES = 500
"""How many of its latest lines an operator finds again."""

OPERATORS = 100
"""Of how many operators they are kept."""

History = deque[bytes]


class Help:
    """Names what there is.

    :param things: what there is, by name.
    """

    def __init__(self, things: Mapping[str, object]) -> None:
        self._things = things

    def __call__(self, *about: object) -> Text:
        """Name everything, or tell all about one thing."""
        return Text("\n".join(map(self._all, about)) if about else _aligned(self._lines()))

    __repr__ = __call__

    def _all(self, thing: object) -> str:
        if isinstance(thing, Verbs):
            # What there is to say about its class is of no use to an operator.
            return _aligned(_verbs())
        return pydoc.plain(pydoc.render_doc(thing))

    def _lines(self) -> Iterator[tuple[str, str]]:
        for name, thing in self._things.items():
            yield name, summary(type(thing))
        yield from _verbs()
        yield "help(thing)", "Tell all about one thing."


class Seat:
    """One operator: who it is, what it finds, and the lines that it has typed.

    :param who: names it, for the log.
    :param names: what it finds, by name, besides ``admin`` and ``help``.
    """

    _log = Logger()

    def __init__(
        self, who: str, admin: Admin, names: Mapping[str, object], history: History
    ) -> None:
        self.who = who
        self.verbs = Verbs(admin, who)
        things = {**names, "admin": self.verbs}
        self.namespace: dict[str, object] = {**things, "help": Help(things)}
        self.ids = lambda: [row["guest"] for row in admin.guests()]
        self.history = history

    def note(self, source: str) -> None:
        """Write down that code is run: how much, and what of the service it names.

        The code itself may hold what is announced. A verb alone writes itself down.
        """
        tree = ast.parse(source)
        if not _one_verb(tree):
            named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            self._log.info(
                "{who} runs {size} of Python that names {named}",
                who=self.who,
                size=counted(len(source), "character"),
                named=", ".join(name for name in self.namespace if name in named) or "nothing",
                audit=True,
            )


class Seats:
    """Gives each operator a seat.

    :param admin: does what its verbs say.
    :param names: what else all operators find, by name.
    """

    def __init__(self, admin: Admin, names: Mapping[str, object]) -> None:
        self._admin = admin
        self._names = names
        self._histories: dict[str, History] = {}

    def seat(self, who: str, known_as: str | None = None) -> Seat:
        """Return a seat for an operator; by ``known_as`` it finds again what it has typed."""
        key = known_as or who
        history = self._histories[key] = self._histories.pop(key, deque(maxlen=LINES))
        if len(self._histories) > OPERATORS:
            del self._histories[next(iter(self._histories))]
        return Seat(who, self._admin, self._names, history)


def _verbs() -> Iterator[tuple[str, str]]:
    for name, verb in verbs().items():
        yield f"admin.{name}({', '.join(parameters(verb))})", summary(verb)


def _aligned(rows: Iterable[tuple[str, str]]) -> str:
    lines = list(rows)
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:{width}}  {says}" for name, says in lines)


def _one_verb(tree: ast.Module) -> bool:
    match tree.body:
        case [ast.Expr(ast.Call() as call) | ast.Expr(ast.Await(ast.Call() as call))]:
            pass
        case _:
            return False
    match call.func:
        case ast.Attribute(ast.Name("admin"), name) if name in verbs():
            told = [*call.args, *(keyword.value for keyword in call.keywords)]
            return all(map(_is_literal, told))
    return False


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except Exception:
        # It raises more than it says.
        return False
    return True
