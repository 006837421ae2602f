"""People talk through the page."""

import re

from playwright.sync_api import expect

from tests.browser.tabs import Tab, Tabs

TEXTS = (
    "Zażółć gęślą jaźń",
    "مرحبا، كيف حالك؟",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇵🇱 👍🏽",
    "two\nlines, and  two spaces",
    "ł" * 2000,
    "👍" * 2000,
)


def test_two_browsers_talk(tabs: Tabs) -> None:
    one, other = (tabs.enter(context=tabs.context()) for _ in range(2))
    one.is_talking()
    one.say(*TEXTS)
    other.has_heard(*TEXTS)
    other.say(*TEXTS)
    one.has_heard(*TEXTS)
    one.has_said(*TEXTS)
    other.has_said(*TEXTS)
    clock = one.page.locator(".theirs time").first
    expect(clock).to_have_text(re.compile(r"^\d\d:\d\d$"))
    sizes = one.heard.evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert [size > sizes[0] for size in sizes] == [False, False, True, False, False, False]
    with one.page.expect_download() as saved:
        one.choose("Save transcript")
    assert saved.value.suggested_filename == "roulette.txt"
    transcript = re.sub(r"\[\d\d:\d\d\]", "[]", saved.value.path().read_text(encoding="utf-8"))
    assert transcript.splitlines() == "\n".join(
        [
            "You have met a stranger. You both speak English.",
            *(f"[] You: {text}" for text in TEXTS),
            *(f"[] Stranger: {text}" for text in TEXTS),
        ]
    ).split("\n")


def test_the_stranger_is_told_without_words(tabs: Tabs) -> None:
    one, other = tabs.enter(), tabs.enter(context=tabs.context())
    one.is_talking()
    other.page.clock.install()
    one.page.keyboard.type("h")
    expect(other.detail).to_have_text("The stranger is writing…")
    one.input.fill("")
    expect(other.detail).to_be_empty()
    other.page.keyboard.type("h")
    expect(one.detail).to_have_text("The stranger is writing…")
    other.page.clock.fast_forward("00:05")
    expect(one.detail).to_be_empty()
    other.page.keyboard.type("i")
    expect(one.detail).to_have_text("The stranger is writing…")
    other.page.keyboard.press("Enter")
    one.has_heard("hi")
    expect(one.detail).to_be_empty()
    other.look_away()
    one.say("are you there?")
    other.has_heard("are you there?")
    other.page.clock.fast_forward("00:40")
    one.has_said("are you there?", mark="sent")
    one.is_talking()
    other.page.clock.fast_forward("00:21")
    one.is_told("The stranger is looking elsewhere.")
    one.has_said("are you there?", mark="sent")
    other.look_back()
    one.is_talking()
    one.has_said("are you there?", mark="seen")


def test_two_tabs_of_one_browser_talk(tabs: Tabs) -> None:
    context = tabs.context()
    one, other = tabs.enter(context=context), tabs.enter(context=context)
    one.is_talking()
    one.say("hello")
    other.has_heard("hello")


def test_a_tab_opened_from_another_is_somebody_else(tabs: Tabs) -> None:
    one = tabs.enter()
    one.is_searching()
    with one.page.expect_popup() as popup:
        one.page.evaluate("void open(location.href)")
    other = Tab(popup.value)
    expect(other.consent).to_be_checked()
    other.start.click()
    one.is_talking()
    other.is_talking()


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
    one.send.click()
    expect(one.input).to_be_focused()
    other.has_heard("first\nsecond", "third")
    # With an input method Enter chooses a word; with some it comes when that is done, as 229.
    device = one.page.context.new_cdp_session(one.page)
    device.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    for kind in ("rawKeyDown", "keyUp"):
        device.send("Input.dispatchKeyEvent", {"type": kind, **enter})
    device.send("Input.insertText", {"text": "日本"})
    one.input.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    expect(one.input).to_have_value("日本")
    keyboard.press("Enter")
    other.has_heard("first\nsecond", "third", "日本")


