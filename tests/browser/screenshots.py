"""Pictures of the page: ``python -m tests.browser.screenshots FOLDER`` makes them."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from tests.browser.tabs import CHROMIUM, Tab, Tabs
from tests.needs import find
from tests.service import running

WINDOW: ViewportSize = {"width": 720, "height": 600}
PHONE: ViewportSize = {"width": 390, "height": 760}
ENGLISH = (
    "Hello there! Where are you?",
    "On a night train somewhere in the Alps 🏔️ And you?",
    "At home in Kraków, with tea. Dzień dobry! ☕",
    "Do you know that feeling when everybody else sleeps and small stations go by in the dark?",
    "I do. It’s the best time to talk to a stranger.",
)
ARABIC = (
    "مرحبا! من أين أنت؟",
    "من القاهرة، وأنت؟",
    "أنا في طنجة. أتعلم Python هذه الأيام 🙂",
    "جميل! هل تعرف مكتبة Twisted؟ إنها قديمة لكنها قوية جدًا، وقد كُتب بها هذا الموقع كله.",
    "سأجربها الليلة إن شاء الله.",
)


@dataclass(frozen=True)
class Look:
    """How somebody looks at the page, and what they talk about."""

    name: str
    scheme: str = "light"
    locale: str = "en-GB"
    window: ViewportSize = field(default_factory=lambda: WINDOW)
    texts: tuple[str, ...] = ENGLISH
    topics: tuple[str, ...] = ("night trains", "tea")


LOOKS = (
    Look("light"),
    Look("dark", "dark"),
    Look("phone", window=PHONE),
    Look("arabic", "dark", "ar", PHONE, ARABIC, ("بايثون", "القهوة")),
)
IN_DOCS = {
    "start-light",
    "searching-light",
    "talking-light",
    "talking-dark",
    "talking-phone",
    "start-arabic",
    "talking-arabic",
}
"""Those that the documentation keeps; the others are for whoever changes the page."""


def enter(tab: Tab, look: Look) -> None:
    """Fill in the first view; by the ids, since the words may be of any language."""
    for topic in look.topics:
        tab.page.locator("#topic").fill(topic)
        tab.page.locator("#topic").press("Enter")
    tab.page.locator("#consent").check()


def talk(one: Tab, other: Tab, texts: tuple[str, ...]) -> None:
    """Let two say something in turn, beginning with the other."""
    for number, text in enumerate(texts):
        speaker, listener = ((other, one), (one, other))[number % 2]
        speaker.page.locator("#text").fill(text)
        speaker.page.locator("#text").press("Enter")
        expect(listener.heard.last).to_have_text(text)
        expect(speaker.page.locator(".mine").last).to_have_attribute("data-mark", "seen")


def pictures(browser: Browser, origin: str, folder: Path, *, every: bool) -> None:
    """Make the pictures for the documentation, or every one."""

    def shoot(tab: Tab, name: str) -> None:
        if every or name in IN_DOCS:
            tab.page.screenshot(path=folder / f"page-{name}.png")

    for look in LOOKS:
        tabs = Tabs(browser, origin)
        options = {
            "color_scheme": look.scheme,
            "viewport": look.window,
            "locale": look.locale,
            "reduced_motion": "reduce",
        }
        one, other = tabs.open(tabs.context(**options)), tabs.open(tabs.context(**options))
        for tab in (one, other):
            enter(tab, look)
        shoot(one, f"start-{look.name}")
        one.page.locator("#start").click()
        expect(one.page.locator("#detail")).not_to_be_empty()
        shoot(one, f"searching-{look.name}")
        other.page.locator("#start").click()
        expect(one.page.locator("#text")).to_be_focused()
        talk(one, other, look.texts)
        shoot(one, f"talking-{look.name}")
        one.page.locator("#menu").click()
        shoot(one, f"menu-{look.name}")
        one.page.locator("#block").click()
        shoot(one, f"asking-{look.name}")
        one.page.locator("#no").click()
        one.page.locator("#menu").click()
        one.page.locator("#settings").click()
        shoot(one, f"settings-{look.name}")
        one.page.keyboard.press("Escape")
        other.page.locator("#leave").click()
        other.page.locator("#rematch").click()
        expect(one.page.locator("#rematch")).to_be_visible()
        shoot(one, f"over-{look.name}")
        tabs.check()


def main(folder: Path, *, every: bool) -> None:
    """Make the pictures in a folder, with a server of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM)
        pictures(browser, server.url, folder, every=every)
        browser.close()


if __name__ == "__main__":
    *flags, folder = sys.argv[1:] or ["--help"]
    if flags not in ([], ["--every"]) or folder.startswith("-"):
        sys.exit("usage: python -m tests.browser.screenshots [--every] FOLDER")
    main(Path(folder), every=bool(flags))
