"""The prompt of the admin shell, and the same for a single line.

Importing this installs the reactor, since Conch's ``insults`` does.
"""

from codecs import getincrementaldecoder
from collections.abc import Callable
from os.path import commonprefix
from typing import Any

from twisted.conch.insults import insults
from twisted.conch.recvline import HistoricRecvLine, RecvLine

from roulette.ops.completion import completions, listed
from roulette.ops.interpreter import Interpreter
from roulette.ops.seat import Seat

GREETING = "help() names what can be asked here; Tab completes, Ctrl-D ends.\n"

AHEAD = 64 * 1024
"""Bytes that may be typed while something is awaited."""

REMEMBERED = 4096
"""Bytes of the longest line that is found again."""

BELL = b"\x07"
CTRL_A, CTRL_C, CTRL_D, CTRL_E = b"\x01", b"\x03", b"\x04", b"\x05"
CTRL_K, CTRL_L, CTRL_U = b"\x0b", b"\x0c", b"\x15"


class Prompt(HistoricRecvLine):
    """A prompt on a terminal.

    :param seat: whose it is.
    :param width: the columns of the terminal.
    """

    terminal: "Terminal"

    def __init__(self, seat: Seat, width: int) -> None:
        super().__init__()
        self.width = width
        self._seat = seat
        self._interpreter = Interpreter(self, seat)
        self._decoder = getincrementaldecoder("utf-8")("ignore")
        self._undecided = False

    def connectionMade(self) -> None:
        """Greet, and begin."""
        super().connectionMade()
        self._recall()
        self.keyHandlers |= {
            CTRL_A: self.handle_HOME,
            CTRL_C: self.interrupt,
            CTRL_D: self._end,
            CTRL_E: self.handle_END,
            CTRL_K: self._delete_after,
            CTRL_L: self._clear,
            CTRL_U: self._delete_before,
        }

    def connectionLost(self, reason: object) -> None:
        """Wait for nothing any more."""
        self._interpreter.interrupt()

    def initializeScreen(self) -> None:
        """Begin below what the operator's terminal shows already."""
        self.terminal.write(GREETING.encode() + self.ps[self.pn])
        self.setInsertMode()

    @property
    def waits(self) -> bool:
        """Say whether a line that was typed is not done yet."""
        return self._interpreter.waits

    # What the interpreter asks for.

    def write(self, text: str) -> None:
        """Show what is printed."""
        self.terminal.write(text.replace("\r\n", "\n").encode("utf-8", "replace"))

    complain = write

    def rest(self) -> None:
        """Ask for the next line, as the last one is done."""
        if not self.terminal.lastWrite.endswith(b"\n"):
            self.terminal.nextLine()
        self.terminal.write(self.ps[self.pn])
        self.terminal.go_on()

    def leave(self) -> None:
        """End the session."""
        self.terminal.loseConnection()

    # What is typed.

    def keystrokeReceived(self, keyID: Any, modifier: Any) -> None:
        """Take a key; Twisted itself knows those of ASCII only."""
        self._undecided = self._undecided and keyID == self.terminal.TAB
        if isinstance(keyID, bytes) and keyID >= b"\x80":
            if character := self._decoder.decode(keyID):
                self.characterReceived(character.encode(), False)
        elif keyID in self.keyHandlers or keyID in self._printableChars:
            super().keystrokeReceived(keyID, modifier)
        else:
            self.terminal.write(BELL)

    def lineReceived(self, line: bytes) -> None:
        """Run a line."""
        self.pn = int(self._interpreter.push(line))
        if not self.waits:
            self.rest()

    def handle_RETURN(self) -> None:
        """Run the line, and remember it."""
        line, history = b"".join(self.lineBuffer), self._seat.history
        if line.strip() and len(line) <= REMEMBERED and [line] != list(history)[-1:]:
            history.append(line)
        self._recall()
        RecvLine.handle_RETURN(self)

    def interrupt(self) -> None:
        """Give up the line, or what it waits for."""
        if self.waits:
            self._interpreter.interrupt()
            return
        self._interpreter.forget()
        self.lineBuffer = []
        self.lineBufferIndex = self.pn = 0
        self.write("\nKeyboardInterrupt\n")
        self.drawInputLine()

    def handle_TAB(self) -> None:
        """Complete what stands before the cursor; the second time, list what it may become."""
        typed = b"".join(self.lineBuffer[: self.lineBufferIndex]).decode()
        if not typed.strip():
            self._deliverBuffer(b" " * self.TABSTOP)
            return
        begun, choices = completions(typed, self._interpreter.names, self._seat.ids)
        more = commonprefix(choices)[len(begun) :]  # noqa: RUF071
        if more:
            self._deliverBuffer(more.encode())
        elif self._undecided:
            self.terminal.nextLine()
            self.write(listed(choices, self.width))
            self._draw()
        else:
            self.terminal.write(BELL)
        self._undecided = len(choices) > 1

    def _end(self) -> None:
        if self.lineBuffer:
            self.terminal.write(BELL)
        else:
            self.leave()

    def _clear(self) -> None:
        self.terminal.eraseDisplay()
        self.terminal.cursorHome()
        self._draw()

    def _draw(self) -> None:
        self.drawInputLine()
        if (after := len(self.lineBuffer) - self.lineBufferIndex) > 0:
            self.terminal.cursorBackward(after)

    def _delete_before(self) -> None:
        del self.lineBuffer[: self.lineBufferIndex]
        self.lineBufferIndex = 0
        self.terminal.write(b"\r")
        self.terminal.eraseToLineEnd()
        self._draw()

    def _delete_after(self) -> None:
        del self.lineBuffer[self.lineBufferIndex :]
        self.terminal.eraseToLineEnd()

    def _recall(self) -> None:
        self.historyLines = list(self._seat.history)
        self.historyPosition = len(self.historyLines)

    def _deliverBuffer(self, buf: bytes | list[bytes]) -> None:
        # Twisted tears characters into bytes here, and fails where it passes a list itself.
        line = buf if isinstance(buf, bytes) else b"".join(buf)
        for character in line.decode("utf-8", "ignore"):
            self.characterReceived(character.encode(), False)


