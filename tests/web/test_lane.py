"""The way of a message in C: what it takes and what it leaves; nothing else tells it apart."""

import re
import sys
from math import prod
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from roulette.core import leg
from roulette.core import text as core_text
from roulette.core.chats import ACKS_EVERY, ACKS_RIDE, Phase
from roulette.core.lobby import Lobby
from roulette.web import lane
from roulette.web.factory import ChatRouletteFactory
from roulette.web.outgoing import WAITING_BYTES
from roulette.web.protocol import ChatProtocol
from roulette.wire import FRAME_BYTES
from tests.faults.attacker import frame
from tests.web.houses import (
    BINARY,
    CLOSE,
    ODD,
    PING,
    TEXT,
    couple,
    said,
    tell_apart,
)

FOLDER = Path(lane.__file__).parent

pytestmark = pytest.mark.usefixtures("lane_in_c")


@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize("other", [False, True])
def test_all_that_is_ordinary_is_taken(clock: Clock, one: bool, other: bool) -> None:
    """But for one message in 257, when the ids that are known begin anew."""
    python, c = couple(clock, one, other)
    for number in range(1000):
        for house in (python, c):
            for who in (0, 1):
                house.read(who, said(house, who, str(number), f"this is said {number}"))
        clock.advance(0.0123)
    tell_apart(python, c)
    assert c.lobby.tally.messages == 2002
    assert c.taken >= 2000 - 4 * (one + other)


@pytest.mark.parametrize("phase", [Phase.DRAINING, Phase.CLOSING])
def test_who_chats_is_taken_along_until_the_service_has_stopped(clock: Clock, phase: Phase) -> None:
    for kind in (True, False):
        python, c = couple(clock, kind, kind)
        before = c.taken
        for house in (python, c):
            house.lobby.phase = phase
            house.read(0, said(house, 0, "1", "hello"))
        tell_apart(python, c)
        assert c.taken == before + 1


@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize("other", [False, True])
def test_every_character_is_said_alike(clock: Clock, one: bool, other: bool) -> None:
    houses = couple(clock, one, other)
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    printable = [letter for letter in letters if letter.isprintable()]
    assert [letter for letter in printable if letter.isspace()] == [" "]
    few = [letter for letter in letters if not letter.isprintable()][:500]
    said_ = ["".join(printable[at : at + 1000]) for at in range(0, len(printable), 1000)]
    for number, text in enumerate([*(f"a{letter}b" for letter in few), *said_]):
        for house in houses:
            house.read(0, said(house, 0, str(number), text))
        tell_apart(*houses)


@given(epoch=st.floats(0, 1e13) | st.integers(0, 10**13).map(lambda at: at / 1000))
@example(0.0)
@example(1e15)
@example(-1.0)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_time_is_told_alike(clock: Clock, epoch: float) -> None:
    houses = couple(clock, True, True, epoch)
    for house in houses:
        house.read(0, said(house, 0, "1", "hello"))
    tell_apart(*houses)


SIZES = [0, 1, 64, 65, 1999, 2000, 2001]


@pytest.mark.parametrize("text", [*ODD, *(each * size for each in 'xé🐈"' for size in SIZES)])
def test_odd_texts_and_ids_are_said_alike(clock: Clock, text: str) -> None:
    for kinds in ((True, True), (True, False), (False, True), (False, False)):
        houses = couple(clock, *kinds)
        for house in houses:
            house.read(0, said(house, 0, "1", text))
            house.read(0, said(house, 0, text, "hello"))
        tell_apart(*houses)


@pytest.mark.parametrize(
    "before",
    [
        b"\x81",
        frame(TEXT, b"x" * 90)[:7],
        frame(TEXT, b"x", fin=False),
        frame(PING)[:2],
        frame(BINARY, b"x"),
        frame(CLOSE),
    ],
)
def test_what_came_before_counts(clock: Clock, before: bytes) -> None:
    houses = couple(clock, True, True)
    for house in houses:
        house.read(0, before)
        house.read(0, said(house, 0, "1", "hello"))
    tell_apart(*houses)


@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("text", ["hello", "x" * 90, "x" * 1990, '"' * 2000, "🐈" * 2000])
def test_many_at_once_are_said_alike(clock: Clock, one: bool, other: bool, text: str) -> None:
    houses = couple(clock, one, other)
    for house in houses:
        house.read(0, b"".join(said(house, 0, str(number), text) for number in range(200)))
    tell_apart(*houses)
    assert houses[1].taken >= 3


def test_what_comes_while_a_ping_waits_counts_as_its_answer(clock: Clock) -> None:
    houses = couple(clock, True, True)
    clock.advance(20)
    for house in houses:
        house.read(0, said(house, 0, "1", "hello"))
    clock.advance(20)
    tell_apart(*houses)
    assert houses[1].open == {0}


def test_who_says_something_is_told_what_is_due_just_then(clock: Clock) -> None:
    houses = couple(clock, True, True)
    for seconds in (ACKS_EVERY - ACKS_RIDE, 0.001, 0.2):
        clock.advance(seconds)
        for house in houses:
            house.read(0, said(house, 0, str(seconds), "hello"))
        tell_apart(*houses)


