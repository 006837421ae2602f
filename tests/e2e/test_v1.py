"""The JSON wire: what every verb does, and what every event tells."""

import json
import time

from tests.e2e.guests import Door, Guest
from tests.e2e.wire_rows import covers


def disconnected(guest: Guest, chat: str, reason: str, *, rematch: bool) -> None:
    told = guest.told("strangerDisconnected")
    assert told == {
        "type": "strangerDisconnected",
        "chat": chat,
        "reason": reason,
        "rematch": rematch,
    }


@covers("> hello", "< welcome")
def test_hello_is_answered_with_who_one_is_and_what_the_limits_are(entrance: Door) -> None:
    ada, bob = entrance.guest(), entrance.guest(resume="nonsense", seq=7)
    for guest in (ada, bob):
        assert guest.welcome["resumed"] is False
        assert guest.welcome["state"] == "idle"
        assert "chat" not in guest.welcome
        assert guest.welcome["grace"] == 30
        limits = guest.welcome["limits"]
        assert (limits["frame"], limits["text"]) == (16384, 2000)
        assert (limits["topics"], limits["topic"]) == (10, 32)
    assert bob.welcome["guests"] == ada.welcome["guests"] + 1
    names = {guest.welcome[field] for guest in (ada, bob) for field in ("guest", "resume")}
    assert len(names) == 4


@covers("> start", "> message", "< waiting", "< connected", "< gotMessage", "< ack")
def test_two_meet_and_talk(entrance: Door) -> None:
    ada, bob = entrance.guest(), entrance.guest()
    ada.send("start")
    waiting = ada.told("waiting")
    assert (waiting["since"], waiting["stage"]) == (0, "anyone")
    bob.send("start")
    met = bob.told("connected")
    assert (met["commonLikes"], met["languages"], met["seenBefore"]) == ([], [], False)
    chat = met["chat"]
    assert ada.told("connected") == met
    texts = ["Cześć!", "مرحبا 👋🏽", "🦊" * 2000, "two\nlines and a\ttab"]
    for text in texts:
        last = ada.tell(chat, text)
    for seq, text in enumerate(texts, 1):
        message = bob.told("gotMessage")
        assert (message["chat"], message["seq"], message["text"]) == (chat, seq, text)
        assert abs(message["at"] - time.time()) < 60
    # Acknowledgements are cumulative: the last speaks for all before it.
    while (ack := ada.told("ack"))["id"] != last:
        assert ack["seq"] < len(texts)
    assert (ack["chat"], ack["seq"]) == (chat, len(texts))
    ada.told_nothing()
    bob.told_nothing()


