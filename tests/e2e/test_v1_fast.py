"""The JSON wire: who is too fast, and who does not read."""

import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.request import urlopen

import pytest

from tests.e2e.guests import PATIENCE, Door, door
from tests.e2e.wire_rows import covered_by, covers
from tests.faults.attacker import PLAIN_UPGRADE, attacker, frame
from tests.faults.crowd import PING, TEXT, UPGRADE, masked
from tests.service import REACTORS, Service, running

PINGS = frame(PING, b"p" * 125) * 6_000


@pytest.fixture(scope="module", params=REACTORS)
def limited(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Have a service with the limits that guests have if nothing is said."""
    rates = ("--message-rate", "5", "--skip-rate", "1", "--frame-rate", "50")
    with running(*rates, reactor=request.param) as server:
        yield server


@pytest.fixture
def inside(limited: Service, request: pytest.FixtureRequest) -> Iterator[Door]:
    """Have a door to that service."""
    with door(limited.ws, covered_by(request.function)) as opened:
        yield opened


@covers("error rate_limited")
def test_who_says_too_much_is_told_when_to_say_it_and_can(inside: Door) -> None:
    ada, bob, chat = inside.pair()
    began = time.monotonic()
    for number in range(1, 101):
        ada.tell(chat, f"word {number}")
    error = ada.refused("rate_limited", "message")
    said = int(error["id"]) - 1
    # While they are sent, a few more come to be allowed.
    assert 20 <= said <= 20 + 5 * (time.monotonic() - began)
    assert 0 < error["retryAfter"] <= 0.2
    for number in range(1, said + 1):
        assert bob.told("gotMessage")["text"] == f"word {number}"


@covers("error rate_limited")
def test_who_skips_too_fast_is_idle_for_a_moment(inside: Door) -> None:
    ada = inside.guest()
    began = time.monotonic()
    for _ in range(40):
        ada.send("start")
        ada.send("cancel")
    searched = 0
    while (frame := ada.told_one_of("waiting", "error"))["type"] == "waiting":
        ada.told("idle")
        searched += 1
    assert 5 <= searched <= 5 + (time.monotonic() - began)
    assert (frame["code"], frame["ref"]) == ("rate_limited", "start")
    assert 0 < frame["retryAfter"] <= 1.0


@covers("close 4029")
def test_who_sends_too_many_frames_is_closed(limited: Service, inside: Door) -> None:
    # More than may come at once, and not so many that it is hung up on before it has read why.
    with attacker(limited.port, upgrade=False) as hasty:
        hasty.upgrade(UPGRADE)
        hasty.send(masked(TEXT, b'{"type":"hello"}') + masked(TEXT, b'{"type":"cancel"}') * 700)
        code = hasty.closed()
    inside.rows.add(f"close {code}")
    assert code == 4029


@covers("close 4009")
def test_who_does_not_read_is_closed(server: Service, entrance: Door) -> None:
    # It is dropped if it does not read why in time, for which a busy machine may be too slow.
    codes = [does_not_read(server)]
    while codes[-1] is None and len(codes) < 5:
        codes.append(does_not_read(server))
    entrance.rows.add(f"close {codes[-1]}")
    assert codes[-1] == 4009


def does_not_read(server: Service) -> int | None:
    """Ask for pongs and read none of them for a while; return the code with which that ends.

    None if the server hangs up without one, or has not got to what was asked.
    """
    with attacker(server.port, buffer=65536, upgrade=False) as attacking:
        attacking.upgrade(PLAIN_UPGRADE)  # which waits for no hello
        attacking.send(PINGS)
        for _ in range(15):
            # With each, it has read more of the pings.
            with urlopen(f"{server.url}/healthz", timeout=PATIENCE) as answer:
                assert answer.status == 200
        attacking.socket.settimeout(5.0)
        with suppress(TimeoutError):
            return attacking.closed()
    return None
