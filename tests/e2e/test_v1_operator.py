"""The JSON wire: what the operator does to guests."""

from collections.abc import Iterator

import pytest

from tests.e2e.guests import Door, door
from tests.e2e.wire_rows import covered_by, covers
from tests.operated import Operate, operated
from tests.service import Service


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Service, Operate]]:
    """Have a service, and a function that does what an operator does."""
    with operated() as house:
        yield house


@pytest.fixture
def operate(house: tuple[Service, Operate]) -> Operate:
    return house[1]


@pytest.fixture
def entrance(house: tuple[Service, Operate], request: pytest.FixtureRequest) -> Iterator[Door]:
    with door(house[0].ws, covered_by(request.function)) as opened:
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


@covers("error banned", "close 4003", "< strangerDisconnected", "reason kicked")
def test_who_is_banned_is_told_until_when_and_the_partner_is_told(
    entrance: Door, operate: Operate
) -> None:
    ada, bob, chat = entrance.pair()
    operate(f"ban {bob.welcome['guest']}")
    assert bob.refused("banned", None)["retryAfter"] == 3600
    assert bob.closed() == 4003
    gone = ada.told("strangerDisconnected")
    assert (gone["chat"], gone["reason"], gone["rematch"]) == (chat, "kicked", False)
    assert entrance.guest(resume=bob.token).welcome["resumed"] is False
