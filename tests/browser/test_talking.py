"""People talk through the page."""

import re

from playwright.sync_api import expect

from tests.browser.tabs import Tabs

TEXTS = (
    "Zażółć gęślą jaźń",
    "مرحبا، كيف حالك؟",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇵🇱 👍🏽",
    "two\nlines, and  two spaces",
    "ł" * 2000,
    "👍" * 2000,
)


def test_two_browsers_talk(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say(*TEXTS)
    other.has_heard(*TEXTS)
    other.say(*TEXTS)
    one.has_heard(*TEXTS)
    one.has_said(*TEXTS)
    other.has_said(*TEXTS)
    expect(one.page.locator(".theirs time").first).to_have_text(re.compile(r"^\d\d:\d\d$"))


def test_two_tabs_of_one_browser_talk(tabs: Tabs) -> None:
    context = tabs.context()
    one, other = tabs.open(context), tabs.open(context)
    one.is_talking()
    one.say("hello")
    other.has_heard("hello")


def test_a_tab_opened_from_another_is_somebody_else(tabs: Tabs) -> None:
    one = tabs.open()
    with one.page.expect_popup():
        one.page.evaluate("void open(location.href)")
    one.is_talking()


def test_enter_sends_and_shift_enter_breaks_the_line(tabs: Tabs) -> None:
    one, other = tabs.pair()
    expect(one.input).to_be_focused()
    keyboard = one.page.keyboard
    keyboard.type("first")
    keyboard.press("Shift+Enter")
    keyboard.type("second")
    keyboard.press("Enter")
    other.has_heard("first\nsecond")
    keyboard.type("third")
    one.page.locator("#send").click()
    expect(one.input).to_be_focused()
    other.has_heard("first\nsecond", "third")


def test_everything_is_reached_by_keyboard(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("hello")
    one.input.press("Shift+Tab")
    expect(one.page.locator("#log")).to_be_focused()
    one.page.keyboard.press("Shift+Tab")
    expect(one.next).to_be_focused()
    one.page.keyboard.press("Enter")
    other.is_told("The stranger has left, to meet somebody else.")
    expect(one.input).to_be_focused()


def test_what_cannot_be_sent_stays_in_the_box(tabs: Tabs) -> None:
    one = tabs.open()
    notice = one.page.locator("#notice")
    one.is_told("Looking for a stranger")
    one.say("is anybody here?")
    expect(notice).to_contain_text("Nobody is here yet")
    expect(one.input).to_have_value("is anybody here?")
    other = tabs.open()
    one.is_talking()
    one.say("👍" * 2001)
    expect(notice).to_have_text("That message is too long: it may have 2,000 characters.")
    one.say("👍" * 2000)
    expect(notice).to_be_empty()
    other.has_heard("👍" * 2000)
    one.say(" \n")
    one.has_said("👍" * 2000)


def test_what_the_server_refuses_is_marked(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("\N{RIGHT-TO-LEFT OVERRIDE}")  # nothing is left of it when it is cleaned
    one.has_said("\N{RIGHT-TO-LEFT OVERRIDE}", mark="not sent")
    expect(one.page.locator("#notice")).to_contain_text("invalid_field")
    one.say("sorry")
    other.has_heard("sorry")


def test_everything_fits_on_a_phone(tabs: Tabs) -> None:
    phone = tabs.context(viewport={"width": 320, "height": 568}, is_mobile=True, has_touch=True)
    one, other = tabs.open(phone), tabs.open()
    one.is_talking()
    other.say("W" * 2000, "\N{COMBINING ENCLOSING CIRCLE BACKSLASH}" * 2000)
    one.say("M" * 2000, "bye")
    one.has_said("M" * 2000, "bye")
    assert one.page.evaluate("document.scrollingElement.scrollWidth") == 320
    for element in (one.toggle, one.next, one.input, one.page.locator("#send")):
        box = element.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert 0 <= box["x"] <= 320 - box["width"]
        assert 0 <= box["y"] <= 568 - box["height"]
    # The last thing said is in view, and stays so when the keyboard opens.
    expect(one.said.last).to_be_in_viewport()
    one.page.set_viewport_size({"width": 320, "height": 300})
    expect(one.said.last).to_be_in_viewport()


def test_who_reads_what_was_said_before_is_left_there(tabs: Tabs) -> None:
    one, other = tabs.pair()
    other.say(*"abcdefghijklmnopqrstuvwxyz")
    expect(one.heard.last).to_be_in_viewport()
    one.page.locator("#log").hover()
    one.page.mouse.wheel(0, -10_000)
    expect(one.heard.first).to_be_in_viewport()
    other.say("and more")
    expect(one.heard).to_have_count(27)
    expect(one.heard.first).to_be_in_viewport()
    one.say("I have read it")
    expect(one.said.last).to_be_in_viewport()
