"""A network between the browser and the service that can fail."""

import socket
from contextlib import suppress
from threading import Thread


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
