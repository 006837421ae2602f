"""A line that is being written on a terminal: keys in, the line's picture out. No I/O.

Conch's ``recvline`` does this for ASCII only; people here write in every script.
"""

import re
from unicodedata import category, east_asian_width

_KEYS = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b.?|.", re.DOTALL)


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes (Unicode Annex 11)."""
    return sum(
        0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1
        for c in text
    )


class Editor:
    """One line with a cursor, and those that were written before it."""

    def __init__(self) -> None:
        self.text = ""
        self.cursor = 0
        self._history: list[str] = []
        self._ago = 0
        self._finished: list[str | None] = []

    def feed(self, keys: str) -> list[str | None]:
        """Take what was typed; return the lines that it finished, and None for the end.

        Ctrl-C ends, and so does Ctrl-D on an empty line.
        """
        self._finished = []
        for key in _KEYS.findall(keys):
            self._press(key)
        return self._finished

    def picture(self, prompt: str, width: int) -> str:
        """Return what draws the line over the row that the cursor is in.

        A line that is too long for ``width`` columns is shown around its cursor.
        """
        room = max(1, width - columns(prompt) - 1)
        first = last = self.cursor
        while first > 0 and columns(self.text[first - 1 : last]) <= room:
            first -= 1
        while last < len(self.text) and columns(self.text[first : last + 1]) <= room:
            last += 1
        back = columns(self.text[self.cursor : last])
        return f"\r\x1b[K{prompt}{self.text[first:last]}" + (f"\x1b[{back}D" if back else "")

    def _press(self, key: str) -> None:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        match key:
            case "\x03":
                self._finished.append(None)
            case "\x04" if not self.text:
                self._finished.append(None)
            case "\r" | "\n":
                self._enter()
            case "\x7f" | "\b":
                self._write(before[:-1], after)
            case "\x1b[3~" | "\x04":
                self._write(before, after[1:])
            case "\x15":  # Ctrl-U
                self._write("", after)
            case "\x0b":  # Ctrl-K
                self._write(before, "")
            case "\x17":  # Ctrl-W
                self._write(re.sub(r"\S*\s*$", "", before), after)
            case "\x1b[D" | "\x1bOD" | "\x02":
                self.cursor = max(0, self.cursor - 1)
            case "\x1b[C" | "\x1bOC" | "\x06":
                self.cursor = min(len(self.text), self.cursor + 1)
            case "\x1b[H" | "\x1bOH" | "\x1b[1~" | "\x01":
                self.cursor = 0
            case "\x1b[F" | "\x1bOF" | "\x1b[4~" | "\x05":
                self.cursor = len(self.text)
            case "\x1b[A" | "\x1bOA" | "\x10":
                self._recall(self._ago + 1)
            case "\x1b[B" | "\x1bOB" | "\x0e":
                self._recall(self._ago - 1)
            case _ if key.isprintable() or key == "\u200d":
                # Of what can't be seen, emoji need the joiner.
                self._write(before + key, after)

    def _write(self, before: str, after: str) -> None:
        self.text, self.cursor = before + after, len(before)

    def _enter(self) -> None:
        self._finished.append(self.text)
        if self.text:
            self._history.append(self.text)
        self._ago = 0
        self._write("", "")

    def _recall(self, ago: int) -> None:
        self._ago = max(0, min(ago, len(self._history)))
        self._write(self._history[-self._ago] if self._ago else "", "")
