"""Real processes for tests."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from select import select
from threading import Event, Thread

PATIENCE = 30.0
"""Seconds that a process has to become ready, and to end."""


class Process:
    """A process that runs, and the lines that it has printed; all are there when it has ended."""

    def __init__(
        self, command: Sequence[str], folder: Path | None, keeping: Sequence[int] = ()
    ) -> None:
        self.printed: list[str] = []
        self.may_end_with = {0, -signal.SIGTERM}
        self.popen = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=keeping,
        )

    @property
    def log(self) -> str:
        """Return all that it has printed so far."""
        return "".join(self.printed)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self.may_end_with = {-signal.SIGKILL}
        self.popen.kill()
        self.popen.wait()


@contextmanager
def running(
    command: Sequence[str], ready: str, folder: Path | None = None, *, keeping: Sequence[int] = ()
) -> Iterator[Process]:
    """Run a command in a folder, from when it prints a line with ``ready`` until SIGTERM ends it.

    It inherits the descriptors in ``keeping``.
    Raises RuntimeError if it does not become ready, or ends with a status that is neither 0 nor
    SIGTERM's.
    """
    process = Process(command, folder, keeping)
    settled = Event()

    def read() -> None:
        assert process.popen.stdout is not None
        for printed in process.popen.stdout:
            # As it is: no other bytes are made into line ends.
            line = printed.decode(errors="backslashreplace")
            process.printed.append(line)
            if ready in line:
                settled.set()
        settled.set()

    def complain(what: str) -> RuntimeError:
        return RuntimeError(f"{command[0]} {what}:\n{process.log}")

    with process.popen as popen:
        reader = Thread(target=read)
        reader.start()
        try:
            settled.wait(PATIENCE)
            if not any(ready in line for line in process.printed):
                raise complain("did not become ready")
            yield process
        finally:
            popen.terminate()
            try:
                popen.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                popen.kill()
            reader.join()
    if popen.returncode not in process.may_end_with:
        raise complain(f"ended with status {popen.returncode}")


@contextmanager
def outlived() -> Iterator[int]:
    """Yield a descriptor to hand to a process; in the end wait until all who inherited it end."""
    ours, theirs = os.pipe()
    try:
        yield theirs
    finally:
        os.close(theirs)
        ended, _, _ = select([ours], [], [], PATIENCE)
        os.close(ours)
    assert ended, "something goes on running"


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listened on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
