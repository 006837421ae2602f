"""What of the page a browser keeps: all that has not changed, and a little for without a server."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.tabs import Tabs
from tests.service import Service, running

KEPT = ["/favicon.svg", "/offline.html", "/style.css"]

COSTS = """
[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map(({ name, transferSize }) => [name, transferSize])
"""
"""What each file cost on the wire, in bytes."""

HEADERS = 300
"""What the browser says of an answer without a body (Resource Timing, section 4.4)."""

CACHED = """
caches.keys()
  .then((names) => Promise.all(names.map((name) => caches.open(name))))
  .then((kept) => Promise.all(kept.map((cache) => cache.keys())))
  .then((requests) => requests.flat().map(({ url }) => new URL(url).pathname).sort())
"""


def search(page: Page) -> None:
    """Search, in any language, and wait until the page is ready to be without a server."""
    page.locator("#consent").check()
    page.locator("#start").click()
    expect(page.locator("body")).to_have_attribute("data-phase", "searching")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_a_second_visit_costs_almost_nothing(tabs: Tabs) -> None:
    context = tabs.context()
    answers: list[Response] = []
    context.on("response", lambda answer: answers.append(answer))
    page = tabs.open(context).page
    page.wait_for_load_state("networkidle")
    assert {"/", "/style.css", "/main.js"} <= {urlsplit(answer.url).path for answer in answers}
    for answer in answers:
        assert answer.status == 200
        assert answer.headers["etag"]
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-encoding"] == "gzip"
    assert len(paid(page)) > 10
    page.close()
    again = tabs.open(context).page
    again.wait_for_load_state("networkidle")
    assert paid(again) == set()


def paid(page: Page) -> set[str]:
    """Return the files whose bodies came, instead of the word that they have not changed."""
    return {name for name, cost in page.evaluate(COSTS) if cost > HEADERS}


class TestWithoutTheServer:
    """One of its own, since it is killed."""

    @pytest.fixture
    def server(self) -> Iterator[Service]:
        with running() as server:
            yield server

    def test_there_is_a_small_page_and_nothing_else(self, tabs: Tabs, server: Service) -> None:
        tabs.may_lose_connection = True
        page = tabs.open().page
        search(page)
        server.process.kill()
        page.reload()
        expect(page.get_by_role("heading", name="There is no connection.")).to_be_visible()
        assert page.evaluate(CACHED) == KEPT


def test_it_can_be_installed(tabs: Tabs) -> None:
    page = tabs.open().page
    search(page)
    tools = page.context.new_cdp_session(page)
    # All that is wrong is how the browser was opened for the test.
    errors = tools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors] == ["in-incognito"]
    manifest = tools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["manifest"]["name"] == "roulette"
    assert manifest["manifest"]["display"] == "kStandalone"
