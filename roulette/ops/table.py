"""Plain data that prints well at a prompt."""

from collections.abc import Callable, Mapping
from typing import Any

SHOWN_ROWS = 100
"""How many rows are printed; the data has them all."""

WIDTHS = {"way": 5, "what": 20, "why": 13}
"""Of columns, where rows are printed before the next is known; the others have 8."""


def counted(number: int, noun: str) -> str:
    """Return how many there are of what a noun names, which has a regular plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Text(str):
    """A text that prints as it is, not as a literal."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Facts(dict[str, Any]):
    """What there is to say about one thing; prints one fact a line."""

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:{width}}  {_cell(value)}" for name, value in self.items())


class Table(list[dict[str, Any]]):
    """Rows with the same columns; prints as a table, the count last."""

    def __repr__(self) -> str:
        if not self:
            return "none"
        lines = [list(self[0])]
        lines += [[_cell(value) for value in row.values()] for row in self[:SHOWN_ROWS]]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        printed = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        shown = len(lines) - 1
        more = "" if shown == len(self) else f", the first {shown} shown"
        return "\n".join([*printed, f"({len(self)}{more})"])


class Tables(dict[str, Table]):
    """Tables with their names; prints one below the other."""

    def __repr__(self) -> str:
        return "\n\n".join(f"{name}:\n{table!r}" for name, table in self.items())


FORMS: dict[str, Callable[[Any], Any]] = {
    form.__name__: form for form in (Text, Facts, Table, Tables)
}
"""By name, for what has come as JSON."""


def formed(data: Any, form: str) -> Any:
    """Return plain data in the form in which it printed at the prompt."""
    if form == Tables.__name__:
        data = {name: Table(rows) for name, rows in data.items()}
    return FORMS[form](data) if form in FORMS else data


def heading(row: Mapping[str, object]) -> str:
    """Return the names of the columns, for rows that are printed before the next is known."""
    return line(dict(zip(row, row, strict=True)))


def line(row: Mapping[str, object]) -> str:
    """Return such a row."""
    cells = (_cell(value).ljust(WIDTHS.get(name, 8)) for name, value in row.items())
    return "  ".join(cells).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_cell, value)) or "-"
    text = str(value)
    # What guests wrote must not steer the operator's terminal.
    return text if text.isprintable() else repr(text)
