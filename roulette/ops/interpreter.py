"""Runs what operators type, and waits for what it stands for."""

import ast
import codeop
import sys
from collections.abc import Awaitable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from traceback import format_exception, format_exception_only, walk_tb
from types import CodeType
from typing import Any, Protocol

from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from roulette.ops.admin import BadCall
from roulette.ops.seat import Seat
from roulette.ops.table import heading, line
from roulette.ops.trace import Trace

FILE = "<console>"
"""What tracebacks call that which was typed."""


class Output(Protocol):
    """Where what is printed goes."""

    def write(self, text: str) -> object:
        """Take what is printed."""

    def complain(self, text: str) -> object:
        """Take what has gone wrong."""

    def rest(self) -> object:
        """Take note that nothing is waited for any more."""

    def leave(self) -> object:
        """End the session."""


class Interpreter:
    """Runs Python. What a line stands for is awaited if it can be; a trace is shown as it comes.

    A traceback is shown only where it leads beyond what was typed.

    :param output: where it prints.
    :param seat: whose it is; what it sets stays its own.
    """

    def __init__(self, output: Output, seat: Seat) -> None:
        self.names = dict(seat.namespace)
        self._unfinished = b""
        self._output = output
        self._seat = seat
        self._compile = codeop.CommandCompiler()
        self._compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._waiting: list[Deferred[None]] = []

    @property
    def waits(self) -> bool:
        """Say whether something is awaited."""
        return bool(self._waiting)

    def push(self, line: bytes) -> bool:
        """Run a line, or keep it and return True if more must follow."""
        source = self._unfinished + line
        more = self.run(source.decode())
        self._unfinished = source + b"\n" if more else b""
        return more

    def forget(self) -> None:
        """Forget lines to which more must follow."""
        self._unfinished = b""

    def run(self, source: str) -> bool:
        """Run what is complete; return True if it is not."""
        try:
            compiled = self._compile(source, FILE)
        except Exception as error:
            # Of code that is nested too deeply, more than SyntaxError.
            self._output.complain("".join(format_exception_only(error)))
            return False
        if compiled is None:
            return True
        if source.strip():
            self._seat.note(source)
            self._begin(self._run(compiled))
        return False

    def interrupt(self) -> None:
        """Wait no longer: coroutines are cancelled, and traces end."""
        for waiting in tuple(self._waiting):
            waiting.cancel()

    async def _run(self, compiled: CodeType) -> None:
        # Code that awaits something makes a coroutine.
        made = eval(compiled, self.names)
        if made is not None:
            await made

    def _show(self, value: object) -> None:
        if isinstance(value, Trace):
            self._output.write(f"{heading(value.rows[0])}\n")
            value.follow(lambda row: self._output.write(f"{line(row)}\n"))
            self._begin(self._count(value))
        elif isinstance(value, Awaitable):
            self._begin(self._show_later(value))
        elif value is not None:
            self.names["_"] = value
            self._output.write(f"{value!r}\n")

    async def _count(self, trace: Trace) -> None:
        self.names["_"] = rows = await trace
        self._output.write(f"({len(rows)})\n")

    async def _show_later(self, awaited: Awaitable[object]) -> None:
        self._show(await (_beside(awaited) if isinstance(awaited, Deferred) else awaited))

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        waiting = Deferred.fromCoroutine(self._steps(coroutine))
        if not waiting.called:
            self._waiting.append(waiting)
            waiting.addBoth(self._ended, waiting)

    def _ended(self, result: object, waiting: "Deferred[None]") -> None:
        self._waiting.remove(waiting)
        if not self._waiting:
            self._output.rest()

    def _steps(self, coroutine: Coroutine[Any, Any, None]) -> Generator[Any, Any, None]:
        step, value = coroutine.send, None
        while True:
            try:
                with self._printing():
                    awaited = step(value)
            except StopIteration:
                return
            except SystemExit:
                self._output.leave()
                return
            except BaseException as error:
                self._complain(error)
                return
            try:
                step, value = coroutine.send, (yield awaited)
            except Exception as error:
                step, value = coroutine.throw, error

    @contextmanager
    def _printing(self) -> Iterator[None]:
        before = sys.stdout, sys.displayhook
        sys.stdout, sys.displayhook = _Printed(self._output), self._show
        try:
            yield
        finally:
            sys.stdout, sys.displayhook = before

    def _complain(self, error: BaseException) -> None:
        shown = [*walk_tb(error.__traceback__)]
        ours = {FILE, __file__, defer.__file__}
        if isinstance(error, BadCall):
            told = [f"{error}\n"]
        elif isinstance(error, CancelledError):
            told = ["KeyboardInterrupt\n"]
        elif all(frame.f_code.co_filename in ours for frame, _ in shown):
            told = format_exception_only(error)
        else:
            told = format_exception(error)
        self._output.complain("".join(told))


class _Printed:
    """A file for ``print``."""

    def __init__(self, output: Output) -> None:
        self.write = output.write

    def flush(self) -> None:
        pass


def _beside(deferred: "Deferred[Any]") -> "Deferred[Any]":
    # It may be awaited elsewhere: what it brings is passed on, and to stop waiting cancels nothing.
    # A failure is shown, so it is not logged as one that nobody has seen.
    beside: Deferred[Any] = Deferred()

    def bring(result: Any) -> Any:
        beside.callback(result)
        return None if isinstance(result, Failure) else result

    deferred.addBoth(bring)
    return beside
