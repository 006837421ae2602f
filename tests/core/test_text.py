"""What may be written, in any script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.core import text
from tests.core.profiles import searching

ANY = st.text(st.characters(exclude_categories=()))
"""Any text, lone surrogates and all."""


@searching(100)
@given(ANY)
def test_cleaning_twice_is_cleaning_once_and_what_is_clean_can_be_sent(written: str) -> None:
    clean = text.clean(written)
    assert text.clean(clean) == clean
    clean.encode()
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in clean)
    assert not set(clean) & {"\u202d", "\u202e"}


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("a\r\nb\rc\nd\te", "a\nb\nc\nd\te"),
        ("\x00\x1b[31mred\x7f\x9b", "[31mred"),
        ("\u202eabc\u202d", "abc"),
        ("\u2067שלום\u2069 \u200f!", "\u2067שלום\u2069 \u200f!"),
        ("\ud83d half", " half"),
        ("👩🏽‍🚀 zażółć مرحبا", "👩🏽‍🚀 zażółć مرحبا"),
    ],
)
def test_what_deceives_goes_and_what_is_language_stays(written: str, clean: str) -> None:
    assert text.clean(written) == clean


@pytest.mark.parametrize(
    "spellings",
    [
        ("Straße", "STRASSE", "strasse"),
        ("café", "cafe\u0301", "CAFÉ"),
        ("ｊａｚｚ", "Jazz", "  jazz\n"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", "σίσυφοσ"),
        ("ﬁlm", "FILM"),
        ("Чай", "чай"),
        ("アニメ", "ｱﾆﾒ"),
        ("rock  music", "Rock\tMusic"),
    ],
)
def test_spellings_of_one_topic_are_one(spellings: tuple[str, ...]) -> None:
    assert len({text.topic_key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("чай", "чaй"), ("anime", "animé"), ("猫", "犬"), ("c", "c++")]
)
def test_topics_that_differ_stay_apart(one: str, other: str) -> None:
    assert text.topic_key(one) != text.topic_key(other)


@searching(100)
@given(ANY)
def test_a_topic_is_compared_as_its_compatible_caseless_form(topic: str) -> None:
    key = text.topic_key(topic)
    assert text.topic_key(key) == key
    assert text.topic_key(topic.upper()) == text.topic_key(topic.upper().casefold())
    assert text.topic_key(unicodedata.normalize("NFD", topic)) == key


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("pt-BR", "pt"),
        ("PT_br", "pt"),
        (" zh-Hant-TW ", "zh"),
        ("pl", "pl"),
        ("", ""),
        ("e\u202en\ud800-GB", "en"),
    ],
)
def test_a_language_is_what_comes_first_in_its_tag(tag: str, language: str) -> None:
    assert text.language_key(tag) == language
