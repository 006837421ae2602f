"""The way of a message in C, searched for anything that tells it from the way in Python."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.task import Clock

from roulette.core.chats import Phase
from roulette.core.limits import Limits
from tests.core.profiles import searching
from tests.faults.attacker import frame
from tests.memory import TIMERS
from tests.web.houses import (
    BINARY,
    CLOSE,
    MORE,
    ODD,
    PING,
    PONG,
    TEXT,
    House,
    Transport,
    tell_apart,
)

SEARCHED = {"said": 0, "taken": 0}
TEXTS = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40),
    st.text(max_size=40),
    st.sampled_from(ODD),
)
IDS = st.one_of(
    st.integers(0, 12).map(str),
    st.integers(0, 1 << 40).map(str),
    st.integers(0, 1 << 40).map(str),
    st.integers(1, 300).map("id{}".format),
    st.sampled_from(["", "x" * 64, "x" * 65, "ż" * 64, 'a"\\b', "a\x00b", "a\x7f", "\ud83d"]),
)
KINDS = ["message"] * 18 + ["verb"] * 9 + ["odd"]
CHATS = st.sampled_from(["now"] * 12 + ["token-1", "ż", ""])


def spelled(chat: str, number: str, text: str, data: Callable[[Any], Any]) -> str:
    """Return a message on the JSON wire, spelled in one of many ways, a few of them wrong."""
    pairs = [("type", "message"), ("chat", chat), ("id", number), ("text", text)]
    way = data(st.sampled_from(["right"] * 8 + ["order", "twice", "more", "less", "null", "tail"]))
    if way == "order":
        pairs = data(st.permutations(pairs))
    elif way == "twice":
        pairs.append((data(st.sampled_from([name for name, _ in pairs])), "other"))
    elif way == "more":
        pairs.insert(data(st.integers(0, 4)), ("also", "this"))
    elif way == "less":
        pairs.pop(data(st.integers(0, 3)))
    compact = data(st.booleans())
    ascii_ = data(st.sampled_from([False, False, True]))
    colon, comma = (":", ",") if compact else (" :\t", " ,\r\n")
    said = comma.join(
        colon.join(json.dumps(each, ensure_ascii=ascii_) for each in pair) for pair in pairs
    )
    if data(st.sampled_from([False] * 4 + [True])):
        said = said.replace("/", "\\/")
    if way == "null":
        said = said.replace(f'"{number}"', "null", 1)
    return "{" + said + ("}" if way != "tail" else data(st.sampled_from(["", "} x", ",}", "}}"])))


class Houses(RuleBasedStateMachine):
    """The same happens to both; then both have said the same, and are in the same state."""

    @initialize(
        limits=st.sampled_from(
            [
                Limits(),
                Limits(frames=5.0),
                Limits(messages=900.0),
                Limits(0.0, 0.0, 0.0, 0.0, 0.0),
                Limits(0.0, 0.0, 0.0, 0.0, 0.0),
            ]
        ),
        epoch=st.sampled_from([0.0, 1764189903.123, 1e9, 1e12]),
        kinds=st.lists(st.sampled_from([True, True, False]), min_size=2, max_size=5),
    )
    def begin(self, limits: Limits, epoch: float, kinds: list[bool]) -> None:
        self.before, TIMERS.loop = TIMERS.loop, Clock()
        self.clock = TIMERS.loop
        self.python = House(self.clock, limits, epoch, lane=False)
        self.c = House(self.clock, limits, epoch, lane=True)
        self.houses = self.python, self.c
        self.used = 0
        for kind in kinds:
            self.arrive(kind)

    def both(self, act: Callable[[House], object]) -> None:
        for house in self.houses:
            act(house)

    def read(self, number: int, data: bytes) -> None:
        self.both(lambda house: house.read(number, data))

    def who(self, number: int) -> int | None:
        there = sorted(self.python.open)
        return there[number % len(there)] if there else None

    # What may happen.

    @rule(kind=st.sampled_from([True, True, False]))
    def arrive(self, kind: bool) -> None:
        self.both(lambda house: house.come(json=kind))

    @rule(who=st.integers(0, 9), data=st.data(), sure=st.booleans())
    def talk(self, who: int, data: st.DataObject, sure: bool) -> None:
        """Send some frames, cut and joined anywhere."""
        self.talk_as(who, data, sure=sure)

    def talk_as(self, who: int, data: st.DataObject, *, sure: bool) -> None:
        if (number := self.who(who)) is None:
            return
        draw = data.draw
        frames = [self.frame(number, draw, sure=sure) for _ in range(draw(st.integers(1, 6)))]
        sent = b"".join(frames)
        cuts = draw(st.lists(st.integers(0, len(sent)), max_size=3))
        ends = [*sorted(cuts), len(sent)]
        for start, end in zip([0, *ends], ends, strict=False):
            if start < end:
                self.read(number, sent[start:end])

    def frame(self, number: int, draw: Callable[[Any], Any], *, sure: bool) -> bytes:
        kind = "message" if sure else draw(st.sampled_from(KINDS))
        mask = draw(st.sampled_from([b"\0\0\0\0", b"\x01\x02\x03\x04", b"\xff\x80\x7f\x00"]))
        if kind == "odd":
            return frame(
                draw(st.sampled_from([PING, PONG, BINARY, MORE, CLOSE, TEXT])),
                draw(st.binary(max_size=20)),
                fin=draw(st.sampled_from([True, True, False])),
                rsv=draw(st.sampled_from([0, 0, 0, 4])),
                mask=draw(st.sampled_from([mask, mask, mask, None])),
                size=draw(st.sampled_from([None, None, None, 126, 20_000])),
            )
        if kind == "message":
            text = draw(TEXTS)
            said = self.message(number, draw, text) if self.python.is_json(number) else text
        elif self.python.is_json(number):
            said = json.dumps(self.verb(number, draw))
        else:
            said = draw(st.sampled_from(["/next", "/stop", "/help", "//x"]))
        parts = said.encode(errors="surrogatepass")
        if draw(st.sampled_from([False] * 9 + [True])):
            return frame(TEXT, parts[:3], fin=False, mask=mask) + frame(MORE, parts[3:], mask=mask)
        return frame(TEXT, parts, mask=mask)

    def message(self, number: int, draw: Callable[[Any], Any], text: str) -> str:
        chat = draw(CHATS)
        return spelled(self.python.chat(number) if chat == "now" else chat, draw(IDS), text, draw)

    def verb(self, number: int, draw: Callable[[Any], Any]) -> dict[str, Any]:
        kinds = ["typing", "stoppedTyping", "seen", "seen", "away", "back", "start", "next"]
        kind = draw(st.sampled_from([*kinds, "disconnect", "block", "rematch", "cancel", "hello"]))
        guest = self.python.guest(number)
        heard = guest.leg.heard if guest and guest.leg else 0
        verb: dict[str, Any] = {"type": kind}
        if kind in {"typing", "stoppedTyping", "seen", "next", "disconnect", "block", "rematch"}:
            verb["chat"] = self.python.chat(number)
        if kind == "seen":
            verb["seq"] = max(0, heard - draw(st.integers(-1, 3)))
        return verb

    @rule(who=st.integers(0, 9), long=st.booleans(), at_once=st.sampled_from([1, 1, 2, 3, 60]))
    def talk_a_lot(self, who: int, long: bool, at_once: int) -> None:
        """Say more than is kept, as far as it is let through; so many in one read."""
        if (number := self.who(who)) is None:
            return
        frames = []
        for _ in range(40 if long else 280):
            self.used += 1
            text = "🐈" * 2000 if long else f"text {self.used}"
            if self.python.is_json(number):
                said = {"type": "message", "chat": self.python.chat(number), "text": text}
                text = json.dumps({**said, "id": f"id{self.used}"}, ensure_ascii=False)
            frames.append(frame(TEXT, text.encode()))
        for start in range(0, len(frames), at_once):
            self.read(number, b"".join(frames[start : start + at_once]))

    @rule(
        who=st.integers(0, 9),
        turns=st.lists(
            st.tuples(
                st.booleans(),
                st.sampled_from(["message"] * 4 + ["typing", "seen"]),
                st.sampled_from([0.0, 0.0, 0.009, 0.011, 0.03, 0.051]),
            ),
            min_size=4,
            max_size=20,
        ),
    )
    def converse(self, who: int, turns: list[tuple[bool, str, float]]) -> None:
        """Let two who chat take turns."""
        number = self.who(who)
        guest = None if number is None else self.python.guest(number)
        if number is None or guest is None or guest.leg is None:
            return
        partner = self.python.lobby.guests[guest.leg.partner.guest]
        if partner.connection is None:
            return
        pair = number, self.python.connections.index(partner.connection)
        for first, kind, pause in turns:
            one = pair[first]
            self.used += 1
            heard = guest.leg.heard if one == number else partner.its_leg().heard
            said: Any = {"type": kind, "chat": guest.leg.chat}
            said |= {"id": f"id{self.used}", "text": "hello"} if kind == "message" else {}
            said |= {"seq": heard} if kind == "seen" else {}
            text = json.dumps(said) if self.python.is_json(one) else "hello"
            self.read(one, frame(TEXT, text.encode()))
            self.nothing_tells_them_apart()
            if guest.leg is None:
                break
            self.clock.advance(pause)

    @rule(
        seconds=st.sampled_from([0.001, 0.009, 0.011, 0.04, 0.05, 0.3, 1.0, 6.0, 19.0, 31.0]),
        answers=st.sampled_from([True, True, True, False]),
    )
    def pass_time(self, seconds: float, answers: bool) -> None:
        """Let time pass; pings are answered, or not."""
        while seconds > 0:
            self.clock.advance(min(seconds, 10.0))
            seconds -= 10.0
            self.both(House.hang_up)
            for house in self.houses:
                for number in sorted(house.open) * answers:
                    ping = house.connections[number].autoPingPending
                    house.read(number, frame(PONG, ping) if ping else b"")

    @rule(who=st.integers(0, 9), after=st.sampled_from([0, 100, 10_000, 1 << 30]))
    def choke(self, who: int, after: int) -> None:
        """Let somebody read no more, after so many bytes."""
        if (number := self.who(who)) is not None:
            for house in self.houses:
                transport = house.transports[number]
                transport.choking = transport.written + after

    @rule(who=st.integers(0, 9))
    def read_on(self, who: int) -> None:
        if (number := self.who(who)) is not None:
            for house in self.houses:
                house.transports[number].choking = Transport.choking
                house.connections[number].resumeProducing()

    @rule(who=st.integers(0, 9), seq=st.sampled_from(["all", "older", "none"]), goes=st.booleans())
    def come_back(self, who: int, seq: str, goes: bool) -> None:
        """Drop; and come back, at once or instead."""
        if (number := self.who(who)) is None or not self.python.is_json(number):
            return
        guest = self.python.guest(number)
        if goes:
            self.both(lambda house: house.lose(number))
        if guest is not None:
            hello: dict[str, Any] = {"type": "hello", "resume": guest.resume}
            if guest.leg is not None and seq != "none":
                hello["chat"] = guest.leg.chat
                hello["seq"] = max(0, guest.leg.heard - 4 * (seq == "older"))
            self.both(lambda house: house.connect(json=True))
            back = len(self.python.connections) - 1
            self.read(back, frame(TEXT, json.dumps(hello).encode()))

    @rule(who=st.integers(0, 9))
    def drop(self, who: int) -> None:
        if (number := self.who(who)) is not None:
            self.both(lambda house: house.lose(number))

    @rule(who=st.integers(0, 9), data=st.data())
    def talk_watched(self, who: int, data: st.DataObject) -> None:
        """Talk while a method of the lobby is replaced, as where the operator watches a guest."""
        for house in self.houses:
            vars(house.lobby)["do"] = house.lobby.do
        taken = self.c.taken
        self.talk_as(who, data, sure=True)
        assert self.c.taken == taken
        for house in self.houses:
            del vars(house.lobby)["do"]

    @rule(who=st.integers(0, 9), data=st.data(), phase=st.sampled_from(Phase))
    def talk_to_the_end(self, who: int, data: st.DataObject, phase: Phase) -> None:
        """Talk, or leave, while the service is on its way to stop."""
        for house in self.houses:
            house.lobby.phase = phase
        self.talk_as(who, data, sure=False)
        for house in self.houses:
            house.lobby.phase = Phase.OPEN

    # What must hold.

    @invariant()
    def nothing_tells_them_apart(self) -> None:
        tell_apart(*self.houses)

    def teardown(self) -> None:
        if hasattr(self, "before"):
            TIMERS.loop = self.before
            SEARCHED["said"] += self.python.lobby.tally.messages
            SEARCHED["taken"] += self.c.taken


@pytest.mark.usefixtures("lane_in_c")
def test_nothing_tells_the_house_with_the_lane_from_the_one_without() -> None:
    run_state_machine_as_test(Houses, settings=searching(60, 40))
    assert SEARCHED["taken"] > 300, "nothing was searched"


@pytest.mark.soak
@pytest.mark.usefixtures("lane_in_c")
def test_nothing_does_in_a_long_search() -> None:
    run_state_machine_as_test(Houses, settings=searching(1000, 60))
