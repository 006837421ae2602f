"""What is lost comes back: the network, the server, the tab."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, WebSocket, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.browser.network import Network
from tests.browser.tabs import PAUSE, SOON, Tab, Tabs
from tests.browser.wire import SUBPROTOCOL, hear, said
from tests.service import Service, running


@pytest.fixture
def network(server: Service) -> Iterator[Network]:
    network = Network(server.port)
    yield network
    network.close()


def across(tabs: Tabs, network: Network) -> tuple[Tab, Tab]:
    """Return two who have met, the first of them across a network."""
    tabs.may_lose_connection = True
    one, other = tabs.open(origin=f"http://127.0.0.1:{network.port}/"), tabs.open()
    one.is_talking()
    return one, other


def gone_offline(tabs: Tabs) -> tuple[Tab, Tab, BrowserContext]:
    """Return two who have met, and the context of the first, which is offline now."""
    tabs.may_lose_connection = True
    context = tabs.context()
    one, other = tabs.open(context), tabs.open()
    one.is_talking()
    context.set_offline(True)
    one.is_told("Reconnecting")
    return one, other, context


def test_the_server_dies_and_comes_back(tabs: Tabs, server: Service) -> None:
    tabs.may_lose_connection = True
    one, other = tabs.pair()
    one.say("hello")
    one.has_said("hello")
    for tab in (one, other):
        tab.page.clock.install()
    server.process.kill()
    one.is_told("Reconnecting")
    other.is_told("Reconnecting")
    one.say("are you there?")
    with running(port=server.port):
        for tab in (one, other):
            tab.is_told("The connection was lost, and the chat with it.", SOON)
        expect(one.marks).to_have_text(["sent", "not sent"])
        for tab in (one, other):
            tab.page.clock.run_for(PAUSE)
        one.is_talking()
        other.is_talking()
        one.say("again")
        other.has_heard("hello", "again")


def test_the_network_is_cut_and_comes_back(tabs: Tabs, network: Network) -> None:
    one, other = across(tabs, network)
    one.say("one")
    other.has_heard("one")
    network.lose_answers()
    one.say("two")
    other.has_heard("one", "two")
    expect(one.marks).to_have_text(["sent", "sending…"])
    network.cut()
    one.is_told("Reconnecting")
    other.is_told("The stranger has lost the connection and may come back.")
    one.say("three", "four")
    other.say("five", "six")
    network.mend()
    one.is_talking(SOON)
    other.is_talking()
    one.say("seven")
    one.has_said("one", "two", "three", "four", "seven")
    one.has_heard("five", "six")
    other.has_heard("one", "two", "three", "four", "seven")
    other.has_said("five", "six")


def test_the_stranger_goes_while_one_is_away(tabs: Tabs, network: Network) -> None:
    one, other = across(tabs, network)
    network.cut()
    one.is_told("Reconnecting")
    other.say("I have to go")
    other.has_said("I have to go")
    other.toggle.click()
    network.mend()
    one.is_told("The stranger has left.", SOON)
    one.has_heard("I have to go")


def test_the_browser_is_offline_for_a_while(tabs: Tabs) -> None:
    one, other, context = gone_offline(tabs)
    one.say("from the tunnel")
    context.set_offline(False)
    one.is_talking()
    one.has_said("from the tunnel")
    other.has_heard("from the tunnel")


def test_next_while_offline_is_not_forgotten(tabs: Tabs) -> None:
    one, other, context = gone_offline(tabs)
    one.next.click()
    context.set_offline(False)
    other.is_told("The stranger has left, to meet somebody else.")
    one.is_told("Looking for a stranger")


def test_a_reload_goes_on_in_the_same_chat(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say("one", "two")
    other.say("three")
    one.has_heard("three")
    one.has_said("one", "two")
    one.page.reload()
    one.is_talking()
    one.has_said("one", "two")
    one.has_heard("three")
    other.is_talking()
    other.say("four")
    one.say("five")
    one.has_heard("three", "four")
    other.has_heard("one", "two", "five")


def test_who_is_replaced_does_not_fight(tabs: Tabs, server: Service) -> None:
    tokens: list[str] = []
    context = tabs.context()

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: tokens.extend(said(frame, "welcome", "resume")))

    context.on("page", lambda page: page.on("websocket", listen))
    one, other = tabs.open(context), tabs.open()
    one.is_talking()
    with connect(server.ws, subprotocols=[SUBPROTOCOL]) as elsewhere:
        elsewhere.send(f'{{"type": "hello", "resume": "{tokens[0]}"}}')
        assert hear(elsewhere, "welcome")["resumed"]
        one.is_told("This chat goes on in another tab.")
        one.toggle.click()
        one.is_talking()
        with pytest.raises(ConnectionClosed, match="4001"):
            elsewhere.recv(timeout=10)
    one.say("here again")
    other.has_heard("here again")
