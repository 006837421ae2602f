"""A socket that outlives the service, as systemd's does: nobody who calls is turned away."""

import signal
import socket
from contextlib import AbstractContextManager

from tests.e2e.guests import PATIENCE, door
from tests.manager import serving_on
from tests.service import Service, started


def serving(held: socket.socket) -> AbstractContextManager[Service]:
    """Run the service on a socket that stays open when it ends; pairs are given much time."""
    return started(serving_on(held, "--drain-timeout", "60"), keeping=[held.fileno()])


def test_who_calls_while_one_service_drains_is_served_by_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held, serving(held) as old:
        port = held.getsockname()[1]
        with door(old.ws, set()) as entrance:
            ada, bob, chat = entrance.pair()
            waiting = entrance.waiting(topics=["x"], only=True)
            old.process.popen.send_signal(signal.SIGTERM)
            assert waiting.closed() == 1012
            for guest in (ada, bob):
                guest.told("serverMessage")
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as caller:
                caller.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                with serving(held), door(old.ws, set()) as new:
                    # The old one would have said 503.
                    assert caller.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
                    assert new.guest().welcome["guests"] == 1
                    ada.tell(chat, "still here")
                    assert bob.told("gotMessage")["text"] == "still here"
                    ada.send("disconnect", chat=chat)
                    assert ada.closed() == bob.closed() == 1012
            assert old.process.popen.wait(PATIENCE) == 0
