"""The JSON wire: what the server does when some seconds have passed."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.e2e.guests import PATIENCE, Door, Guest, door
from tests.e2e.wire_rows import covered_by, covers
from tests.service import Service, running

Scenario = Callable[[Door], None]

LATE = 5.0
"""Seconds that a busy machine may add to what the server waits."""


def after(seconds: float, began: float, happens: Callable[[], object]) -> None:
    """Check that something happens so many seconds after it began, no sooner and not much later.

    ``began`` is read before whatever makes it begin, so that a busy machine cannot make it sooner.
    """
    happens()
    assert seconds <= time.monotonic() - began < seconds + LATE


@covers("close 4008")
def hello_must_come_within_ten_seconds(entrance: Door) -> None:
    began = time.monotonic()
    late, prompt = entrance.silent(), entrance.guest()
    after(10, began, lambda: late.closed(PATIENCE))
    assert late.connection.close_code == 4008
    prompt.told_nothing()


@covers("< typing", "< stoppedTyping")
def typing_expires_after_five_seconds(entrance: Door) -> None:
    ada, bob, chat = entrance.pair(topics=["typing"], only=True)
    began = time.monotonic()
    ada.send("typing", chat=chat)
    bob.told("typing")
    after(5, began, lambda: bob.told("stoppedTyping"))
    ada.told_nothing()


@covers("< strangerReconnecting", "< strangerDisconnected", "reason timeout")
def a_goodbye_shortens_the_grace_to_five_seconds(entrance: Door) -> None:
    ada, bob, _ = entrance.pair(topics=["goodbye"], only=True)
    began = time.monotonic()
    bob.leave(1001)
    ada.told("strangerReconnecting")
    after(5, began, lambda: ada.told("strangerDisconnected"))


@covers("< guests")
def how_many_are_here_is_told_every_ten_seconds(entrance: Door) -> None:
    began = time.monotonic()
    ada = entrance.guest()
    assert ada.welcome["guests"] == 1
    entrance.guest()
    told: list[object] = []
    after(10, began, lambda: told.append(ada.told("guests")))
    assert told == [{"type": "guests", "count": 2}]


@covers("stage topics", "stage languages", "stage anyone", "< waiting", "< connected")
def wishes_shrink_by_stages(entrance: Door) -> None:
    ada = entrance.waiting(topics=["tea"], languages=["pl"])
    stubborn = entrance.waiting(topics=["zen"], only=True)
    dave = entrance.waiting(topics=["war"], languages=["de"])
    fay = entrance.waiting(topics=["art"], languages=["fr", "en"])
    gus = entrance.waiting(topics=["law"], languages=["en"])

    def stage(guest: Guest, name: str, since: float) -> None:
        waiting = guest.told("waiting")
        assert waiting["stage"] == name
        assert since <= waiting["since"] < since + LATE

    # After five seconds a language in common will do,
    for guest in (ada, dave, fay):
        stage(guest, "languages", 5)
    met = gus.told("connected")
    assert (met["commonLikes"], met["languages"]) == ([], ["en"])
    assert fay.told("connected") == met
    # after five more anybody will,
    stage(ada, "anyone", 10)
    met = dave.told("connected")
    assert (met["commonLikes"], met["languages"]) == ([], [])
    assert ada.told("connected") == met
    # and who insists waits on.
    stubborn.told_nothing()
    eve = entrance.guest()
    eve.send("start", topics=["ZEN"])
    assert eve.told("connected")["commonLikes"] == ["ZEN"]
    stubborn.told("connected")
    # By now it is known how long one waits: the median of 5, 5, 10, 10 and 10 seconds.
    hal = entrance.guest()
    hal.send("start")
    assert 9 < hal.told("waiting")["estimate"] < 10 + LATE


SHARED: tuple[Scenario, ...] = (
    hello_must_come_within_ten_seconds,
    typing_expires_after_five_seconds,
    a_goodbye_shortens_the_grace_to_five_seconds,
)
ALONE: tuple[Scenario, ...] = (how_many_are_here_is_told_every_ten_seconds, wishes_shrink_by_stages)
"""Those that need a service of their own."""


def play(scenario: Scenario, url: str) -> None:
    with door(url, covered_by(scenario)) as entrance:
        scenario(entrance)


def play_alone(scenario: Scenario) -> None:
    with running() as server:
        play(scenario, server.ws)


@pytest.fixture(scope="module")
def playing(server: Service) -> Iterator[dict[Scenario, Future[None]]]:
    """Have all scenarios play side by side, since each of them waits most of the time."""
    with ThreadPoolExecutor(len(SHARED) + len(ALONE)) as threads:
        yield {scenario: threads.submit(play, scenario, server.ws) for scenario in SHARED} | {
            scenario: threads.submit(play_alone, scenario) for scenario in ALONE
        }


@pytest.mark.parametrize("scenario", SHARED + ALONE, ids=lambda scenario: scenario.__name__)
def test_in_time(scenario: Scenario, playing: dict[Scenario, Future[None]]) -> None:
    playing[scenario].result()
