import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.tabs import CHROMIUM, Regulars, Tabs
from tests.needs import needs
from tests.service import Service, running


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """Debian's Chromium, without a window, and the event loop of Playwright."""
    path = needs("chromium")
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield browser, loop
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture(scope="module")
def browser(chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The browser, for the tests of a module.

    In between, Playwright's event loop is none that runs in this thread, since other tests have
    loops of their own.
    """
    browser, loop = chromium
    asyncio._set_running_loop(loop)
    yield browser
    asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def server() -> Iterator[Service]:
    """A server that only these tests talk to, one after the other."""
    with running("--grace", "30") as server:
        yield server


@pytest.fixture(scope="module")
def regulars(browser: Browser) -> Iterator[Regulars]:
    """A browser in which people have been before."""
    regulars = Regulars(browser)
    yield regulars
    regulars.context.close()


@pytest.fixture
def tabs(browser: Browser, server: Service, regulars: Regulars) -> Iterator[Tabs]:
    """Tabs at the server; whatever goes wrong in one of them fails the test."""
    tabs = Tabs(browser, server.url, regulars)
    yield tabs
    tabs.check()
