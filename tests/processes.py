"""Real processes for tests."""

import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

PATIENCE = 30.0
"""Seconds that a process has to become ready, and to end."""


@contextmanager
def running(command: Sequence[str], ready: str, folder: Path | None = None) -> Iterator[list[str]]:
    """Run a command in a folder, from when it prints a line with ``ready`` until SIGTERM ends it.

    Yields the lines that it prints; all are there when it has ended. Raises RuntimeError if it
    does not become ready, or ends with a status that is neither 0 nor SIGTERM's.
    """
    printed: list[str] = []
    settled = Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            printed.append(line)
            if ready in line:
                settled.set()
        settled.set()

    def complain(what: str) -> RuntimeError:
        return RuntimeError(f"{command[0]} {what}:\n{''.join(printed)}")

    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        reader = Thread(target=read)
        reader.start()
        try:
            settled.wait(PATIENCE)
            if not any(ready in line for line in printed):
                raise complain("did not become ready")
            yield printed
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join()
    if process.returncode not in (0, -signal.SIGTERM):
        raise complain(f"ended with status {process.returncode}")


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listened on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
