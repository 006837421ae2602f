from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.tabs import CHROMIUM, Regulars, Tabs
from tests.needs import needs
from tests.service import Service, running


# For a module only: as long as it is there, Playwright's event loop runs in this thread, and tests
# of others could not have one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = needs("chromium")
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    """A server that only the tests of a module talk to, one after the other."""
    with running("--grace", "30") as server:
        yield server


@pytest.fixture(scope="module")
def regulars(browser: Browser) -> Regulars:
    """A browser in which people have been before."""
    return Regulars(browser)


@pytest.fixture
def tabs(browser: Browser, server: Service, regulars: Regulars) -> Iterator[Tabs]:
    """Tabs at the server; whatever goes wrong in one of them fails the test."""
    tabs = Tabs(browser, server.url, regulars)
    yield tabs
    tabs.check()
