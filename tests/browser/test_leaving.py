"""One goes, and the other is told and meets the next who comes."""

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import PAUSE, Tabs


def test_next_meets_the_next_who_comes(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("hello")
    other.has_heard("hello")
    # Its time stands still, so it does not go on before it shall.
    other.page.clock.install(time=0)
    other.page.clock.pause_at(1)
    one.next.click()
    one.has_said()
    other.is_told("The stranger has left, to meet somebody else.")
    third = tabs.open()
    third.is_talking()
    one.is_talking()
    third.say("who is there?")
    one.has_heard("who is there?")
    other.has_heard("hello")
    # The other one goes on by itself, keeps what was said, and is shown where it ended.
    fourth = tabs.open()
    other.page.clock.run_for(PAUSE)
    other.is_talking()
    expect(other.page.locator(".line")).to_have_text(
        "The stranger has left, to meet somebody else."
    )
    fourth.say("good evening")
    other.has_heard("hello", "good evening")


class TestClosing:
    @pytest.fixture
    def grace(self) -> float:
        return 2

    def test_who_closes_the_tab_is_gone_after_the_grace(self, tabs: Tabs) -> None:
        one, other = tabs.pair()
        one.page.close()
        other.is_told("The stranger has lost the connection and may come back.")
        other.is_told("The stranger’s connection is lost.")
        other.next.click()
        other.is_told("Looking for a stranger")
        tabs.open().is_talking()
        other.is_talking()


def test_who_writes_is_not_hurried_on(tabs: Tabs) -> None:
    one, other = tabs.pair()
    other.page.clock.install()
    other.input.fill("wait, I")
    one.toggle.click()
    other.is_told("The stranger has left.")
    other.page.clock.run_for(10_000)
    other.is_told("The stranger has left.")
    other.input.fill("")
    other.page.clock.run_for(10_000)
    other.is_told("Looking for a stranger")


def test_stop_and_start(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.toggle.click()
    other.is_told("The stranger has left.")
    one.is_told("You have stopped.")
    expect(one.toggle).to_have_text("Start")
    one.toggle.click()
    one.is_told("Looking for a stranger")
    one.toggle.click()
    one.is_told("You have stopped.")
    one.page.reload()
    one.is_told("Looking for a stranger")
    tabs.open().is_talking()
    one.is_talking()
