"""What Tab makes of what has been typed."""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from rlcompleter import Completer

MOST = 100
"""How many choices are listed."""

_ID = re.compile(r"""\(\s*["']([A-Za-z0-9_-]*)$""")
"""The first thing in a call, if it is in quotes: the beginning of an id, perhaps."""

_NAME = re.compile(r"[\w.]*$")


def completions(
    typed: str, names: dict[str, object], ids: Callable[[], Iterable[str]]
) -> tuple[str, list[str]]:
    """Return the end of what was typed, and all that it may become.

    :param typed: a line, as far as the cursor.
    :param names: what there is.
    :param ids: tells the ids of the guests.
    """
    if (quoted := _ID.search(typed)) is not None:
        begun = quoted[1]
        return begun, sorted(each for each in ids() if each.startswith(begun))
    found = _NAME.search(typed)
    begun = found[0] if found else ""
    completer = Completer(names)
    matches = completer.attr_matches(begun) if "." in begun else completer.global_matches(begun)
    return begun, sorted(set(matches))


def listed(choices: list[str], width: int) -> str:
    """Return choices in columns, of which so many fit into ``width``; of attributes the last."""
    shown = [choice.rpartition(".")[2] for choice in choices[:MOST]]
    column = max(map(len, shown)) + 2
    rest = iter(shown)
    lines = []
    while row := list(islice(rest, max(1, width // column))):
        lines.append("".join(choice.ljust(column) for choice in row).rstrip())
    if len(choices) > MOST:
        lines.append(f"({len(choices)}, the first {MOST} shown)")
    return "\n".join(lines) + "\n"
