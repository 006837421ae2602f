"""A long conversation is as quick as a short one; how quick, ``python -m benchmarks page`` says."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import SOON, Tab, Tabs
from tests.browser.wire import Stranger
from tests.service import Service

MANY = 1_000

OBSERVE = """
globalThis.changes = [];
const isChange = ({ type, target, attributeName, oldValue }) =>
  type !== "attributes" || target.getAttribute(attributeName) !== oldValue;
new MutationObserver((records) => changes.push(...records.filter(isChange))).observe(document.body,
  { subtree: true, childList: true, attributeOldValue: true, characterData: true });
"""
"""An attribute that is set to what it was is no change: a tick of the clock may draw once more."""

TOLD = """
async () => {
  let seen = -1;
  while (seen !== changes.length) {
    seen = changes.length;
    for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
  }
  return changes.splice(0).map(({ type, target, addedNodes, removedNodes }) =>
    [type, target.id, addedNodes.length, removedNodes.length]).sort();
}
"""
"""Waits until nothing changes any more. The order within it depends on when a frame is drawn."""


@pytest.fixture
def stranger(server: Service) -> Iterator[Stranger]:
    with ExitStack() as connections:
        yield Stranger(server.ws, connections)


def test_a_thousand_messages(tabs: Tabs, stranger: Stranger) -> None:
    one = tabs.enter()
    stranger.come()
    one.is_talking()
    texts = [f"number {number}" for number in range(MANY)]

    def hear(start: int, end: int) -> None:
        stranger.say(*texts[start:end])
        expect(one.heard).to_have_count(end, timeout=SOON)

    def changes_with(number: int) -> list[list[object]]:
        """Return what changes in the document with the message of a number."""
        told(one)
        hear(number, number + 1)
        return told(one)

    hear(0, 20)
    one.page.evaluate(OBSERVE)
    early = changes_with(20)
    assert ["childList", "log", 1, 0] in early
    hear(21, MANY - 3)
    assert changes_with(MANY - 3) == early
    assert one.heard.all_text_contents() == texts[: MANY - 2]
    expect(one.heard.last).to_be_in_viewport()
    # Who reads further up stays there.
    one.log.evaluate("log => log.scrollTop = log.scrollHeight / 2")
    expect(one.page.locator("#down")).to_be_visible()
    before = one.log.evaluate("log => log.scrollTop")
    hear(MANY - 2, MANY)
    assert one.log.evaluate("log => log.scrollTop") == before
    # A key changes nothing in the log, however long that is.
    told(one)
    one.input.press("x")
    assert [change for change in told(one) if change[1] == "log"] == []


def told(tab: Tab) -> list[list[object]]:
    """Return what has changed in the document since it was asked last."""
    changes: list[list[object]] = tab.page.evaluate(TOLD)
    return changes
