"""One person goes every way through the page: by touch, in the dark, in Arabic, by keyboard."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from tests.browser.hands import Keyboard, Mouse, Touch
from tests.browser.tabs import SOON, Tabs, luminance
from tests.browser.wire import SUBPROTOCOL, hear, tell
from tests.service import Service

HELLO = "مرحبا"
ANSWER = "أهلا"
TOPIC = "القهوة"
NAMES = {"roulette", "Deutsch", "English", "Español", "Polski"}


@dataclass(frozen=True)
class Way:
    """With what somebody comes, and what must be so all the time."""

    hand: type[Mouse]
    options: dict[str, object] = field(default_factory=dict)
    holds: Callable[[Page], None] = lambda page: None


def fits(page: Page) -> None:
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390
    for button in page.locator("button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def is_dark(page: Page) -> None:
    assert luminance(page, "backgroundColor") < 0.2
    assert luminance(page, "color") > 0.8


def is_arabic(page: Page) -> None:
    is_dark(page)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert set(re.findall("[A-Za-zñ]+", page.inner_text("body"))) <= NAMES
    for name in page.locator("[aria-label]").evaluate_all("all => all.map(one => one.ariaLabel)"):
        assert not re.search("[A-Za-z]", name)


PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
WAYS = {
    "touch": Way(Touch, PHONE, fits),
    "arabic, in the dark": Way(Mouse, {"locale": "ar", "color_scheme": "dark"}, is_arabic),
    "keyboard": Way(Keyboard),
}


@pytest.mark.parametrize("name", WAYS)
def test_every_way_leads_through(tabs: Tabs, server: Service, name: str) -> None:
    way = WAYS[name]
    one = tabs.open(tabs.context(**way.options))
    hand = way.hand(one.page)

    def at(name: str, phase: str, *then: str) -> None:
        """Press what has an id, and then others; that leads into a phase, and all holds there."""
        for id_ in (name, *then):
            hand.press(one.page.locator(f"#{id_}"))
        expect(one.page.locator("body")).to_have_attribute("data-phase", phase)
        way.holds(one.page)

    topic, language = (one.page.locator(f"#{of} .chips button") for of in ("topics", "languages"))
    at("start", "entry")
    at("consent", "entry")
    hand.write(one.page.locator("#topic"), TOPIC)
    at("menu", "entry", "settings")
    dialog = one.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    one.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    at("start", "searching")
    at("cancel", "entry")
    for chip in (topic, language):
        hand.press(chip)
        expect(chip).to_have_count(0)
    at("start", "searching")
    other = tabs.enter()
    other.is_talking(SOON)
    expect(one.page.locator("#text")).to_be_focused()
    hand.write(one.page.locator("#text"), HELLO)
    other.has_heard(HELLO)
    other.say(ANSWER)
    one.has_heard(ANSWER)
    one.page.keyboard.type(HELLO)
    at("send", "talking")
    if way.hand is Touch:  # or the phone would shut its keyboard
        expect(one.page.locator("#text")).to_be_focused()
    other.has_heard(HELLO, HELLO)
    with one.page.expect_download():
        at("menu", "talking", "save")
    at("next", "searching")
    other.is_told("The stranger has left, to meet somebody else.")
    with connect(server.ws, subprotocols=[SUBPROTOCOL]) as third:
        tell(third, "hello")
        tell(third, "start")
        chat = hear(third, "connected")["chat"]
        at("leave", "over")
        assert hear(third, "strangerDisconnected")["reason"] == "left"
        at("rematch", "over")
        hear(third, "rematchOffered")
        tell(third, "rematch", chat=chat)
        chat = hear(third, "connected")["chat"]
        tell(third, "message", chat=chat, id="1", text=ANSWER)
        expect(one.heard).to_have_text(ANSWER)
        at("menu", "talking", "block", "no")
        at("menu", "searching", "block", "yes")
        assert hear(third, "strangerDisconnected")["reason"] == "left"
        at("cancel", "entry")
