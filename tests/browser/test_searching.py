"""A search, as it is told to who waits."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect
from websockets.sync.client import ClientConnection, connect

from tests.browser.tabs import SOON, Tabs
from tests.browser.wire import SUBPROTOCOL, hear, tell
from tests.service import Service, running

WAITED = re.compile(r"^\d seconds? so far. It mostly takes about \d seconds?.$")


@pytest.fixture
def server() -> Iterator[Service]:
    """A server that has seen nobody, and counts only those who come here."""
    with running() as server:
        yield server


def test_a_search_is_told_in_words(tabs: Tabs, server: Service) -> None:
    with ExitStack() as stack:

        def come() -> ClientConnection:
            client = stack.enter_context(connect(server.ws, subprotocols=[SUBPROTOCOL]))
            tell(client, "hello")
            return client

        for _ in range(3):
            first, second = come(), come()
            tell(first, "start")
            tell(second, "start")
            hear(first, "connected")
        come()
        fan = tabs.open()
        expect(fan.guests).to_be_hidden()
        fan.page.get_by_role("checkbox", name="Only with somebody").check()
        fan.enter("jazz", "blues")
        fan.is_told("Looking for somebody who likes jazz or blues…")
        one = tabs.enter("tea")
        one.is_told("Looking for somebody who likes tea…")
        expect(one.detail).to_have_text(WAITED)
        watcher = tabs.open()
        expect(watcher.guests).to_have_text("10 people are here.")
        come()
        one.is_told("Looking for somebody who speaks English…", SOON)
        one.is_told("Looking for anybody now…", SOON)
        # Both wait, and one would take anybody; but the other insists.
        fan.is_told("Looking for somebody who likes jazz or blues…")
        anybody = come()
        tell(anybody, "start", languages=["de"])
        one.is_talking()
        hear(anybody, "connected")
        fan.is_searching()
        friend = come()
        tell(friend, "start", topics=["Blues"], languages=["en"])
        fan.is_talking()
        assert hear(friend, "connected")["commonLikes"] == ["Blues"]
        # Meanwhile the first view was told who came, if not at once.
        expect(watcher.guests).to_have_text(re.compile("1[123] people are here."))
