"""The page talks with clients that nobody here wrote."""

from playwright.sync_api import expect
from websockets.sync.client import connect

from tests.browser.tabs import Tabs
from tests.browser.test_talking import TEXTS
from tests.browser.wire import SUBPROTOCOL, hear, tell
from tests.service import Service


def test_a_plain_client_talks_with_the_page(tabs: Tabs, server: Service) -> None:
    one = tabs.enter()
    with connect(server.ws) as client:
        one.is_talking()
        while client.recv(timeout=10) != "* A stranger has come. Say hello!":
            pass
        for text in TEXTS:
            client.send(text)
        one.has_heard(*TEXTS)
        one.say(*TEXTS)
        assert [client.recv(timeout=10) for _ in TEXTS] == list(TEXTS)
        one.has_said(*TEXTS)
        client.send("/next")
        one.is_told("The stranger has left, to meet somebody else.")


def test_a_json_client_talks_with_the_page(tabs: Tabs, server: Service) -> None:
    one = tabs.enter()
    with connect(server.ws, subprotocols=[SUBPROTOCOL]) as client:
        tell(client, "hello")
        tell(client, "start")
        chat = hear(client, "connected")["chat"]
        one.is_talking()
        tell(client, "typing", chat=chat)
        expect(one.detail).to_have_text("The stranger is writing…")
        for number, text in enumerate(TEXTS):
            tell(client, "message", chat=chat, id=str(number), text=text)
        one.has_heard(*TEXTS)
        while hear(client, "seen")["seq"] < len(TEXTS):
            pass
        one.say(*TEXTS)
        heard = [hear(client, "gotMessage") for _ in TEXTS]
        assert [frame["text"] for frame in heard] == list(TEXTS)
        assert [frame["seq"] for frame in heard] == [1, 2, 3, 4, 5, 6]
        # Told that it was seen, the page may not wait for any other acknowledgement.
        tell(client, "seen", chat=chat, seq=6)
        one.has_said(*TEXTS, mark="seen")
        tell(client, "away")
        one.is_told("The stranger is looking elsewhere.")
        tell(client, "back")
        one.is_talking()
        tell(client, "disconnect", chat=chat)
        one.is_told("The stranger has left.")
