"""What is lost comes back: the network, the server, the tab."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, WebSocket, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.browser.network import Network
from tests.browser.tabs import ACCEPTED, SOON, Tab, Tabs
from tests.browser.wire import SUBPROTOCOL, hear, said
from tests.processes import PATIENCE
from tests.service import Service, running


@pytest.fixture
def network(server: Service) -> Iterator[Network]:
    network = Network(server.port)
    yield network
    network.close()


def across(tabs: Tabs, network: Network) -> tuple[Tab, Tab]:
    """Return two who have met, the first of them across a network."""
    tabs.may_lose_connection = True
    one, other = tabs.enter(origin=f"http://127.0.0.1:{network.port}/"), tabs.enter()
    one.is_talking()
    return one, other


def gone_offline(tabs: Tabs) -> tuple[Tab, Tab, BrowserContext]:
    """Return two who have met, and the context of the first, which is offline now."""
    tabs.may_lose_connection = True
    context = tabs.context()
    one, other = tabs.enter(context=context), tabs.enter()
    one.is_talking()
    one.page.wait_for_function("navigator.serviceWorker.ready")
    context.set_offline(True)
    one.is_told("There is no connection.")
    return one, other, context


def test_the_network_is_cut_and_comes_back(tabs: Tabs, network: Network) -> None:
    one, other = across(tabs, network)
    one.say("one")
    one.has_said("one")
    network.lose_answers()
    one.say("two")
    other.has_heard("one", "two")
    expect(one.marks).to_have_text([ACCEPTED, "sending…"])
    network.cut()
    one.is_told("There is no connection.")
    other.is_told("The stranger is reconnecting…")
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


def test_both_are_cut_off_and_find_each_other(tabs: Tabs, network: Network) -> None:
    tabs.may_lose_connection = True
    one, other = (tabs.enter(origin=f"http://127.0.0.1:{network.port}/") for _ in range(2))
    one.is_talking()
    other.is_talking()
    network.cut()
    one.is_told("There is no connection.")
    other.is_told("There is no connection.")
    one.say("one")
    other.say("two")
    network.mend()
    one.is_talking(SOON)
    other.is_talking(SOON)
    one.has_heard("two")
    other.has_heard("one")
    one.has_said("one")
    other.has_said("two")


def test_the_stranger_goes_while_one_is_away(tabs: Tabs, network: Network) -> None:
    one, other = across(tabs, network)
    network.cut()
    one.is_told("There is no connection.")
    other.say("I have to go")
    other.has_said("I have to go")
    other.leave.click()
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
    one.is_searching()


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
    one, other = tabs.enter(context=context), tabs.enter()
    one.is_talking()
    with connect(server.ws, subprotocols=[SUBPROTOCOL]) as elsewhere:
        elsewhere.send(f'{{"type": "hello", "resume": "{tokens[0]}"}}')
        assert hear(elsewhere, "welcome")["resumed"]
        one.is_told("This chat goes on in another tab.")
        one.button("Go on here").click()
        one.is_talking()
        with pytest.raises(ConnectionClosed, match="4001"):
            elsewhere.recv(timeout=10)
    one.say("here again")
    other.has_heard("here again")


def test_what_is_written_but_not_sent_outlives_a_reload(tabs: Tabs) -> None:
    one, _ = tabs.pair()
    one.input.fill("half a thou")
    one.page.reload()
    one.is_talking()
    expect(one.input).to_have_value("half a thou")


def test_a_message_that_was_lost_can_be_written_anew(tabs: Tabs) -> None:
    one, other, context = gone_offline(tabs)
    one.say("too late")
    other.leave.click()
    context.set_offline(False)
    one.is_told("The stranger has left.")
    one.has_said("too late", mark="not sent")
    expect(one.button("Send again")).to_have_count(0)
    one.button("Edit").click()
    expect(one.input).to_have_value("too late")
    expect(one.input).to_be_focused()
    one.has_said()


def test_a_reload_without_a_network_leads_back_into_the_chat(tabs: Tabs) -> None:
    one, other, context = gone_offline(tabs)
    one.say("from the tunnel")
    one.page.reload()
    expect(one.page.get_by_role("heading", name="There is no connection.")).to_be_visible()
    context.set_offline(False)
    one.page.get_by_role("link", name="Try again").click()
    one.is_talking()
    one.has_said("from the tunnel")
    other.has_heard("from the tunnel")


class TestServerThatGoes:
    """Who looks at the page need not wait until it tries again by itself."""

    @pytest.fixture
    def server(self) -> Iterator[Service]:
        with running("--drain-timeout", "1") as server:
            yield server

    def test_the_chat_is_lost_with_it_but_what_was_written_stays(
        self, tabs: Tabs, server: Service
    ) -> None:
        tabs.may_lose_connection = True
        one, other = tabs.pair()
        one.say("hello")
        one.has_said("hello")
        server.process.kill()
        one.is_told("There is no connection.")
        other.is_told("There is no connection.")
        one.say("are you there?")
        with running("--drain-timeout", "0", port=server.port):
            for tab in (one, other):
                tab.look_back()
                tab.is_told("The connection was lost, and the chat with it.", SOON)
            expect(one.marks).to_have_text([ACCEPTED, "not sent"])
            for tab in (one, other):
                tab.next.click()
            one.is_talking()
            other.is_talking()
            one.say("again")
            other.has_heard("again")

    def test_who_restarts_it_tells_everybody(self, tabs: Tabs, server: Service) -> None:
        tabs.may_lose_connection = True
        one, other = tabs.pair()
        one.say("hello")
        other.has_heard("hello")
        third = tabs.enter()
        third.is_searching()
        server.process.popen.terminate()
        third.is_told("The server is restarting. Reconnecting…")
        other.say("are you there?")
        one.has_heard("are you there?")
        one.is_told("The server is stopping. Reconnecting…")
        other.is_told("The server is stopping. Reconnecting…")
        server.process.popen.wait(PATIENCE)
        with running("--drain-timeout", "0", port=server.port):
            third.look_back()
            third.is_told("Looking for", SOON)
            for tab in (one, other):
                tab.look_back()
                tab.is_told("The server is shutting down; the stranger has left.", SOON)
            one.has_heard("are you there?")
            other.has_heard("hello")
            one.next.click()
            one.is_talking()
            third.is_talking()


class TestWithoutGrace:
    @pytest.fixture
    def server(self) -> Iterator[Service]:
        with running("--grace", "0") as server:
            yield server

    def test_who_comes_back_finds_the_chat_lost(self, tabs: Tabs) -> None:
        one, other, context = gone_offline(tabs)
        one.say("are you there?")
        other.is_told("The stranger’s connection is lost.")
        expect(other.rematch).to_be_hidden()
        context.set_offline(False)
        one.is_told("The connection was lost, and the chat with it.")
        one.has_said("are you there?", mark="not sent")
        expect(one.rematch).to_be_hidden()
        one.next.click()
        other.next.click()
        one.is_talking()
        other.is_talking()

    def test_who_closes_the_tab_is_not_met_again(self, tabs: Tabs) -> None:
        one, other = tabs.pair()
        one.page.close()
        other.is_told("The stranger’s connection is lost.")
        expect(other.rematch).to_be_hidden()
        other.next.click()
        other.is_searching()
        third = tabs.enter(context=tabs.context())
        third.is_talking()
        third.page.clock.install()
        third.leave.click()
        other.is_told("The stranger has left.")
        other.page.close()
        # Nobody is told whether the other has declined, or gone.
        third.rematch.click()
        expect(third.rematch).to_contain_text("You have asked to meet again")
        third.page.clock.fast_forward("01:00")
        expect(third.rematch).to_be_hidden()
