"""What somebody finds who comes for the first time, and again."""

import pytest
from playwright.sync_api import Response, expect

from tests.browser.tabs import Tab, Tabs

LIGHT = 55_000
"""Bytes that the first view may weigh, uncompressed and without icons."""

TOPICS = ("jazz", "Łódź", "القهوة", "日本語", "हिन्दी", "🏔️", "עברית", "trains de nuit", "👍" * 32)
THE_SAME = ("JAZZ", "ｊａｚｚ", "łódź")


@pytest.mark.parametrize(
    ("locale", "language", "direction", "start", "speaks"),
    [
        ("pl-PL", "pl", "ltr", "Start", "polski"),
        ("es-MX", "es", "ltr", "Empezar", "español"),
        ("de-AT", "de", "ltr", "Los", "Deutsch"),
        ("ar-EG", "ar", "rtl", "ابدأ", "العربية"),
        ("ja-JP", "en", "ltr", "Start", "Japanese"),
    ],
)
def test_the_browser_chooses_the_language_and_fetches_little(
    tabs: Tabs, locale: str, language: str, direction: str, start: str, speaks: str
) -> None:
    answers: list[Response] = []
    context = tabs.context(locale=locale)
    context.on("response", lambda answer: answers.append(answer))
    page = tabs.open(context).page
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    expect(page.locator("#start")).to_have_text(start)
    expect(page.locator(".rules:visible li")).to_have_count(3)
    expect(page.locator("#languages .chips bdi")).to_have_text([speaks])
    page.wait_for_load_state("networkidle")
    files = {answer.url: answer.body() for answer in answers}
    assert any(url.endswith(f"words/{language}.json") for url in files)
    assert sum(len(body) for url, body in files.items() if not url.endswith(".svg")) < LIGHT


def chips(tab: Tab, of: str) -> list[str]:
    """Return the names of the chips of the topics, or languages."""
    return tab.page.locator(f"#{of} .chips bdi").all_text_contents()


def test_what_is_chosen_is_remembered(tabs: Tabs) -> None:
    context = tabs.context()
    one = tabs.open(context)
    only = one.page.get_by_role("checkbox", name="Only with somebody who likes one of these")
    language = one.page.get_by_role("combobox", name="Add a language")
    assert chips(one, "languages") == ["English"]
    for topic in (*TOPICS, *THE_SAME):
        one.topic.fill(topic)
        one.topic.press("Enter")
        expect(one.topic).to_have_value("")
    assert chips(one, "topics") == list(TOPICS)
    one.topic.fill("W" * 33)
    one.topic.press("Enter")
    expect(one.notice).to_have_text("That topic is too long.")
    expect(one.topic).to_have_value("W" * 33)
    one.topic.fill("tea")
    one.topic.press(",")
    assert chips(one, "topics") == [*TOPICS, "tea"]
    one.topic.fill("one too many")
    one.topic.press("Enter")
    expect(one.notice).to_have_text("That is enough topics.")
    expect(one.topic).to_be_focused()
    one.topic.fill("")
    one.button("Remove trains de nuit").click()
    expect(one.topic).to_be_focused()
    language.select_option("pl")
    language.select_option("ar")
    one.button("Remove Polish").click()
    only.check()
    one.consent.check()
    left = [*(topic for topic in TOPICS if topic != "trains de nuit"), "tea"]
    one.page.reload()
    another = tabs.open(context)
    for tab in (one, another):
        expect(tab.consent).to_be_checked()
        assert chips(tab, "topics") == left
        assert chips(tab, "languages") == ["English", "Arabic"]
    expect(only).to_be_checked()
    # Who has no topic in common is not met, even though nobody else is there.
    one.start.click()
    tabs.enter().is_searching()
    other = tabs.enter("ŁÓDŹ", "coffee")
    one.is_talking()
    expect(one.log).to_contain_text("You both like Łódź. You both speak English.")
    expect(other.log).to_contain_text("You both like ŁÓDŹ. You both speak English.")


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
