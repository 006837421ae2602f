"""What the system holds for each connection that is accepted."""

import socket
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from zope.interface import implementer

from roulette.web.listening import RECEIVE_BUFFER, SEND_BUFFER, Discreet
from roulette.web.refusals import Refusals


class Port:
    """A port that listens on a socket of its own."""

    def __init__(self, listener: socket.socket) -> None:
        self.socket = listener


@implementer(IStreamServerEndpoint)
class Endpoint:
    """Listens on a socket that listens already."""

    def __init__(self, port: Any) -> None:
        self.port = port

    def listen(self, factory: IProtocolFactory) -> "Deferred[IListeningPort]":
        return succeed(self.port)


def test_who_is_accepted_has_small_buffers_and_is_sent_small_segments_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Discreet(Endpoint(Port(listener)), Refusals(Clock())).listen(Factory())
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                for which, size in (
                    (socket.SO_SNDBUF, SEND_BUFFER),
                    (socket.SO_RCVBUF, RECEIVE_BUFFER),
                ):
                    # Linux doubles it: socket(7).
                    assert accepted.getsockopt(socket.SOL_SOCKET, which) in {size, 2 * size}
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_listener_of_another_kind_is_left_as_it_is(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        Discreet(Endpoint(Port(listener)), Refusals(Clock())).listen(Factory())
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) in {
            SEND_BUFFER,
            2 * SEND_BUFFER,
        }
