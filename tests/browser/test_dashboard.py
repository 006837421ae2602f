"""The operator's dashboard in a real browser."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect
from websockets.sync.client import connect

from tests.browser.tabs import new_context
from tests.browser.test_accessibility import COLOURS, EVERY_RULE, axe
from tests.needs import needs_axe
from tests.processes import PATIENCE
from tests.service import Service, running

OVERFLOW = """
async () => {
  const find = () => [...document.querySelectorAll("body, body *:not(.scrolls *)")]
    .filter((node) => node.checkVisibility() && !node.closest(".unseen"))
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5)
    .map((node) => `${node.localName}.${node.className}`);
  // A chart is as wide as its place again only when it has been drawn anew.
  for (let frame = 0; find().length && frame < 300; frame += 1) {
    await new Promise(requestAnimationFrame);
  }
  return find();
}
"""
"""What is further to the right than the window goes."""

INKED = """
(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((inked, byte, at) => inked + (at % 4 === 3 && byte > 0), 0);
}
"""
"""How many pixels of a canvas something was drawn on."""

WIDTHS = (1600, 1280, 768, 390, 320)


@dataclass
class Dashboard:
    """The dashboard of a service, as a person sees it."""

    page: Page

    def tile(self, name: str) -> str:
        """Return what a tile says."""
        return self._value(name).inner_text()

    def says(self, name: str, value: str) -> None:
        """Wait until a tile says something."""
        expect(self._value(name)).to_have_text(value)

    def _value(self, name: str) -> Locator:
        return self.page.locator("#tiles div").filter(has_text=name).locator("dd").first


@contextmanager
def house() -> Iterator[Service]:
    """Run a service with two who talk, and one who waits."""
    with running("--admin", "0", last="AdminSite") as service, ExitStack() as guests:
        pair = [guests.enter_context(connect(service.ws)) for _ in range(2)]
        guests.enter_context(connect(service.ws))
        for guest in pair:
            while "has come" not in str(guest.recv(PATIENCE)):
                pass
        pair[0].send("unspeakable")
        yield service


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with house() as service:
        yield service


@contextmanager
def opened(browser: Browser, service: Service, **options: object) -> Iterator[Dashboard]:
    """Open the dashboard; whatever it complains about fails the test."""
    context = new_context(browser, reduced_motion="reduce", **options)
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", complain)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"http://127.0.0.1:{service.port_of('AdminSite')}/")
    expect(page.locator("#phase")).not_to_have_text("…")
    yield Dashboard(page)
    context.close()
    assert complaints == []


def test_it_shows_what_is(browser: Browser, service: Service) -> None:
    with opened(browser, service) as dashboard:
        page = dashboard.page
        expect(page.locator("#phase")).to_have_text("open")
        expect(page.locator("#about")).to_contain_text("version")
        expect(page).to_have_title("3 guests · roulette")
        for name, value in {"Guests": "3", "Pairs": "1", "Waiting": "1"}.items():
            dashboard.says(name, value)
        assert dashboard.tile("Memory").endswith("MiB")
        expect(page.locator("#troubles")).to_have_text("Nothing needs a look.")
        guests = page.get_by_role("img", name="Guests: guests now 3")
        expect(guests).to_be_visible()
        assert guests.locator("canvas").evaluate(INKED) > 500
        assert page.locator("canvas").count() == 7
        waiting = page.get_by_role("table", name="Waiting")
        expect(waiting.get_by_role("row", name="anyone")).to_have_text("anyone1")
        assert "unspeakable" not in page.content()


def test_what_was_before_it_was_opened_is_there_too(browser: Browser, service: Service) -> None:
    with opened(browser, service) as dashboard:
        page = dashboard.page
        page.get_by_text("The charts as a table").click()
        table = page.get_by_role("table", name="Once a minute")
        expect(table.get_by_role("columnheader", name="Guests: pairs")).to_be_visible()
        expect(table.locator("tbody tr").first).to_contain_text("MiB")
        page.get_by_label("1 hour").focus()
        page.keyboard.press("ArrowLeft")
        expect(page.get_by_label("15 min")).to_be_checked()


def test_what_changes_shows_by_itself(browser: Browser, service: Service) -> None:
    with opened(browser, service) as dashboard, connect(service.ws) as fourth:
        while "has come" not in str(fourth.recv(PATIENCE)):
            pass
        dashboard.says("Pairs", "2")
        dashboard.says("Waiting", "0")
    with connect(service.ws) as again:
        # The one who waited is left, and searches again: as it was.
        while "has come" not in str(again.recv(PATIENCE)):
            pass


def test_one_guest_is_no_plural(browser: Browser) -> None:
    with running("--admin", "0", last="AdminSite") as service, connect(service.ws) as guest:
        guest.recv(PATIENCE)
        with opened(browser, service) as dashboard:
            expect(dashboard.page).to_have_title("1 guest · roulette")


def test_everybody_can_read_it(browser: Browser, service: Service) -> None:
    with opened(browser, service, color_scheme="light") as dashboard:
        page = dashboard.page
        page.get_by_text("The charts as a table").click()
        page.evaluate(needs_axe())
        assert axe(page, EVERY_RULE) == []
        page.emulate_media(color_scheme="dark")
        assert axe(page, COLOURS) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate(OVERFLOW) == [], width


def test_it_says_when_nothing_answers(browser: Browser) -> None:
    with house() as service:
        context = new_context(browser)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{service.port_of('AdminSite')}/")
        expect(page.locator("#phase")).to_have_text("open")
        service.process.kill()
        expect(page.locator("#phase")).to_have_text("no answer", timeout=30_000)
        expect(page.locator("#troubles")).to_contain_text("What is below is old.")
        context.close()
