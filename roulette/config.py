"""A file of options, in TOML (https://toml.io/en/v1.0.0).

The laws:

1. Every option may stand in it, under its name, at the top; there are no tables.
2. What is a mistake on the command line is one here, in the same words.
3. All the mistakes of a file are told, each in one line.
"""

import tomllib
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path

from twisted.python import usage

from roulette.checks import Kind
from roulette.ops.quiet import printable
from roulette.reading import BadFile, read_text

FILE_BYTES = 64 * 1024
"""The longest file, in bytes."""

LINE = 400
"""The longest message, in characters: a file may hold a value as long as itself."""

NAMES = {
    bool: "true or false",
    dict: "a table",
    float: "a number with a fraction",
    int: "a number",
    list: "a list",
    str: "a text",
}
"""What the types of TOML are called; what is missing is a date or a time."""


class Mistakes(usage.UsageError, ValueError):
    """What is wrong with the options, one line for each mistake."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = [one_line(line) for line in lines]
        super().__init__("\n".join(self.lines))


def read(path: Path) -> dict[str, object]:
    """Return what a file says; raise Mistakes if it cannot be read, or is no TOML."""
    try:
        text = read_text(path, FILE_BYTES)
    except BadFile as error:
        raise Mistakes([str(error)]) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        why = str(error)
    except ValueError:
        why = "a number with thousands of digits"
    except RecursionError:
        why = "lists within lists within lists"
    raise Mistakes([f"{path}: {why}"])


def unknown(key: str, value: object, names: Collection[str]) -> str:
    """Return what is wrong with a key that is not among the ``names`` of options."""
    if key == "config":
        return "only the command line names a file of options"
    if isinstance(value, dict):
        return "this is a table, and there are none: write each option as in grace = 30"
    return f"there is no such option{suggestion(key, names)}"


def suggestion(name: str, names: Collection[str]) -> str:
    """Return the words that tell which option may have been meant, if there is one."""
    close = get_close_matches(name, names, 1)
    return f": did you mean {close[0]}?" if close else ""


def texts(kind: Kind, value: object, *, many: bool) -> list[str]:
    """Return a value of TOML as it would be written on the command line, one by one.

    Raise ValueError if it is of a type that cannot be meant.
    """
    if many and isinstance(value, list):
        return [text for each in value for text in texts(kind, each, many=False)]
    # True is an int to Python.
    if isinstance(value, bool) or not isinstance(value, kind.types):
        expected = f"{kind.expected}, or a list of such" if many else kind.expected
        raise ValueError(f"this is {NAMES.get(type(value), 'a date or a time')}, not {expected}")
    return [str(value)]


def one_line(text: str) -> str:
    """Return a message as one line that is not too long."""
    shown = printable(text, but="")
    # What is wrong is said in front of a value, or behind it.
    return shown if len(shown) <= LINE else f"{shown[: LINE // 2]}…{shown[1 - LINE // 2 :]}"
