"""How long a key takes in the page while messages come, in a short and in a long conversation."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from statistics import quantiles

from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.table import Row
from tests.browser.tabs import CHROMIUM, Tabs
from tests.browser.wire import Stranger
from tests.needs import find
from tests.service import Service, running

TEXT = "thirty-two bytes of conversation"

LOADED = 60_000
"""Milliseconds that the browser has for what was said before."""

# From when the browser took the key to when the page is laid out again. Listeners on the window
# are called after the page's own.
WATCH = """
globalThis.took = [];
addEventListener("keydown", ({ timeStamp }) => (globalThis.pressed = timeStamp), true);
addEventListener("input", () => {
  document.body.getBoundingClientRect();
  took.push(performance.now() - pressed);
});
"""


def rows(rounds: int = 5, sizes: Sequence[int] = (10, 1_000), keys: int = 100) -> Iterator[Row]:
    """Measure keys, each pressed just after a message was sent, among so many messages."""
    samples: dict[int, list[list[float]]] = {size: [] for size in sizes}
    program = find("chromium")
    if program is not None:
        with running() as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
            for _ in range(rounds):
                for size in sizes:
                    samples[size].append(_round(browser, server, size, keys))
            browser.close()
    note = "" if program else "chromium is not installed"
    for size in sizes:
        for percent in (50, 95):
            figures = tuple(quantiles(times, n=100)[percent - 1] for times in samples[size])
            yield Row("page", f"p{percent} among {size:,}", 2, figures, note, unit="ms")


def _round(browser: Browser, server: Service, size: int, keys: int) -> list[float]:
    tabs = Tabs(browser, server.url)
    with ExitStack() as connections:
        stranger = Stranger(server.ws, connections)
        tab = tabs.enter()
        stranger.come()
        tab.is_talking()
        stranger.say(*[TEXT] * size)
        expect(tab.heard).to_have_count(size, timeout=LOADED)
        tab.page.evaluate(WATCH)
        for _ in range(keys):
            stranger.say(TEXT)
            tab.page.keyboard.press("x")
        expect(tab.heard).to_have_count(size + keys, timeout=LOADED)
        times: list[float] = tab.page.evaluate("took")
    tabs.check()
    if len(times) != keys:
        raise RuntimeError(f"of {keys} keys {len(times)} were seen")
    return times
