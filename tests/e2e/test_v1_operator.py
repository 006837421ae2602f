"""The JSON wire: what the operator does to guests."""

import shlex
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.guests import Door, door
from tests.e2e.wire_rows import covered_by, covers
from tests.service import TWISTD, Service, on, started

OPERATED = Path(__file__).with_name("operated.tac")

Operate = Callable[[str], None]


@pytest.fixture(scope="module")
def operated() -> Iterator[tuple[Service, Operate]]:
    """Have a service, and a function that does what an operator does."""
    command = [
        "env",
        f"ROULETTE_OPTIONS={shlex.join(on())}",
        "OPERATOR=tcp:0:interface=127.0.0.1",
        *(TWISTD, "-n", "--pidfile=", "-y", str(OPERATED)),
    ]

    with started(command) as server:
        port = server.port_of("Factory")

        def operate(line: str) -> None:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(f"{line}\n".encode())

        yield server, operate


@pytest.fixture
def operate(operated: tuple[Service, Operate]) -> Operate:
    return operated[1]


@pytest.fixture
def entrance(operated: tuple[Service, Operate], request: pytest.FixtureRequest) -> Iterator[Door]:
    with door(operated[0].ws, covered_by(request.function)) as opened:
        yield opened


@covers("< serverMessage")
def test_everybody_hears_an_announcement(entrance: Door, operate: Operate) -> None:
    plain, ada, bob = entrance.plain(), entrance.guest(), entrance.waiting(topics=["x"], only=True)
    plain.hear()
    operate("announce We close at midnight. Dobranoc! 👋")
    for guest in (ada, bob):
        assert guest.told("serverMessage")["text"] == "We close at midnight. Dobranoc! 👋"
    assert plain.hear() == "* We close at midnight. Dobranoc! 👋"


@covers("close 1008", "< strangerDisconnected", "reason kicked")
def test_who_is_kicked_is_gone_and_the_partner_is_told(entrance: Door, operate: Operate) -> None:
    ada, bob, chat = entrance.pair()
    operate(f"kick {bob.welcome['guest']}")
    assert bob.closed() == 1008
    gone = ada.told("strangerDisconnected")
    assert (gone["chat"], gone["reason"], gone["rematch"]) == (chat, "kicked", False)
    assert entrance.guest(resume=bob.token).welcome["resumed"] is False
