"""The JSON wire: what the operator does to guests."""

import shlex
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.guests import Door, door
from tests.e2e.serving import TWISTD, Server, on, started
from tests.e2e.wire_rows import covered_by, covers
from tests.processes import free_port

OPERATED = Path(__file__).with_name("operated.tac")

Operate = Callable[[str], None]


@pytest.fixture(scope="module")
def operated() -> Iterator[tuple[Server, Operate]]:
    """Have a service, and a function that does what an operator does."""
    port, own = free_port(), free_port()
    command = [
        "env",
        f"ROULETTE_OPTIONS={shlex.join(on(port))}",
        f"OPERATOR=tcp:{own}:interface=127.0.0.1",
        *(TWISTD, "-n", "--pidfile=", "-y", str(OPERATED)),
    ]

    def operate(line: str) -> None:
        with socket.create_connection(("127.0.0.1", own)) as connection:
            connection.sendall(f"{line}\n".encode())

    with started(command, port) as server:
        yield server, operate


@pytest.fixture
def operate(operated: tuple[Server, Operate]) -> Operate:
    return operated[1]


@pytest.fixture
def entrance(operated: tuple[Server, Operate], request: pytest.FixtureRequest) -> Iterator[Door]:
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