def test_everything_is_reached_by_keyboard(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("hello")
    one.input.press("Shift+Tab")
    expect(one.next).to_be_focused()
    one.page.keyboard.press("Shift+Tab")
    expect(one.log).to_be_focused()
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    other.is_told("The stranger has left, to meet somebody else.")
    expect(one.cancel).to_be_focused()


def test_what_cannot_be_sent_stays_in_the_box(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("👍" * 2001)
    expect(one.notice).to_have_text("That message is too long: it may have 2,000 characters.")
    expect(one.input).to_have_value("👍" * 2001)
    one.say("👍" * 2000)
    expect(one.notice).to_be_empty()
    other.has_heard("👍" * 2000)
    one.say(" \n", "\N{RIGHT-TO-LEFT OVERRIDE}")
    one.has_said("👍" * 2000)
    other.leave.click()
    one.is_told("The stranger has left.")
    one.say("wait!")
    expect(one.notice).to_contain_text("Nobody is here to read it")
    expect(one.input).to_have_value("wait!")


def test_the_limit_is_counted_as_the_server_counts(tabs: Tabs) -> None:
    one, _ = tabs.pair()
    count = one.page.locator("#count")
    one.input.fill("👍" * 1800)
    expect(count).to_be_hidden()
    one.input.fill("👍" * 1999 + "\N{RIGHT-TO-LEFT OVERRIDE}")
    expect(count).to_have_text("Characters left: 1")
    one.input.fill("👍" * 2001)
    expect(count).to_have_text("Characters too many: 1")


def test_nobody_searches_without_consent(tabs: Tabs) -> None:
    one = tabs.open()
    one.is_at_the_start()
    one.start.click()
    expect(one.notice).to_contain_text("Please confirm first")
    expect(one.notice).to_have_class("bad")
    expect(one.consent).to_be_focused()
    one.is_at_the_start()
    one.consent.check()
    expect(one.notice).to_be_empty()
    one.enter()
    one.is_searching()


def test_a_link_is_one_when_both_have_written(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("see https://example.org/a(b)?c=1#d, or javascript:alert(1)")
    other.has_heard("see https://example.org/a(b)?c=1#d, or javascript:alert(1)")
    links = other.log.get_by_role("link")
    expect(links).to_have_count(0)
    other.say("I see")
    expect(links).to_have_text(["https://example.org/a(b)?c=1#d"])
    expect(links).to_have_attribute("href", "https://example.org/a(b)?c=1#d")
    expect(links).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(links).to_have_attribute("target", "_blank")
    other.has_heard("see https://example.org/a(b)?c=1#d, or javascript:alert(1)")


def test_everything_fits_on_a_phone(tabs: Tabs) -> None:
    phone = tabs.context(viewport={"width": 320, "height": 568}, is_mobile=True, has_touch=True)
    one, other = tabs.enter(context=phone), tabs.enter()
    one.is_talking()
    other.say("W" * 2000, "\N{COMBINING ENCLOSING CIRCLE BACKSLASH}" * 2000)
    one.say("M" * 2000, "bye")
    one.has_said("M" * 2000, "bye")
    assert one.page.evaluate("document.scrollingElement.scrollWidth") == 320
    for element in (one.leave, one.next, one.input, one.send):
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
    one.log.hover()
    one.page.mouse.wheel(0, -10_000)
    expect(one.heard.first).to_be_in_viewport()
    other.say("and more")
    expect(one.heard).to_have_count(27)
    expect(one.heard.first).to_be_in_viewport()
    expect(one.page).to_have_title("(1) roulette")
    one.button("1 new message").click()
    expect(one.heard.last).to_be_in_viewport()
    expect(one.page).to_have_title("roulette")
    one.say("I have read it")
    expect(one.said.last).to_be_in_viewport()
