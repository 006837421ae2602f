"""One side of a chat: what is kept for a guest, and what is known of what it said."""

import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roulette.core.events import Ack, GotMessage
from roulette.core.frames import Address
from roulette.core.leg import KEPT_BYTES, KEPT_MESSAGES, REMEMBERED_IDS, Leg
from tests.core.profiles import searching

LONGEST = "🐈" * 2000
"""The message that takes most room: 8,000 bytes."""


def a_leg() -> Leg:
    return Leg("chat", Address("node", "guest"), Address("node", "partner"))


def hear(leg: Leg, number: int, *, handed: bool, text: str = "hi") -> list[bool]:
    return [
        leg.hear(GotMessage("chat", leg.heard + 1, text, 0.0), handed=handed) for _ in range(number)
    ]


def seqs(missed: list[GotMessage] | None) -> list[int]:
    assert missed is not None, "there is a gap"
    return [message.seq for message in missed]


def test_messages_are_numbered_from_one_and_their_ids_remembered() -> None:
    leg = a_leg()
    assert [leg.say("a"), leg.say(None), leg.say("b")] == [1, 2, 3]
    assert leg.repeated("a") == Ack("chat", "a", 1)
    assert leg.repeated("b") == Ack("chat", "b", 3)
    assert leg.repeated("c") is None


@given(st.integers(0, 5 * REMEMBERED_IDS))
def test_of_the_ids_only_the_latest_are_remembered(said: int) -> None:
    leg = a_leg()
    for number in range(said):
        leg.say(f"{number}")
    known = [number for number in range(said) if leg.repeated(f"{number}") is not None]
    assert known == list(range(said - len(known), said))
    assert min(said, REMEMBERED_IDS) <= len(known) <= 2 * REMEMBERED_IDS


def test_two_hundred_messages_wait_for_an_absent_guest_and_not_one_more() -> None:
    leg = a_leg()
    assert hear(leg, KEPT_MESSAGES + 1, handed=False) == [True] * KEPT_MESSAGES + [False]
    assert leg.heard == KEPT_MESSAGES
    assert seqs(leg.missed(0)) == list(range(1, KEPT_MESSAGES + 1))


def test_a_quarter_of_a_mebibyte_waits_for_an_absent_guest_and_not_one_byte_more() -> None:
    leg, fit = a_leg(), KEPT_BYTES // len(LONGEST.encode())
    rest = KEPT_BYTES - fit * len(LONGEST.encode())
    assert all(hear(leg, fit, handed=False, text=LONGEST))
    assert hear(leg, 1, handed=False, text="x" * (rest + 1)) == [False]
    assert hear(leg, 1, handed=False, text="x" * rest) == [True]
    assert hear(leg, 1, handed=False, text="x") == [False]


def test_what_was_handed_over_makes_room_and_what_was_not_never_does() -> None:
    leg = a_leg()
    hear(leg, 150, handed=True)
    assert hear(leg, KEPT_MESSAGES + 1, handed=False) == [True] * KEPT_MESSAGES + [False]
    assert seqs(leg.missed(150)) == list(range(151, 151 + KEPT_MESSAGES))


def test_what_is_confirmed_makes_room() -> None:
    leg = a_leg()
    hear(leg, KEPT_MESSAGES, handed=False)
    leg.confirm(1)
    assert hear(leg, 2, handed=False) == [True, False]


def test_a_gap_is_known() -> None:
    leg = a_leg()
    hear(leg, KEPT_MESSAGES + 10, handed=True)
    assert leg.missed(9) is None
    assert seqs(leg.missed(10)) == list(range(11, KEPT_MESSAGES + 11))
    assert seqs(leg.missed(None)) == list(range(11, KEPT_MESSAGES + 11))


def test_what_was_confirmed_is_no_gap() -> None:
    leg = a_leg()
    hear(leg, 60, handed=True)
    leg.confirm(50)
    assert seqs(leg.missed(0)) == list(range(51, 61))
    assert seqs(leg.missed(49)) == list(range(51, 61))
    assert seqs(leg.missed(None)) == list(range(51, 61))
    hear(leg, KEPT_MESSAGES + 1, handed=True)
    assert leg.missed(0) is None


def test_a_seq_of_another_chat_asks_for_everything() -> None:
    leg = a_leg()
    hear(leg, 3, handed=True)
    assert seqs(leg.missed(2, "another")) == [1, 2, 3]
    assert seqs(leg.missed(4)) == [1, 2, 3]
    assert seqs(leg.missed(2, "chat")) == [3]


def test_what_was_replayed_counts_as_handed_over() -> None:
    leg = a_leg()
    hear(leg, KEPT_MESSAGES, handed=False)
    leg.missed(0)
    assert hear(leg, 1, handed=False) == [True]


def test_what_is_kept_takes_no_more_memory_than_it_is_counted_for() -> None:
    # One wide character makes a str four times as long.
    leg, text = a_leg(), "x" * 1300 + "\N{GRINNING FACE}"
    tracemalloc.start()
    try:
        hear(leg, KEPT_MESSAGES, handed=True, text=text)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(leg._kept) == KEPT_MESSAGES
    assert leg._kept_bytes <= taken < 1.2 * KEPT_BYTES
    assert leg.missed(0) == [GotMessage("chat", 1 + n, text, 0.0) for n in range(KEPT_MESSAGES)]


@searching(100)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("hear"), st.booleans(), st.sampled_from(["hi", LONGEST])),
            st.tuples(st.just("confirm"), st.integers(0, 300)),
            st.tuples(st.just("missed"), st.none() | st.integers(0, 300)),
        ),
        max_size=300,
    )
)
def test_what_is_kept_is_bounded_without_gaps_and_nothing_unhanded_is_let_go(
    acts: list[tuple[Any, ...]],
) -> None:
    leg = a_leg()
    confirmed = handed = 0
    for act, *how in acts:
        if act == "hear":
            # Who has a connection has been handed everything.
            connected = how[0] and handed == leg.heard
            if not leg.hear(GotMessage("chat", leg.heard + 1, how[1], 0.0), handed=connected):
                room = KEPT_BYTES - len(how[1].encode())
                assert len(leg._kept) == KEPT_MESSAGES or leg._kept_bytes > room
            elif connected:
                handed = leg.heard
        elif act == "confirm":
            confirmed = max(confirmed, min(how[0], handed))
            leg.confirm(min(how[0], handed))
        elif (missed := leg.missed(how[0])) is not None:
            handed = leg.heard
            if how[0] is not None and how[0] <= leg.heard:
                confirmed = max(confirmed, how[0])
                assert seqs(missed) == list(range(confirmed + 1, leg.heard + 1))
        kept = [seq for seq, _, _ in leg._kept]
        assert kept == list(range(leg.heard - len(kept) + 1, leg.heard + 1))
        assert set(range(max(handed, confirmed) + 1, leg.heard + 1)) <= set(kept)
        assert len(kept) <= KEPT_MESSAGES
        assert leg._kept_bytes == sum(len(text) for _, _, text in leg._kept) <= KEPT_BYTES
