"""Pictures of the page: ``python tests/browser/screenshots.py FOLDER`` makes them."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.tabs import CHROMIUM, Tab, Tabs
from tests.needs import find
from tests.service import running

WINDOW: ViewportSize = {"width": 720, "height": 600}
PHONE: ViewportSize = {"width": 360, "height": 740}
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


def talk(one: Tab, other: Tab, texts: tuple[str, ...]) -> None:
    """Let two say something in turn, beginning with the other."""
    for number, text in enumerate(texts):
        speaker, listener = ((other, one), (one, other))[number % 2]
        speaker.say(text)
        expect(listener.heard.last).to_have_text(text)
        expect(speaker.marks.last).to_have_text("sent")


def pictures(browser: Browser, origin: str, folder: Path) -> None:
    """Make every picture."""

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")

    for scheme, window, texts, name in (
        ("light", WINDOW, ENGLISH, "talking"),
        ("dark", WINDOW, ENGLISH, "talking-dark"),
        ("light", PHONE, ENGLISH, "talking-phone"),
        ("dark", PHONE, ARABIC, "talking-arabic"),
    ):
        tabs = Tabs(browser, origin)
        looks = {"color_scheme": scheme, "viewport": window, "reduced_motion": "reduce"}
        one = tabs.open(tabs.context(**looks))
        one.is_told("Looking for a stranger")
        shoot(one.page, name.replace("talking", "searching"))
        other = tabs.open(tabs.context(**looks))
        one.is_talking()
        shoot(one.page, name.replace("talking", "met"))
        talk(one, other, texts)
        shoot(one.page, name)
        other.toggle.click()
        one.is_told("The stranger has left.")
        shoot(one.page, name.replace("talking", "gone"))
        tabs.check()


def main(folder: Path) -> None:
    """Make the pictures in a folder, with a server of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM)
        pictures(browser, server.url, folder)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/browser/screenshots.py FOLDER")
    main(Path(sys.argv[1]))