SPELLED = [
    '{"type":"message","chat":"CHAT","id":"1","text":"x"}',
    ' { "text" : "x" , "id" : "1" , "chat" : "CHAT" , "type" : "message" } ',
    '{"type":"message","chat":"CHAT","id":"1","text":"a\\/b\\\\c\\"d"}',
    '{"type":"message","chat":"CHAT","id":"1\\/","text":"\\u0041\\n"}',
    '{"type":"message","chat":"CHAT","id":"1\x01","text":"x"}',
    '{"type":"message","chat":"CHAT","id":"1\x7f","text":"x"}',
    '{"type":"message","chat":"CHAT","id":"1","text":"x\ty"}',
    '{"type":"message","chat":"CHAT","id":"1","id":"2","text":"x"}',
    '{"type":"message","chat":"CHAT","id":"","id":"1","text":"x"}',
    '{"type":"message","chat":"CHAT","id":"1","text":"x","text":"y"}',
    '{"type":"message","chat":"x","chat":"CHAT","id":"1","text":"y"}',
    '{"type":"message","chat":"CHAT","text":"y","id":"1","text":"x"}',
    '{"type":"message","type":"cancel","chat":"CHAT","id":"1","text":"x"}',
    '{"type":"message","chat":"other","id":"1","text":"x"}',
    '{"type":"message","chat":"TAHC","id":"1","text":"x"}',
    '{"type":"message","chat":"TAHC","id":"1","chat":"CHAT","text":"x"}',
    '{"type":"message","chat":"CHAT","id":"1","chat":"TAHC","text":"x"}',
    '{"type":"message","chat":"CHAT","id":"1","text":"x","more":"x"}',
    '{"type":"message","chat":"CHAT","id":1,"text":"x"}',
    '{"type":"message","chat":"CHAT","id":"1","text":"x",}',
    '{"type":"message","chat":"CHAT","id":"1","text":"x"}}',
    '{"type":"message","chat":"CHAT","id":"1","text":"x"',
    '{"type":"message","chat":"CHAT","id":"1","text":"x\\',
    '{"type":"message","chat":"CHAT","id":"1"}',
    '{"type":"typing","chat":"CHAT","id":"1","text":"x"}',
    '{"type" "message","chat":"CHAT","id":"1","text":"x"}',
    '{"type":"message";"chat":"CHAT","id":"1","text":"x"}',
    '{,"type":"message","chat":"CHAT","id":"1","text":"x"}',
    "{}",
    "{",
    " ",
]


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("odd", [b"", b"\xff", b"\xed\xa0\x80"])
def test_json_is_read_alike(clock: Clock, spelled: str, odd: bytes) -> None:
    houses = couple(clock, True, True)
    for house in houses:
        chat = house.chat(0)
        text = (
            spelled.replace("CHAT", chat)
            .replace("TAHC", chat[::-1])
            .encode()
            .replace(b'"x', b'"x' + odd)
        )
        house.read(0, frame(TEXT, text))
        house.read(0, frame(TEXT, text.replace(b'"1', b'"1' + odd)))
    tell_apart(*houses)


def test_an_id_is_known_again_after_hundreds(clock: Clock) -> None:
    houses = couple(clock, True, True)
    for number in (*range(300), 7, 299, 10, 300):
        for house in houses:
            house.read(0, said(house, 0, f"id{number}", "hello"))
    tell_apart(*houses)
    assert houses[1].lobby.tally.messages == 303


def test_the_numbers_are_those_of_the_rules() -> None:
    theirs = {
        **vars(core_text),
        **vars(leg),
        "FRAME_BYTES": FRAME_BYTES,
        "WAITING_BYTES": WAITING_BYTES,
    }
    source = "".join((FOLDER / name).read_text() for name in ("_frames.h", "_lane_bytes.h"))
    ours = re.findall(r"^    (\w+) = ([\d *]+),$", source, re.MULTILINE)
    found = {name: prod(map(int, value.split("*"))) for name, value in ours if name in theirs}
    assert len(found) == 7
    assert {name: theirs[name] for name in found} == found


def test_who_has_a_way_of_its_own_goes_it(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    class Protocol(ChatProtocol):
        pass

    class Factory(ChatRouletteFactory):
        pass

    class Rules(Lobby):
        pass

    patched = Lobby(Random(1))
    patched.do = patched.do  # type: ignore[method-assign]
    assert ChatRouletteFactory(Lobby(Random(1)), clock).take is not lane.nothing
    assert ChatRouletteFactory(Lobby(Random(1)), clock, Protocol).take is lane.nothing
    assert ChatRouletteFactory(Rules(Random(1)), clock).take is lane.nothing
    assert ChatRouletteFactory(patched, clock).take is lane.nothing
    assert Factory(Lobby(Random(1)), clock).take is lane.nothing
    monkeypatch.setenv("ROULETTE_NO_LANE", "1")
    assert ChatRouletteFactory(Lobby(Random(1)), clock).take is lane.nothing
