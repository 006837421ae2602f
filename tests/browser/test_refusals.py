"""The server takes no more, or sends somebody away: the page says so, and makes the best of it."""

from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from roulette.ops.ban_file import Ban, BanFile
from roulette.ops.pseudonyms import Pseudonyms
from tests.browser.gate import Gate
from tests.browser.tabs import Tab, Tabs
from tests.service import running


@pytest.fixture
def gated(tabs: Tabs) -> tuple[Tab, Gate]:
    """The first view, behind a gate."""
    context = tabs.context()
    gate = Gate(context)
    return tabs.open(context), gate


def test_what_was_too_fast_is_sent_later(tabs: Tabs, gated: tuple[Tab, Gate]) -> None:
    one, gate = gated
    clock = one.page.clock
    clock.install()
    gate.refuse("start", "rate_limited", retryAfter=60)
    one.enter()
    expect(one.notice).to_have_text("Not so fast. It goes on by itself in a moment.")
    other = tabs.enter()
    other.is_searching()
    one.is_searching()
    clock.fast_forward("01:01")
    other.is_talking()
    one.is_talking()
    expect(one.notice).to_be_empty()
    gate.refuse("message", "rate_limited", retryAfter=60)
    one.say("one")
    expect(one.notice).to_have_text("Not so fast. It goes on by itself in a moment.")
    one.say("two")
    one.has_said("one", "two", mark="waiting…")
    clock.fast_forward("00:30")
    one.has_said("one", "two", mark="waiting…")
    clock.fast_forward("00:32")
    one.has_said("one", "two")
    other.has_heard("one", "two")
    gate.refuse("message", "invalid_field")
    one.say("three")
    expect(one.marks.last).to_have_text("not sent")
    one.button("Send again").click()
    one.has_said("one", "two", "three")
    other.has_heard("one", "two", "three")
    gate.refuse("next", "rate_limited", retryAfter=60)
    one.next.click()
    one.is_searching()
    other.is_talking()
    clock.fast_forward("01:01")
    other.is_told("The stranger has left, to meet somebody else.")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("server_full", "The server is full. Try again later."),
        ("draining", "The server is about to restart. Try again in a minute."),
    ],
)
def test_who_is_not_let_in_may_try_again(gated: tuple[Tab, Gate], code: str, words: str) -> None:
    one, gate = gated
    gate.refuse("start", code)
    one.enter()
    expect(one.notice).to_have_text(words)
    expect(one.start).to_be_visible()
    one.start.click()
    one.is_searching()


def test_every_close_is_told_in_words(tabs: Tabs, gated: tuple[Tab, Gate]) -> None:
    one, gate = gated
    one.enter()
    one.is_searching()
    one.page.clock.install()
    for code, words in (
        (1001, "The server is stopping. Reconnecting…"),
        (1012, "The server is restarting. Reconnecting…"),
        (1013, "The server is full. Trying again…"),
        (4009, "Your connection was too slow. Reconnecting…"),
        (4029, "That was too fast. Reconnecting in a while…"),
        (1006, "There is no connection. Trying again…"),
    ):
        gate.close(code)
        one.is_told(words)
        one.page.clock.fast_forward("00:30")
        one.is_searching()
    gate.close(4003)
    one.is_told("You are banned from this server.")
    one.page.clock.fast_forward("10:00")
    one.is_told("You are banned from this server.")
    # Whoever wants to knows best whether it is worth another try.
    one.start.click()
    one.is_searching()


def test_who_is_banned_is_told_so_when_it_comes(browser: Browser, tmp_path: Path) -> None:
    with closing(BanFile(tmp_path)) as file:
        here = Pseudonyms(file.key).of_text("127.0.0.1")
        file.add(Ban(None, (here,), "", 0.0, None))
    with running("--state", str(tmp_path)) as server:
        tabs = Tabs(browser, server.url)
        tabs.may_lose_connection = True
        one = tabs.open()
        one.is_told("You are banned from this server.")
        expect(one.start).to_be_visible()
        tabs.check()