class Terminal(insults.ServerProtocol):
    """A terminal at the other end of a connection.

    :param seat: whose it is.
    :param width: its columns.
    :param end: closes it.
    """

    transport: Any
    terminalProtocol: Prompt | None

    def __init__(self, seat: Seat, width: int, end: Callable[[], object]) -> None:
        super().__init__(Prompt, seat, width)
        self._end = end
        self._typed = bytearray()
        self._eof = False

    def dataReceived(self, data: bytes) -> None:
        """Take what is typed; while a line is not done, keep it. Ctrl-C does not wait."""
        if CTRL_C in data and self.terminalProtocol is not None and self._waits:
            self._typed.clear()
            data = data.rpartition(CTRL_C)[2]
            self.terminalProtocol.interrupt()
        self._typed += data[: max(0, AHEAD - len(self._typed))] if self._waits else data
        self.go_on()

    def eof(self) -> None:
        """End the session when everything that was typed is done."""
        self._eof = True
        self.go_on()

    def go_on(self) -> None:
        """Take what was typed meanwhile."""
        while self._typed and self.terminalProtocol is not None and not self._waits:
            key = bytes(self._typed[:1])
            del self._typed[:1]
            super().dataReceived(key)
        if self._eof and not self._waits:
            self.loseConnection()

    def loseConnection(self) -> None:
        """End the session; what it has shown stays on the screen."""
        if self.terminalProtocol is not None:
            self.resetModes([insults.modes.IRM])
            self.nextLine()
            self._end()

    @property
    def _waits(self) -> bool:
        return self.terminalProtocol is not None and self.terminalProtocol.waits


class Line:
    """Runs a single line.

    :param seat: whose it is.
    :param out: takes what it prints.
    :param err: takes what goes wrong.
    :param end: is called in the end, with whether that went well.
    """

    def __init__(
        self,
        seat: Seat,
        out: Callable[[str], object],
        err: Callable[[str], object],
        end: Callable[[bool], object],
    ) -> None:
        self._interpreter = Interpreter(self, seat)
        self._err = err
        self._end = end
        self._newline = True
        self._well = True
        self._out = out

    def run(self, source: str) -> None:
        """Run it."""
        if self._interpreter.run(source):
            self.complain("the line is not complete\n")
        if not self._interpreter.waits:
            self.rest()

    def interrupt(self) -> None:
        """Wait for nothing any more."""
        self._interpreter.interrupt()

    # What the interpreter asks for.

    def write(self, text: str) -> None:
        """Print something."""
        if text:
            self._newline = text.endswith("\n")
            self._out(text)

    def complain(self, text: str) -> None:
        """Tell what has gone wrong."""
        self._well = False
        self._err(text)

    def rest(self) -> None:
        """End, as the line is done."""
        if not self._newline:
            self._out("\n")
        self._end(self._well)

    def leave(self) -> None:
        """Do nothing: it ends anyway."""
