from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.tabs import CHROMIUM, Tabs
from tests.needs import needs
from tests.service import Service, running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = needs("chromium")
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def grace() -> float:
    """Seconds for which the server keeps a guest without a connection."""
    return 30


@pytest.fixture
def server(grace: float) -> Iterator[Service]:
    """A server that nobody else talks to."""
    with running("--grace", str(grace)) as server:
        yield server


@pytest.fixture
def tabs(browser: Browser, server: Service) -> Iterator[Tabs]:
    """Tabs at the server; whatever goes wrong in one of them fails the test."""
    tabs = Tabs(browser, server.url)
    yield tabs
    tabs.check()
