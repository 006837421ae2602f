import socket
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from roulette.web.lag import lag
from tests.memory import Make


class Plain:
    """What of Twisted's transport is looked at."""

    def __init__(self, ours: socket.socket) -> None:
        self.dataBuffer, self.offset, self._tempDataLen = b"abcdef", 2, 10
        self.getHandle = lambda: ours


class Fast:
    """What of uvloop's is."""

    def __init__(self, ours: socket.socket) -> None:
        self.get_write_buffer_size = lambda: 14
        self.getHandle = lambda: ours


@pytest.fixture
def ours() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        accepted, _ = server.accept()
        with theirs, accepted:
            yield accepted


@pytest.mark.parametrize("kind", [Plain, Fast])
def test_what_waits_here_and_in_the_system_is_added(
    ours: socket.socket, kind: type[Plain | Fast]
) -> None:
    connection = SimpleNamespace(transport=kind(ours), autoPingPending=None)
    assert lag(connection) == (14, 0.0)
    ours.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            ours.send(bytes(1 << 20))
    unread, _ = lag(connection)
    assert unread > 14
    # TLS stands between.
    connection.transport = SimpleNamespace(transport=connection.transport)
    assert lag(connection)[0] > 14
    ours.close()
    assert lag(connection) == (14, 0.0)


def test_a_ping_waits_to_be_answered(bring_up: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    world = bring_up()
    client = world.connect()
    (server,) = world.factory.clients
    assert lag(server) == (0, 0.0)
    monkeypatch.setattr(client, "onPing", lambda payload: None)
    world.advance(20)
    assert server.autoPingPending
    unread, unanswered = lag(server)
    assert unread == 0
    assert 0.0 < unanswered < 20
    monkeypatch.undo()
    client.sendPong(server.autoPingPending)
    world.flush()
    assert lag(server) == (0, 0.0)
