"""The JSON wire: who searches, for whom, and who is found."""

from tests.e2e.guests import Door
from tests.e2e.wire_rows import covers

EQUAL_TOPICS = [
    ("ＪＡＺＺ", "jazz"),
    ("Straße", "STRASSE"),
    ("Шахматы", "ШАХМАТЫ"),
    ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
    ("ﷺ", "صلى الله عليه وسلم"),
]
"""Two spellings of one topic: full width, sharp s, Cyrillic, final sigma, an Arabic ligature."""


@covers("> cancel", "< idle")
def test_cancel_stops_the_search(entrance: Door) -> None:
    ada = entrance.waiting()
    for _ in range(2):
        ada.send("cancel")
        ada.told("idle")
    bob = entrance.waiting()
    ada.told_nothing()
    bob.told_nothing()


@covers("> start", "stage topics", "stage languages", "stage anyone")
def test_start_changes_the_wishes_and_keeps_the_place(entrance: Door) -> None:
    ada = entrance.guest()
    since = -1.0
    for wishes, stage in (
        ({"topics": ["tea"], "only": True}, "topics"),
        ({"languages": ["pl"], "only": True}, "languages"),
        ({}, "anyone"),
    ):
        ada.send("start", **wishes)
        waiting = ada.told("waiting")
        assert waiting["stage"] == stage
        assert waiting["since"] > since
        since = waiting["since"]


@covers("> start", "< connected")
def test_common_topics_are_told_in_ones_own_spelling(entrance: Door) -> None:
    ours, theirs = map(list, zip(*EQUAL_TOPICS, strict=True))
    ada = entrance.waiting(topics=["only ada's", *ours], only=True)
    bob = entrance.guest()
    bob.send("start", topics=[*theirs, "only bob's"], only=True)
    assert bob.told("connected")["commonLikes"] == theirs
    assert ada.told("connected")["commonLikes"] == ours


@covers("> start", "< connected")
def test_a_common_language_is_met_and_told(entrance: Door) -> None:
    ada = entrance.waiting(languages=["pt-BR", "ar"], only=True)
    eve = entrance.waiting(languages=["de"], only=True)
    bob = entrance.guest()
    bob.send("start", languages=["PT", "pl"], only=True)
    assert bob.told("connected")["languages"] == ["pt"]
    assert ada.told("connected")["languages"] == ["pt"]
    eve.told_nothing()


@covers("> away", "> back")
def test_an_away_guest_is_not_matched(entrance: Door) -> None:
    ada = entrance.waiting()
    ada.send("away")
    ada.settle()
    bob = entrance.waiting()
    ada.told_nothing()
    ada.send("back")
    assert ada.told("connected") == bob.told("connected")
