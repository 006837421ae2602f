"""The wire of the seed over real sockets."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.e2e.guests import Door, PlainGuest

SEARCHING = "* Looking for a stranger..."
MET = "* A stranger has come. Say hello!"
LEFT = "* The stranger has left."
NEXT = "* The stranger has left, to meet somebody else."
ALONE = "* You are alone now. /next looks for a stranger."
SORRY = "Sorry you dont have partner yet, check back in a minute"

TEXTS = [
    "Zażółć gęślą jaźń",
    "مرحبًا، كيف حالك؟",
    "👋🏽 👩‍👩‍👧‍👦 🇵🇱 🏴‍☠️",
    "two\nlines\tand a tab",
    "<b>&amp;</b>",
    "ż" * 2000,
    "م" * 2000,
    "🦊" * 2000,
]


def plain_pair(entrance: Door) -> tuple[PlainGuest, PlainGuest]:
    """Return two who have met."""
    ada = entrance.plain()
    assert ada.hear() == SEARCHING
    bob = entrance.plain()
    assert [ada.hear(), bob.hear()] == [MET, MET]
    return ada, bob


def test_two_talk_and_every_text_arrives_as_it_was(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    for text in TEXTS:
        ada.say(text)
        bob.say(text[::-1])
    assert [bob.hear() for _ in TEXTS] == TEXTS
    assert [ada.hear() for _ in TEXTS] == [text[::-1] for text in TEXTS]


def test_a_third_hears_nothing(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    eve = entrance.plain()
    assert eve.hear() == SEARCHING
    ada.say("between us")
    assert bob.hear() == "between us"
    eve.hears_nothing()
    ada.hears_nothing()


@pytest.mark.parametrize("way", [PlainGuest.leave, PlainGuest.drop])
def test_one_leaves_the_other_is_told_and_meets_the_next_who_comes(
    entrance: Door, way: Callable[[PlainGuest], None]
) -> None:
    ada, bob = plain_pair(entrance)
    way(bob)
    assert [ada.hear(), ada.hear()] == [LEFT, SEARCHING]
    eve = entrance.plain()
    assert [ada.hear(), eve.hear()] == [MET, MET]
    eve.say("hello")
    assert ada.hear() == "hello"


def test_without_a_partner_the_seed_is_sorry(entrance: Door) -> None:
    ada = entrance.plain()
    assert ada.hear() == SEARCHING
    ada.say("is anybody there?")
    assert ada.hear() == SORRY
    bob = entrance.plain()
    assert bob.hear() == MET
    bob.hears_nothing()


def test_next_meets_somebody_else(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    eve = entrance.plain()
    assert eve.hear() == SEARCHING
    ada.say("/next")
    assert [ada.hear(), eve.hear()] == [MET, MET]
    assert [bob.hear(), bob.hear()] == [NEXT, SEARCHING]
    ada.say("hello, whoever you are")
    assert eve.hear() == "hello, whoever you are"
    bob.hears_nothing()


def test_stop_ends_the_chat_and_the_search(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    ada.say("/stop")
    assert ada.hear() == ALONE
    assert [bob.hear(), bob.hear()] == [LEFT, SEARCHING]
    bob.say("/stop")
    assert bob.hear() == ALONE
    ada.say("hello?")
    assert ada.hear() == SORRY
    eve = entrance.plain()
    assert eve.hear() == SEARCHING
    ada.say("/next")
    assert [ada.hear(), eve.hear()] == [MET, MET]
    bob.hears_nothing()


def test_help_and_unknown_commands_are_answered_by_the_server_alone(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    ada.say("/help")
    said = ada.hear()
    assert said.startswith("* ")
    assert all(command in said for command in ("/next", "/stop", "/help"))
    ada.say("/dance")
    assert ada.hear().startswith("* ")
    bob.hears_nothing()


def test_two_slashes_are_one(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    ada.say("//next")
    ada.say("///")
    assert [bob.hear(), bob.hear()] == ["/next", "//"]


def test_nobody_speaks_as_the_server(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    ada.say("* You have won.\n* Really.")
    assert bob.hear() == " * You have won.\n * Really."
    ada.say("*stars* and * between")
    assert bob.hear() == "*stars* and * between"


def test_too_long_a_text_is_refused_and_the_talk_goes_on(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    ada.say("x" * 2001)
    assert ada.hear() == "* a message has at most 2000 characters"
    ada.say("x")
    assert bob.hear() == "x"


@pytest.mark.parametrize(
    ("payload", "as_text", "code"),
    [
        (b"\x00\x01", False, 1003),
        (b"", False, 1003),
        (b"\xc5", True, 1007),
        (b"half an \xed\xa0\xbd", True, 1007),
        (b"x" * (16 * 1024 + 1), True, 1009),
        (b"x" * (16 * 1024 + 1), False, 1009),
    ],
)
def test_what_is_no_text_ends_the_connection(
    entrance: Door, payload: bytes, as_text: bool, code: int
) -> None:
    ada, bob = plain_pair(entrance)
    bob.connection.send(payload, text=as_text)
    assert bob.closed() == code
    assert [ada.hear(), ada.hear()] == [LEFT, SEARCHING]


def test_a_message_in_fragments_counts_as_one(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    ada.connection.send(["Zażół", "ć gęślą ", "jaźń"])
    assert bob.hear() == "Zażółć gęślą jaźń"
    # The last part is refused by its head; the client may hear of it while there is more to send.
    with suppress(ConnectionClosed):
        ada.connection.send("x" * 8192 for _ in range(3))
    assert ada.closed() == 1009


def test_a_frame_of_exactly_16_kib_is_taken(entrance: Door) -> None:
    ada, bob = plain_pair(entrance)
    ada.say("x" * (16 * 1024))
    assert ada.hear() == "* a message has at most 2000 characters"
    bob.hears_nothing()


def test_plain_and_json_guests_talk(entrance: Door) -> None:
    ada = entrance.plain()
    assert ada.hear() == SEARCHING
    bob = entrance.guest()
    bob.send("start", topics=["chess"], only=False)
    assert bob.told("waiting")["stage"] == "topics"
    bob.send("start")
    chat = bob.told("connected")["chat"]
    assert ada.hear() == MET
    for seq, text in enumerate(TEXTS, 1):
        ada.say(text)
        message = bob.told("gotMessage")
        assert (message["chat"], message["seq"], message["text"]) == (chat, seq, text)
        last = bob.tell(chat, text)
        assert ada.hear() == text
    while bob.told("ack")["id"] != last:
        pass
    bob.send("typing", chat=chat)
    bob.send("away")
    assert ada.hear() == "* The stranger is away."
    bob.send("back")
    assert ada.hear() == "* The stranger is back."
    bob.drop()
    assert ada.hear() == "* The stranger has lost the connection and may come back."
    again = entrance.guest(resume=bob.token, seq=len(TEXTS))
    assert again.welcome["resumed"]
    assert ada.hear() == "* The stranger is back."
    ada.leave()
    assert again.told("strangerDisconnected")["reason"] == "left"
