"""The way of a message in C: what it takes and what it leaves; nothing else tells it apart."""

import gc
import json
import re
import resource
import sys
from collections.abc import Iterator
from math import prod
from pathlib import Path
from random import Random
from typing import Any
from weakref import ref

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from roulette.core import leg
from roulette.core import text as core_text
from roulette.core.chats import ACKS_EVERY, ACKS_RIDE
from roulette.core.limits import Limits
from roulette.core.lobby import Lobby
from roulette.web import lane
from roulette.web.backpressure import WAITING_BYTES
from roulette.web.factory import ChatRouletteFactory
from roulette.web.protocol import ChatProtocol
from roulette.wire import FRAME_BYTES
from tests.faults.attacker import frame
from tests.memory import TIMERS
from tests.web.houses import BINARY, CLOSE, ODD, PING, TEXT, House, tell_apart

FOLDER = Path(lane.__file__).parent

pytestmark = pytest.mark.usefixtures("lane_in_c")


@pytest.fixture
def clock() -> Iterator[Clock]:
    before, TIMERS.loop = TIMERS.loop, Clock()
    yield TIMERS.loop
    TIMERS.loop = before


UNLIMITED = Limits(0.0, 0.0, 0.0, 0.0, 0.0)


def couple(clock: Clock, one: bool, other: bool, epoch: float = 1e9) -> tuple[House, House]:
    """Return houses with two who chat; the first message is said, which makes a bucket."""
    houses = tuple(House(clock, UNLIMITED, epoch, lane=lane) for lane in (False, True))
    for house in houses:
        for kind in (one, other):
            house.come(json=kind)
        for number in (0, 1):
            house.read(number, said(house, number, "first", "hello"))
    tell_apart(*houses)
    return houses[0], houses[1]


def said(house: House, number: int, message_id: str, text: str) -> bytes:
    if not house.is_json(number):
        return frame(TEXT, text.encode(errors="surrogatepass"))
    message = {"type": "message", "chat": house.chat(number), "id": message_id, "text": text}
    said = json.dumps(message, ensure_ascii=False)
    return frame(TEXT, said.encode(errors="surrogatepass"))


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


@pytest.mark.parametrize("one", [True, False])
@pytest.mark.parametrize("other", [True, False])
def test_what_was_accepted_is_told_though_memory_runs_out(
    clock: Clock, one: bool, other: bool
) -> None:
    no_memory = pytest.importorskip("_testcapi", reason="this Python is without its own tests")
    ran_out = lost = 0
    for allocation in range(60):
        _, house = couple(clock, one, other)
        data = b"".join(said(house, 0, f"{number}", f"é{number}") for number in range(3))
        take, connection, hears = house.factory.take, house.connections[0], house.guest(1)
        assert hears is not None
        assert hears.leg is not None
        heard, writes = hears.leg.heard, house.transports[1].writes
        writes.clear()
        try:
            no_memory.set_nomemory(allocation, allocation + 1)
            take(connection, data)
        except MemoryError:
            ran_out += 1
        finally:
            no_memory.remove_mem_hooks()
        accepted, told = hears.leg.heard - heard, b"".join(writes).count("é".encode())
        assert told in (accepted, 0)
        lost += told < accepted
    assert ran_out > 10
    assert lost <= 2, "but for want of memory for what is written, or to write it"


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


def test_what_is_not_asked_for_is_an_error(clock: Clock, lane_in_c: Any) -> None:
    _, c = couple(clock, True, True)
    one = c.connections[0]
    for wrong in ((), (one,), (one, b"", 0)):
        with pytest.raises(TypeError):
            c.factory.take(*wrong)
    for other in ((None, b"x"), (ChatProtocol(), b"x"), (one, bytearray(said(c, 0, "1", "hello")))):
        assert c.factory.take(*other) == 0
    with pytest.raises(TypeError):
        lane_in_c.Lane()
    with pytest.raises(TypeError):
        lane_in_c.Lane(*[object] * 27)


def test_where_writing_fails_it_is_as_ever(clock: Clock) -> None:
    houses = couple(clock, True, False)
    for house in houses:
        house.transports[1].write = None  # type: ignore[assignment, method-assign]
        with pytest.raises(TypeError):
            house.read(0, said(house, 0, "1", "hello"))
    assert houses[0].state() == houses[1].state()


@pytest.mark.parametrize("messages", [10_000, pytest.param(500_000, marks=pytest.mark.soak)])
def test_nothing_is_left_behind(clock: Clock, messages: int) -> None:
    houses = [couple(clock, kind, kind)[1] for kind in (True, False)]

    def talk(start: int, end: int) -> tuple[int, int]:
        for number in range(start, end):
            for house in houses:
                house.read(0, said(house, 0, str(number), "hello"))
                house.transports[1].writes.clear()
        gc.collect()
        return sys.getallocatedblocks(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    blocks, peak = talk(0, 1_000)
    blocks_later, peak_later = talk(1_000, messages)
    assert sum(house.taken for house in houses) > 1.98 * messages
    # The ids are from 256 to 512, with the numbers of the messages.
    assert abs(blocks_later - blocks) < 1_500
    assert peak_later - peak < 2_000  # KiB
    factories = [ref(house.factory) for house in houses]
    houses.clear()
    clock.calls.clear()
    gc.collect()
    assert [factory() for factory in factories] == [None, None]
