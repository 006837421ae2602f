"""One goes, and the other is told, and decides what comes next."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import expect

from tests.browser.tabs import Tab, Tabs

MINUTE = re.compile(r"\((60|5\d) seconds\)")
HALF_A_MINUTE = re.compile(r"\((30|2\d) seconds\)")


def test_next_meets_the_next_who_comes(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("hello")
    other.has_heard("hello")
    one.next.click()
    one.has_said()
    other.is_told("The stranger has left, to meet somebody else.")
    third = tabs.enter()
    third.is_talking()
    one.is_talking()
    third.say("who is there?")
    one.has_heard("who is there?")
    # The other one stays with what was said until it wants to go on.
    other.has_heard("hello")
    fourth = tabs.enter()
    fourth.is_searching()
    other.input.press("Enter")
    other.is_talking()
    fourth.say("good evening")
    other.has_heard("good evening")


def test_cancel_leads_back_to_the_start(tabs: Tabs) -> None:
    one = tabs.enter("jazz")
    one.is_told("Looking for somebody who likes jazz…")
    expect(one.cancel).to_be_focused()
    one.cancel.click()
    one.is_at_the_start()
    expect(one.start).to_be_focused()
    one.start.click()
    one.is_searching()


def test_who_leaves_may_change_their_mind(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("hello")
    other.has_heard("hello")
    one.leave.click()
    one.is_told("You have left.")
    other.is_told("The stranger has left.")
    expect(other.rematch).to_have_text(MINUTE)
    one.rematch.click()
    expect(other.rematch).to_contain_text("The stranger would like to meet again")
    other.rematch.click()
    for tab in (one, other):
        tab.is_talking()
        expect(tab.log).to_contain_text("You have met this stranger before.")
    other.has_heard("hello")
    other.say("hello again")
    one.has_heard("hello again")


def test_an_offer_lasts_a_minute(tabs: Tabs) -> None:
    one, other = tabs.enter(context=tabs.context()), tabs.enter()
    one.is_talking()
    one.page.clock.install()
    other.leave.click()
    one.is_told("The stranger has left.")
    expect(one.rematch).to_have_text(MINUTE)
    one.page.clock.fast_forward("00:30")
    expect(one.rematch).to_have_text(HALF_A_MINUTE)
    other.rematch.click()
    expect(one.rematch).to_contain_text("The stranger would like to meet again")
    expect(one.rematch).to_be_visible()
    one.page.clock.fast_forward("01:00")
    expect(one.rematch).to_be_hidden()
    one.next.click()
    one.is_searching()
    # Who asked in vain goes on as well, and they meet nobody twice in a row.
    other.next.click()
    other.is_searching()
    one.is_searching()


def test_an_offer_reaches_who_searches(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.next.click()
    other.rematch.click()
    expect(other.rematch).to_contain_text("You have asked to meet again")
    one.rematch.click()
    one.is_talking()
    other.is_talking()


def test_leave_twice_leads_back_to_the_start(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.leave.click()
    one.close.click()
    one.is_at_the_start()
    other.is_told("The stranger has left.")
    other.close.click()
    other.is_at_the_start()


class TestBlocking:
    def answer(self, tab: Tab, name: str) -> None:
        tab.choose("Block")
        group = tab.page.get_by_role("group", name="Block this stranger?")
        expect(group.get_by_role("button").first).to_be_focused()
        group.get_by_role("button", name=name, exact=True).click()

    def test_who_is_blocked_is_not_met_again(self, tabs: Tabs) -> None:
        one, other = tabs.pair()
        self.answer(one, "Stay")
        one.is_talking()
        self.answer(one, "Block and meet another")
        one.is_told("You have blocked this stranger, and will not meet again. Looking for")
        other.is_told("The stranger has left.")
        other.next.click()
        other.is_searching()
        # A third person meets one of them, who sees it, and the other goes on waiting.
        third = tabs.enter()
        third.say("hello")
        third.has_said("hello", mark="seen")
        searching = [tab for tab in (one, other) if "Looking" in (tab.status.text_content() or "")]
        assert len(searching) == 1

    def test_a_block_may_come_late(self, tabs: Tabs) -> None:
        one, other = tabs.pair()
        other.leave.click()
        one.is_told("The stranger has left.")
        self.answer(one, "Block and stop")
        one.is_told("You have blocked this stranger")
        expect(one.rematch).to_be_hidden()


def test_a_long_chat_is_not_left_by_mistake(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say(*"abcdefghijk")
    other.has_heard(*"abcdefghijk")
    question = one.page.get_by_role("group", name="Leave this chat")
    one.next.click()
    expect(question).to_be_visible()
    one.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(one.input).to_be_focused()
    one.next.click()
    one.page.keyboard.press("Enter")
    other.is_told("The stranger has left, to meet somebody else.")
    expect(one.cancel).to_be_focused()


def test_escape_twice_is_next(tabs: Tabs) -> None:
    one, other = tabs.enter(context=tabs.context()), tabs.enter()
    one.is_talking()
    clock = one.page.clock
    clock.install()
    clock.pause_at(datetime.now() + timedelta(hours=1))
    one.page.keyboard.press("Escape")
    expect(one.notice).to_have_text("Press Esc once more to meet somebody else.")
    clock.run_for("00:02")
    expect(one.notice).to_be_empty()
    one.page.keyboard.press("Escape")
    one.is_talking()
    one.page.keyboard.press("Escape")
    other.is_told("The stranger has left, to meet somebody else.")
