"""The prompt of the admin shell, and the same for a single line.

Importing this installs the reactor, since ``twisted.conch.manhole`` does.
"""

import code
import inspect
import pydoc
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from traceback import format_exception_only, walk_tb
from types import CodeType, TracebackType
from typing import Any

from twisted.conch.insults import insults
from twisted.conch.manhole import Manhole, ManholeInterpreter
from twisted.internet.error import ProcessDone
from twisted.python.failure import Failure

from roulette.ops.admin import Admin, BadCall
from roulette.ops.table import Text

GREETING = "help() names what can be asked here; Ctrl-D ends.\n"


class Help:
    """Names what there is.

    :param namespace: what there is, by name.
    """

    def __init__(self, namespace: Mapping[str, object]) -> None:
        self._namespace = namespace

    def __call__(self, *about: object) -> Text:
        """Name everything, or tell all about one thing."""
        if about:
            return Text("\n".join(pydoc.plain(pydoc.render_doc(thing)) for thing in about))
        lines = list(self._lines())
        width = max(len(name) for name, _ in lines)
        return Text("\n".join(f"{name:{width}}  {says}" for name, says in lines))

    __repr__ = __call__

    def _lines(self) -> Iterator[tuple[str, str]]:
        for name, thing in self._namespace.items():
            yield name, _first_line(type(thing))
            if isinstance(thing, Admin):
                for verb, method in vars(Admin).items():
                    if not verb.startswith("_"):
                        _self, *parameters = inspect.signature(method).parameters
                        yield f"{name}.{verb}({', '.join(parameters)})", _first_line(method)
        yield "help(thing)", "Tell all about one thing."


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


class Interpreter(ManholeInterpreter):
    """Runs what is typed; ``failed`` says whether anything has gone wrong.

    A traceback is shown only where it leads beyond what was typed.
    """

    failed = False

    def runcode(self, code: CodeType) -> None:
        """Run a line; ``exit()`` ends the session and not the server."""
        try:
            super().runcode(code)
        except SystemExit:
            self.handler.handle_QUIT()

    def excepthook(
        self,
        excType: type[BaseException],
        excValue: BaseException,
        excTraceback: TracebackType,
    ) -> None:
        """Tell what has gone wrong, in one line if the line that was typed is at fault."""
        self.failed = True
        files = {frame.f_code.co_filename for frame, _ in walk_tb(excTraceback)}
        if isinstance(excValue, BadCall):
            self.write(f"{excValue}\n")
        elif files <= {self.filename, code.__file__}:
            self.write("".join(format_exception_only(excValue)))
        else:
            super().excepthook(excType, excValue, excTraceback)

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Tell that a line is no Python."""
        self.failed = True
        super().showsyntaxerror(*args, **kwargs)


class Prompt(Manhole):
    """A prompt on a terminal."""

    def connectionMade(self) -> None:
        """Greet, and begin."""
        super().connectionMade()
        self.interpreter = Interpreter(self, self.namespace)
        self._decoder = getincrementaldecoder("utf-8")("ignore")

    def initializeScreen(self) -> None:
        """Begin below what the operator's terminal shows already."""
        self.terminal.write(GREETING.encode() + self.ps[self.pn])
        self.setInsertMode()

    def keystrokeReceived(self, keyID: Any, modifier: Any) -> None:
        """Take a key; Twisted itself knows those of ASCII only."""
        if isinstance(keyID, bytes) and keyID >= b"\x80":
            if character := self._decoder.decode(keyID):
                self.characterReceived(character.encode(), False)
        else:
            super().keystrokeReceived(keyID, modifier)

    def _deliverBuffer(self, buf: bytes | list[bytes]) -> None:
        # Twisted tears characters into bytes here, and fails where it passes a list itself.
        line = buf if isinstance(buf, bytes) else b"".join(buf)
        for character in line.decode("utf-8", "ignore"):
            self.characterReceived(character.encode(), False)


class Terminal(insults.ServerProtocol):
    """A terminal at the other end of an SSH channel."""

    transport: Any

    def dataReceived(self, data: bytes) -> None:
        """Take what is typed, until the session has ended."""
        for byte in data:
            if self.terminalProtocol is not None:
                super().dataReceived(bytes([byte]))

    def loseConnection(self) -> None:
        """End the session; what it has shown stays on the screen."""
        if self.terminalProtocol is not None:
            self.resetModes([insults.modes.IRM])
            self.nextLine()
            self.transport.processEnded(Failure(ProcessDone(0)))


class _Line:
    """Stands in for the prompt when a single line is run."""

    def __init__(self) -> None:
        self.output = ""

    def addOutput(self, data: str, isAsync: bool | None = None) -> None:
        self.output += data

    def handle_QUIT(self) -> None:
        pass


def run_line(source: str, namespace: Mapping[str, object]) -> tuple[str, bool]:
    """Run one line; return what it prints, and whether that went well."""
    line = _Line()
    interpreter = Interpreter(line, dict(namespace), "<ssh>")
    if interpreter.runsource(source, interpreter.filename):
        return "the line is not complete\n", False
    if line.output and not line.output.endswith("\n"):
        line.output += "\n"
    return line.output, not interpreter.failed
