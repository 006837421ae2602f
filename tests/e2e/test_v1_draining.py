"""The JSON wire when the service is to stop: what a real process tells, and how it ends."""

import signal
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.guests import PATIENCE, Door, Guest, door
from tests.e2e.wire_rows import covered_by, covers
from tests.service import Service, running

LONG = 60.0
"""Seconds that pairs have here: longer than any test takes."""

FOREWARNING = "The server stops in 60 seconds, and this chat with it."


@pytest.fixture
def stopping() -> Iterator[Service]:
    """Have a service whose pairs have all the time that they need."""
    with running("--drain-timeout", str(LONG)) as server:
        yield server
        assert server.process.popen.wait(PATIENCE) == 0


@pytest.fixture
def entrance(stopping: Service, request: pytest.FixtureRequest) -> Iterator[Door]:
    with door(stopping.ws, covered_by(request.function)) as opened:
        yield opened


def stop(server: Service, number: int = signal.SIGTERM) -> None:
    server.process.popen.send_signal(number)


def farewell(guest: Guest) -> tuple[int | None, str | None]:
    """Return the code and the reason with which the server closes."""
    code = guest.closed()
    return code, guest.connection.close_reason


def ready(server: Service) -> int:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as connection:
        connection.request("GET", "/readyz")
        with connection.getresponse() as answer:
            return answer.status


@covers("close 1012", "error draining", "< serverMessage")
def test_nobody_is_let_in_and_a_pair_goes_on_until_it_parts(
    stopping: Service, entrance: Door
) -> None:
    ada, bob, chat = entrance.pair()
    waiting, silent = entrance.waiting(topics=["x"], only=True), entrance.silent()
    assert ready(stopping) == 200
    stop(stopping)
    for guest in (ada, bob):
        assert guest.told("serverMessage")["text"] == FOREWARNING
    assert farewell(waiting) == (1012, "restarting")
    assert ready(stopping) == 503
    for newcomer in (silent, entrance.silent()):
        newcomer.send("hello")
        newcomer.refused("draining", "hello")
        assert farewell(newcomer) == (1012, "restarting")
    with pytest.raises(InvalidStatus, match="503"):
        entrance.plain()
    bob.drop()
    ada.told("strangerReconnecting")
    ada.tell(chat, "one last thing")
    back = entrance.guest(resume=bob.token, chat=chat, seq=0)
    assert back.told("gotMessage")["text"] == "one last thing"
    ada.told("strangerBack")
    ada.send("next", chat=chat)
    assert back.told("strangerDisconnected")["reason"] == "next"
    assert farewell(back) == farewell(ada) == (1012, "restarting")


@covers("close 1001", "reason shutdown")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_does_not_part_is_told_why(number: int, request: pytest.FixtureRequest) -> None:
    with (
        running("--drain-timeout", "0.5") as server,
        door(server.ws, covered_by(request.function)) as entrance,
    ):
        ada, bob, chat = entrance.pair()
        silent = entrance.silent()
        stop(server, number)
        for guest in (ada, bob):
            gone = guest.told("strangerDisconnected")
            assert (gone["chat"], gone["reason"], gone["rematch"]) == (chat, "shutdown", False)
            assert farewell(guest) == (1001, "shutting down")
        assert farewell(silent) == (1001, "shutting down")
        assert server.process.popen.wait(PATIENCE) == 0


def test_a_second_signal_ends_it_at_once(stopping: Service) -> None:
    with door(stopping.ws, set()) as here:
        here.pair()
        waiting = here.waiting(topics=["x"], only=True)
        stop(stopping)
        assert waiting.closed() == 1012
        stop(stopping)
        assert stopping.process.popen.wait(PATIENCE) == 0
