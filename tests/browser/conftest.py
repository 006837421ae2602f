from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.server import Server
from tests.browser.tabs import CHROMIUM, Tabs
from tests.needs import needs


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
def server(tmp_path: Path, grace: float) -> Iterator[Server]:
    """A server that nobody else talks to."""
    server = Server(tmp_path, "--grace", str(grace))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def tabs(browser: Browser, server: Server) -> Iterator[Tabs]:
    """Tabs at the server; whatever goes wrong in one of them fails the test."""
    tabs = Tabs(browser, f"http://127.0.0.1:{server.port}/")
    yield tabs
    tabs.check()