@covers("> message")
def test_a_text_is_cleaned(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    ada.tell(chat, "a\x00b\x1b[31mc\u202edc\u2067isolates stay\u2069\r\nend")
    assert bob.told("gotMessage")["text"] == "ab[31mcdc\u2067isolates stay\u2069\nend"
    # Half an emoji can come in JSON's escapes only.
    half = {"type": "message", "chat": chat, "id": "half", "text": "\ud83ehalf"}
    ada.say(json.dumps(half))
    assert bob.told("gotMessage")["text"] == "half"


@covers("> message", "< ack")
def test_a_repeated_id_is_acknowledged_again_and_not_delivered_again(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    for _ in range(2):
        ada.send("message", chat=chat, id="same", text="once")
        ack = ada.told("ack")
        assert (ack["chat"], ack["id"], ack["seq"]) == (chat, "same", 1)
    assert bob.told("gotMessage")["text"] == "once"
    bob.told_nothing()


@covers("> typing", "> stoppedTyping", "< typing", "< stoppedTyping")
def test_typing_is_passed_on_once(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    for _ in range(3):
        ada.send("typing", chat=chat)
    ada.send("stoppedTyping", chat=chat)
    ada.send("stoppedTyping", chat=chat)
    assert bob.told("typing") == {"type": "typing", "chat": chat}
    assert bob.told("stoppedTyping") == {"type": "stoppedTyping", "chat": chat}
    ada.send("typing", chat=chat)
    ada.tell(chat, "a message says that it is written")
    bob.told("typing")
    bob.told("gotMessage")
    bob.told_nothing()
    ada.send("typing", chat="no such chat")
    ada.send("seen", chat="no such chat", seq=1)
    ada.told_nothing()


@covers("> seen", "< seen")
def test_seen_is_passed_on(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    ada.tell(chat, "one")
    ada.tell(chat, "two")
    bob.told("gotMessage")
    bob.told("gotMessage")
    bob.send("seen", chat=chat, seq=2)
    bob.send("seen", chat=chat, seq=1)
    assert ada.told("seen") == {"type": "seen", "chat": chat, "seq": 2}
    ada.told_nothing()
    bob.send("seen", chat=chat, seq=3)
    bob.refused("invalid_field", "seen")


@covers("> next", "< strangerDisconnected", "reason next")
def test_next_leaves_and_searches_with_the_same_wishes(entrance: Door) -> None:
    ada, bob, chat = entrance.pair(topics=["tea"], only=True)
    ada.send("next", chat=chat)
    assert ada.told("waiting")["stage"] == "topics"
    disconnected(bob, chat, "next", rematch=True)
    bob.told_nothing()
    other = entrance.waiting()
    eve = entrance.guest()
    eve.send("start", topics=["TEA"], only=True)
    assert eve.told("connected")["commonLikes"] == ["TEA"]
    assert ada.told("connected")["commonLikes"] == ["tea"]
    ada.send("next")
    ada.told("waiting")
    eve.told("strangerDisconnected")
    other.told_nothing()


@covers("> disconnect", "< strangerDisconnected", "reason left")
def test_disconnect_leaves_and_is_idle(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    ada.send("disconnect", chat=chat)
    ada.told("idle")
    disconnected(bob, chat, "left", rematch=True)
    ada.send("disconnect")
    ada.told("idle")
    bob.send("start")
    bob.told("waiting")
    ada.told_nothing()


@covers("> block", "< idle", "reason left")
def test_who_is_blocked_is_never_met_again(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    bob.send("block", chat=chat)
    bob.told("idle")
    disconnected(ada, chat, "left", rematch=True)
    # Not even by a rematch; that there was a block is not told.
    ada.send("rematch", chat=chat)
    bob.told_nothing()
    ada.told_nothing()
    ada.send("start")
    ada.told("waiting")
    bob.send("start")
    bob.told("waiting")
    eve = entrance.guest()
    eve.send("start")
    met = eve.told("connected")
    assert met["seenBefore"] is False


@covers("> away", "> back", "< strangerAway", "< strangerBack")
def test_an_away_partner_is_told_of(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    ada.send("away")
    ada.send("away")
    assert bob.told("strangerAway") == {"type": "strangerAway", "chat": chat}
    bob.tell(chat, "still there?")
    assert ada.told("gotMessage")["text"] == "still there?"
    ada.send("back")
    assert bob.told("strangerBack") == {"type": "strangerBack", "chat": chat}
    bob.told_nothing()


@covers("> rematch", "< rematchOffered", "< connected")
def test_if_both_ask_they_meet_again(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    ada.send("disconnect")
    ada.told("idle")
    disconnected(bob, chat, "left", rematch=True)
    bob.send("rematch", chat=chat)
    offer = ada.told("rematchOffered")
    assert offer["chat"] == chat
    assert 50 < offer["expires"] <= 60
    bob.told_nothing()
    ada.send("rematch", chat=chat)
    met = ada.told("connected")
    assert met["seenBefore"] is True
    assert met["chat"] != chat
    assert bob.told("connected") == met
    ada.tell(met["chat"], "you again")
    assert bob.told("gotMessage")["seq"] == 1


@covers("> rematch", "error stale_chat")
def test_a_rematch_ends_with_another_chat(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    ada.send("next")
    ada.told("waiting")
    bob.told("strangerDisconnected")
    eve = entrance.guest()
    eve.send("start")
    eve.told("connected")
    ada.told("connected")
    bob.send("rematch", chat=chat)
    bob.told_nothing()
    ada.told_nothing()
    ada.send("disconnect")
    ada.told("idle")
    ada.send("rematch", chat=chat)
    ada.refused("stale_chat", "rematch")


@covers("close 1000")
def test_a_guest_may_say_goodbye(entrance: Door) -> None:
    ada = entrance.waiting()
    ada.leave(1000)
    assert ada.closed() == 1000
    entrance.waiting().told_nothing()


@covers("> message", "< gotMessage")
def test_a_thousand_messages_arrive_in_order_both_ways(entrance: Door) -> None:
    ada, bob, chat = entrance.pair()
    for n in range(500):
        ada.tell(chat, f"a{n}")
        bob.tell(chat, f"b{n}")
    for guest, name in ((ada, "b"), (bob, "a")):
        messages = [guest.told("gotMessage") for _ in range(500)]
        assert [message["text"] for message in messages] == [f"{name}{n}" for n in range(500)]
        assert [message["seq"] for message in messages] == list(range(1, 501))
        while guest.told("ack")["seq"] != 500:
            pass
