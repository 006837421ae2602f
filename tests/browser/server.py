"""A real server for the browser, and a network between them that can fail."""

import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen

from tests.processes import PATIENCE, free_port


class Server:
    """A ``twistd`` process on a port of its own, run from a folder; can die and come back."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once /healthz answers."""
        twistd = Path(sys.executable).with_name("twistd")
        port = f"tcp:{self.port}:interface=127.0.0.1"
        log = (self._folder / "twistd.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [twistd, "-n", "--pidfile=", "roulette", "--port", port, *self._options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError((self._folder / "twistd.log").read_text())
            time.sleep(0.05)  # nothing tells that a port is open but trying it

    def kill(self) -> None:
        """End at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _healthy(self) -> bool:
        with (
            suppress(URLError, ConnectionError),
            urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=PATIENCE) as answer,
        ):
            return bool(answer.status == 200)
        return False


class Network:
    """A TCP proxy to a port; ``cut`` and ``mend`` it, or lose what comes back through it."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._whole = True
        self._deaf = False
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._whole = False
        while self._sockets:
            _shut(self._sockets.pop())

    def mend(self) -> None:
        """Let new connections through."""
        self._whole, self._deaf = True, False

    def lose_answers(self) -> None:
        """Lose what the server sends from now on."""
        self._deaf = True

    def close(self) -> None:
        """End for good."""
        self.cut()
        _shut(self._listener)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self._whole:
                    _shut(client)
                    continue
                server = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [client, server]
                Thread(target=self._pump, args=(client, server, False), daemon=True).start()
                Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not (answers and self._deaf):
                    sink.sendall(data)
        _shut(source)
        _shut(sink)


def _shut(end: socket.socket) -> None:
    # A reset: closing alone would not wake the thread that reads.
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
