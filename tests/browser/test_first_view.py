"""What somebody finds who comes for the first time, and again."""

import pytest
from playwright.sync_api import Response, expect

from tests.browser.tabs import Tabs

LIGHT = 60_000
"""Bytes that the first view may weigh, uncompressed and without icons."""


@pytest.mark.parametrize("locale", ["en-GB", "pl-PL", "es-MX", "de-AT", "ar-EG"])
def test_the_first_view_is_light(tabs: Tabs, locale: str) -> None:
    answers: list[Response] = []
    context = tabs.context(locale=locale)
    context.on("response", lambda answer: answers.append(answer))
    tab = tabs.open(context)
    expect(tab.page.locator("html")).to_have_attribute("lang", locale[:2])
    expect(tab.page.locator("#start")).to_be_visible()
    tab.page.wait_for_load_state("networkidle")
    files = {answer.url: answer.body() for answer in answers}
    assert any(url.endswith(f"words/{locale[:2]}.json") for url in files)
    assert sum(len(body) for url, body in files.items() if not url.endswith(".svg")) < LIGHT


def test_the_page_speaks_as_the_browser_until_told_otherwise(tabs: Tabs) -> None:
    tab = tabs.open(tabs.context(locale="pl-PL"))
    root = tab.page.locator("html")
    expect(root).to_have_attribute("lang", "pl")
    tab.page.locator("#menu").click()
    tab.page.locator("#settings").click()
    tab.page.locator("#words").select_option("ar")
    expect(root).to_have_attribute("dir", "rtl")
    expect(tab.page.locator("#start")).to_have_text("ابدأ")
    tab.page.reload()
    expect(root).to_have_attribute("lang", "ar")


def test_what_was_chosen_is_remembered(tabs: Tabs) -> None:
    context = tabs.context(color_scheme="light")
    tab = tabs.open(context)
    tab.consent.check()
    for topic in ("jazz", "ｊａｚｚ", "Żółw", "鉄道"):
        tab.topic.fill(topic)
        tab.topic.press("Enter")
    tab.button("Remove Żółw").click()
    expect(tab.topic).to_be_focused()
    tab.choose("Settings")
    tab.page.get_by_label("Colours").select_option("Dark")
    tab.page.keyboard.press("Escape")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = tab.page.evaluate(background)
    again = tabs.open(context)
    expect(again.consent).to_be_checked()
    chips = again.page.locator("#topics li")
    expect(chips).to_have_text(["jazz ×", "鉄道 ×"])
    assert again.page.evaluate(background) == dark != "rgb(245, 244, 239)"


def test_topics_keep_to_the_limits(tabs: Tabs) -> None:
    tab = tabs.open()
    tab.is_at_the_start()
    tab.topic.fill("x" * 33)
    tab.topic.press("Enter")
    expect(tab.notice).to_have_text("That topic is too long.")
    for number in range(11):
        tab.topic.fill(f"topic {number}")
        tab.topic.press("Enter")
    expect(tab.notice).to_have_text("That is enough topics.")
    expect(tab.page.locator("#topics li")).to_have_count(10)


def test_two_with_a_topic_in_common_are_told_so(tabs: Tabs) -> None:
    one, other = tabs.enter("Jazz", "tea"), tabs.enter("jazz")
    for tab, topic in ((one, "Jazz"), (other, "jazz")):
        tab.is_talking()
        expect(tab.log).to_contain_text(f"You both like {topic}. You both speak English.")


def test_nothing_is_searched_before_start(tabs: Tabs) -> None:
    frames: list[str | bytes] = []
    context = tabs.context()
    context.on(
        "page",
        lambda page: page.on(
            "websocket", lambda ws: ws.on("framesent", lambda frame: frames.append(frame))
        ),
    )
    tab = tabs.open(context)
    tab.is_at_the_start()
    tab.consent.check()
    assert frames == ['{"type":"hello"}']
