"""The terminal, or the pipe, that a user sits at."""

import codecs
import os
import sys
import termios
import tty
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer

from roulette.client.editor import Editor
from roulette.client.words import printable

DIM, RED, BLUE = 2, 31, 34

PROMPT = "> "


@implementer(IReadDescriptor)
class Input:
    """Reads a file descriptor when asked to.

    Unlike Twisted's StandardIO it leaves the descriptor blocking, which the shell shares, and
    reads from regular files too.
    """

    def __init__(self, reactor: Any, fd: int) -> None:
        self._reactor = reactor
        self._fd = fd
        self._wanted: Deferred[bytes] | None = None
        self._stopped = False

    def read(self) -> Deferred[bytes]:
        """Return what comes next; nothing at the end."""
        if self._stopped:
            return succeed(b"")
        try:
            self._reactor.addReader(self)
        except PermissionError:
            # epoll has no regular files: they are always ready.
            return succeed(os.read(self._fd, 4096))
        self._wanted = Deferred()
        return self._wanted

    def doRead(self) -> None:
        """Take what is there."""
        self._take(os.read(self._fd, 4096))

    def stop(self) -> None:
        """Read no more: this is the end."""
        self._stopped = True
        self._take(b"")

    def _take(self, data: bytes) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._reactor.removeReader(self)
            wanted.callback(data)

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._fd

    def connectionLost(self, reason: object) -> None:
        """Take a pipe that was hung up as its end; the descriptor is not ours to close."""
        self.stop()

    def logPrefix(self) -> str:
        """Return how the reactor calls this."""
        return "input"


class Console:
    """Lines in, lines out.

    Where a terminal is at both ends, the line that is being written stays below what comes in;
    otherwise lines are read and written plainly. Colours are for terminals, and for who did not
    set ``NO_COLOR`` (https://no-color.org).
    """

    def __init__(
        self, reactor: Any, stdin: TextIO = sys.stdin, stdout: TextIO = sys.stdout
    ) -> None:
        self.edits = stdin.isatty() and stdout.isatty()
        self._colours = stdout.isatty() and not os.environ.get("NO_COLOR")
        self._input = Input(reactor, stdin.fileno())
        self._fd = stdin.fileno()
        self._out = stdout
        self._editor = Editor()
        self._prompt = PROMPT

    @contextmanager
    def raw(self) -> Iterator[None]:
        """Let every key come at once, and put the terminal back at the end."""
        if not self.edits:
            yield
            return
        before = termios.tcgetattr(self._fd)
        tty.setraw(self._fd)
        self._draw()
        try:
            yield
        finally:
            self._write("\r\x1b[K")
            termios.tcsetattr(self._fd, termios.TCSANOW, before)

    async def lines(self, edited: Callable[[str], None]) -> AsyncIterator[str]:
        """Yield each line as it is finished; ``edited`` is called with every unfinished one."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        while data := await self._input.read():
            typed = decoder.decode(data)
            if not self.edits:
                *finished, rest = (rest + typed).split("\n")
                for line in finished:
                    yield line
                continue
            for edited_line in self._editor.feed(typed):
                if edited_line is None:
                    return
                yield edited_line
            self._draw()
            edited(self._editor.text)
        if rest:
            yield rest

    def stop(self) -> None:
        """Read no more lines."""
        self._input.stop()

    def notice(self, said: str) -> None:
        """Show what the program or the server says."""
        self._show(self._paint("* " + printable(said, 2), DIM))

    def stranger(self, said: str) -> None:
        """Show what the stranger says."""
        self._show(self._paint("Stranger:", RED) + " " + printable(said, 10))

    def you(self, said: str) -> None:
        """Show what the user has said, where the line itself is gone."""
        if self.edits:
            self._show(self._paint("You:", BLUE) + " " + printable(said, 5))

    def typing(self, on: bool) -> None:
        """Show that the stranger writes, or no longer does."""
        self._prompt = "(the stranger writes) " + PROMPT if on else PROMPT
        self._draw()

    def _show(self, line: str) -> None:
        if self.edits:
            self._write("\r\x1b[K" + line.replace("\n", "\r\n") + "\r\n")
            self._draw()
        else:
            self._write(line + "\n")

    def _draw(self) -> None:
        if self.edits:
            width = os.get_terminal_size(self._fd).columns or 80
            self._write(self._editor.picture(self._prompt, width))

    def _paint(self, said: str, colour: int) -> str:
        return f"\x1b[{colour}m{said}\x1b[0m" if self._colours else said

    def _write(self, said: str) -> None:
        self._out.write(said)
        self._out.flush()
