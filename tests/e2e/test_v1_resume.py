"""The JSON wire: who drops and comes back, who does not, and what is kept meanwhile."""

from collections.abc import Iterator

import pytest

from tests.e2e.guests import Door, Guest, door
from tests.e2e.wire_rows import covered_by, covers
from tests.service import running


@pytest.fixture(scope="module")
def impatient_url() -> Iterator[str]:
    with running("--grace", "0.3") as server:
        yield server.ws


@pytest.fixture
def impatient(impatient_url: str, request: pytest.FixtureRequest) -> Iterator[Door]:
    """Have a door to a service whose grace is short."""
    with door(impatient_url, covered_by(request.function)) as opened:
        yield opened


def hear(guest: Guest, *texts: str, after: int = 0) -> None:
    """Check that a guest is told these messages, numbered on from ``after``."""
    for seq, text in enumerate(texts, after + 1):
        message = guest.told("gotMessage")
        assert (message["seq"], message["text"]) == (seq, text)


@covers("> hello", "< welcome", "< strangerReconnecting", "< strangerBack", "< gotMessage")
def test_who_comes_back_finds_what_came_after_the_last_seq(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    for text in ("one", "two", "three"):
        ada.tell(chat, text)
    hear(bob, "one", "two", "three")
    bob.drop()
    assert ada.told("strangerReconnecting") == {"type": "strangerReconnecting", "chat": chat}
    ada.tell(chat, "four")
    # The third came too late for bob to note it, so it is sent again.
    again = entrance.guest(resume=bob.token, seq=2)
    welcome = again.welcome
    assert (welcome["resumed"], welcome["state"], welcome["chat"]) == (True, "chatting", chat)
    assert (welcome["guest"], welcome["resume"]) == (bob.welcome["guest"], bob.token)
    hear(again, "three", "four", after=2)
    assert ada.told("strangerBack") == {"type": "strangerBack", "chat": chat}
    ada.tell(chat, "five")
    hear(again, "five", after=4)
    again.tell(chat, "here I am")
    hear(ada, "here I am")
    ada.told_nothing()
    again.told_nothing()


@covers("> hello", "< gotMessage")
def test_a_seq_counts_in_the_chat_that_is_named(entrance: Door) -> None:
    ada, bob, first = entrance.pair()
    ada.tell(first, "old")
    hear(bob, "old")
    ada.send("disconnect")
    bob.told("strangerDisconnected")
    bob.send("start")
    bob.told("waiting")
    eve = entrance.guest()
    eve.send("start")
    second = eve.told("connected")["chat"]
    eve.tell(second, "new")
    eve.settle()
    # As if bob's connection had been lost before he learned of eve.
    again = entrance.guest(resume=bob.token, seq=1, chat=first)
    assert again.welcome["chat"] == second
    hear(again, "new")
    last = entrance.guest(resume=bob.token, seq=1, chat=second)
    last.told_nothing()


@covers("> message", "< ack", "< gotMessage")
def test_what_was_not_acknowledged_is_sent_again_and_delivered_once(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    ids = [ada.tell(chat, text) for text in ("one", "two")]
    hear(bob, "one", "two")
    ada.drop()
    bob.told("strangerReconnecting")
    again = entrance.guest(resume=ada.token, seq=0)
    for message_id, text in zip([*ids, "new"], ("one", "two", "three"), strict=True):
        again.send("message", chat=chat, id=message_id, text=text)
    while (ack := again.told("ack"))["id"] != "new":
        assert ack["seq"] < 3
    assert ack["seq"] == 3
    bob.told("strangerBack")
    hear(bob, "three", after=2)
    bob.told_nothing()


@covers("close 4001", "> hello")
def test_a_second_connection_with_the_token_closes_the_first(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    second = entrance.guest(resume=ada.token)
    assert ada.closed() == 4001
    assert second.welcome["chat"] == chat
    bob.tell(chat, "to the second only")
    hear(second, "to the second only")
    # The partner does not notice.
    bob.told_nothing()


@covers("> hello", "< welcome", "< waiting", "< idle")
def test_a_search_goes_on_in_its_place(entrance: Door) -> None:
    ada = entrance.waiting(topics=["tea"], only=True)
    ada.drop()
    bob = entrance.guest()
    bob.send("start", topics=["tea"], only=True)
    bob.told("waiting")
    again = entrance.guest(resume=ada.token)
    assert (again.welcome["resumed"], again.welcome["state"]) == (True, "waiting")
    assert again.told("connected") == bob.told("connected")
    again.send("disconnect")
    again.told("idle")
    again.leave()
    back = entrance.guest(resume=ada.token)
    assert (back.welcome["resumed"], back.welcome["state"]) == (True, "idle")


@covers("< strangerDisconnected", "< gotMessage", "< rematchOffered", "reason left")
def test_who_was_left_while_absent_is_told_on_coming_back(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    bob.drop()
    ada.told("strangerReconnecting")
    ada.tell(chat, "goodbye")
    ada.send("disconnect")
    ada.told("idle")
    ada.send("rematch", chat=chat)
    ada.settle()
    again = entrance.guest(resume=bob.token, seq=0)
    assert again.welcome["state"] == "idle"
    hear(again, "goodbye")
    gone = again.told("strangerDisconnected")
    assert (gone["chat"], gone["reason"]) == (chat, "left")
    assert again.told("rematchOffered")["chat"] == chat
    again.send("rematch", chat=chat)
    assert again.told("connected") == ada.told("connected")


@covers("< seen", "< strangerAway", "< strangerReconnecting")
def test_where_the_partner_stands_is_told_on_coming_back(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    bob.tell(chat, "have you seen this?")
    hear(ada, "have you seen this?")
    bob.drop()
    ada.told("strangerReconnecting")
    ada.send("seen", chat=chat, seq=1)
    ada.send("away")
    ada.settle()
    again = entrance.guest(resume=bob.token, seq=0)
    assert again.told("seen")["seq"] == 1
    assert again.told("strangerAway")["chat"] == chat
    ada.drop()
    assert again.told("strangerReconnecting")["chat"] == chat
    again.drop()
    last = entrance.guest(resume=bob.token, seq=0)
    assert last.told("seen")["seq"] == 1
    assert last.told("strangerReconnecting")["chat"] == chat
    last.told_nothing()


@covers("< strangerReconnecting", "< strangerDisconnected", "reason timeout", "< welcome")
def test_who_does_not_come_back_in_time_is_gone(impatient: Door) -> None:
    ada, bob, chat = impatient.pair()
    assert ada.welcome["grace"] == 0.3
    bob.drop()
    assert ada.told("strangerReconnecting")["chat"] == chat
    gone = ada.told("strangerDisconnected")
    assert (gone["chat"], gone["reason"], gone["rematch"]) == (chat, "timeout", False)
    again = impatient.guest(resume=bob.token, seq=0)
    assert (again.welcome["resumed"], again.welcome["state"]) == (False, "idle")
    assert again.welcome["guest"] != bob.welcome["guest"]
    ada.send("rematch", chat=chat)
    ada.refused("stale_chat", "rematch")


@covers("< waiting")
def test_a_search_ends_with_its_guest(impatient: Door) -> None:
    ada = impatient.waiting(topics=["tea"], only=True)
    ada.drop()
    # A grace that began later is over, so ada's is.
    eve, bob, _ = impatient.pair()
    bob.drop()
    eve.told("strangerReconnecting")
    eve.told("strangerDisconnected")
    assert impatient.guest(resume=ada.token).welcome["resumed"] is False
    impatient.waiting(topics=["tea"], only=True).told_nothing()


@covers("< strangerDisconnected", "reason timeout", "< gotMessage")
@pytest.mark.parametrize(
    ("text", "kept"), [("short", 200), ("🦊" * 2000, 256 * 1024 // (4 * 2000))]
)
def test_what_is_kept_for_an_absent_guest_is_bounded(entrance: Door, text: str, kept: int) -> None:
    ada, bob, chat = entrance.pair()
    bob.drop()
    ada.told("strangerReconnecting")
    for _ in range(kept):
        ada.tell(chat, text)
    ada.told_nothing()
    ada.tell(chat, text)
    gone = ada.told("strangerDisconnected")
    assert (gone["reason"], gone["rematch"]) == ("timeout", False)
    again = entrance.guest(resume=bob.token, seq=0)
    assert again.welcome["state"] == "idle"
    hear(again, *[text] * kept)
    assert again.told("strangerDisconnected") == gone


@covers("< gotMessage", "< strangerBack")
def test_as_much_as_is_kept_is_replayed(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    bob.drop()
    ada.told("strangerReconnecting")
    texts = [str(n) for n in range(200)]
    for text in texts:
        ada.tell(chat, text)
    again = entrance.guest(resume=bob.token, seq=0)
    hear(again, *texts)
    ada.told("strangerBack")
    ada.tell(chat, "and on")
    hear(again, "and on", after=200)


@covers("> hello")
def test_a_token_is_nobody_elses(entrance: Door) -> None:
    ada = entrance.guest()
    for guess in (ada.welcome["guest"], ada.token[:-1], ada.token + "x", ada.token.lower(), ""):
        other = entrance.guest(resume=guess)
        assert other.welcome["resumed"] is False
        assert other.welcome["guest"] != ada.welcome["guest"]
    ada.told_nothing()
