"""Sessions against the real lobby."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from roulette.client.outbox import CALM, WINDOW
from roulette.client.session import Session
from roulette.core import events, verbs
from roulette.core.events import Code, Reason, State
from roulette.core.limits import BURSTS, UNLIMITED, Kind, Limits
from roulette.core.ticket import Wishes
from roulette.core.verbs import Verb
from tests.client.links import REFUSED, User, World, partner_heard

who = st.integers(0, 2)


class Drops(RuleBasedStateMachine):
    """Three users; what each of them hears is the beginning of what was said to them."""

    limits = UNLIMITED

    @initialize(seed=st.integers(0, 9))
    def begin(self, seed: int) -> None:
        self.world = World(seed, users=3, limits=self.limits)
        self.texts = 0
        for user in self.world.users:
            user.session.start(verbs.Start())
            self.world.connect(user)

    @rule(who=who, noticed=st.booleans())
    def drop(self, who: int, noticed: bool) -> None:
        self.world.drop(self.world.users[who], noticed=noticed)

    @rule(who=who, noticed=st.booleans())
    def redial(self, who: int, noticed: bool) -> None:
        self.world.drop(self.world.users[who], noticed=noticed)
        self.world.connect(self.world.users[who])

    @rule()
    def notice(self) -> None:
        if self.world.dead:
            self.world.notice(self.world.dead[0])

    @rule(who=who, up=st.integers(0, 5), down=st.integers(0, 5))
    def carry(self, who: int, up: int, down: int) -> None:
        if link := self.world.users[who].link:
            for _ in range(up):
                self.world.carry_up(link)
            for _ in range(down):
                self.world.carry_down(link)

    @rule()
    def settle(self) -> None:
        self.world.settle()

    @rule()
    def meet(self) -> None:
        """Let whoever has nobody meet somebody; even a recent partner after 20 s."""
        self.world.settle()
        for user in self.world.users:
            if user.chat is None:
                user.session.start(verbs.Start())
                user.listen()
        self.world.settle()
        self.world.wait(21.0)
        self.world.settle()

    @rule(who=who, times=st.integers(1, 4))
    def say(self, who: int, times: int) -> None:
        for _ in range(times):
            self.texts += 1
            self.world.users[who].say(f"text {self.texts}")

    @rule(who=who)
    def say_nothing(self, who: int) -> None:
        self.world.users[who].say(REFUSED)

    @rule(who=who)
    def see(self, who: int) -> None:
        self.world.users[who].session.seen()
        self.world.users[who].listen()

    @rule(who=who, how=st.sampled_from(["next", "next", "next", "disconnect", "block"]))
    def leave(self, who: int, how: str) -> None:
        self.world.users[who].leave(how)

    @rule(who=who)
    def search(self, who: int) -> None:
        if self.world.users[who].chat is None:
            self.world.users[who].session.start(verbs.Start())
            self.world.users[who].listen()

    @rule(who=who)
    def ask_again(self, who: int) -> None:
        self.world.users[who].session.rematch()
        self.world.users[who].listen()

    @rule(who=who, on=st.booleans())
    def look_elsewhere(self, who: int, on: bool) -> None:
        self.world.users[who].session.away(on)
        self.world.users[who].listen()

    @rule(seconds=st.sampled_from([0.06, 1.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @invariant()
    def nothing_doubled_or_reordered(self) -> None:
        for user in self.world.users:
            for chat, said in user.said.items():
                good = [text for _, text in said if text != REFUSED]
                heard = partner_heard(self.world, user, chat)
                assert heard == good[: len(heard)]

    @invariant()
    def what_was_refused_is_not_called_accepted(self) -> None:
        for user in self.world.users:
            for said in user.said.values():
                for message_id, text in said:
                    assert text != REFUSED or not user.settled.get(message_id)

    def teardown(self) -> None:
        world = self.world
        world.settle()
        self.nothing_doubled_or_reordered()
        for user in world.users:
            (guest,) = [g for g in world.lobby.guests.values() if g.connection is user.link]
            assert user.chat == user.session.chat == (guest.leg and guest.leg.chat)
            for chat, said in user.said.items():
                assert all(message_id in user.settled for message_id, _ in said)
                if chat == user.chat:
                    good = [text for _, text in said if text != REFUSED]
                    assert partner_heard(world, user, chat) == good
                    assert all(user.settled[i] for i, text in said if text != REFUSED)


class Hurries(Drops):
    """The same, with a server that takes no more than a few at a time."""

    limits = Limits(messages=2.0, skips=0.5, others=1.0)

    @rule(who=who, times=st.integers(15, 60))
    def say_a_lot(self, who: int, times: int) -> None:
        self.say(who, times)

    @rule(seconds=st.sampled_from([0.06, 1.0, 31.0]))
    def wait(self, seconds: float) -> None:
        # No message takes longer to arrive than the server asks to wait.
        self.world.settle()
        self.world.wait(seconds)


Hurries.TestCase.settings = settings(max_examples=50, stateful_step_count=40)
TestHurries = Hurries.TestCase
Drops.TestCase.settings = settings(max_examples=100, stateful_step_count=60)
TestDrops = Drops.TestCase


def sent(user: User, kind: type[Verb]) -> int:
    assert user.link is not None
    return sum(isinstance(verb, kind) for verb in user.link.up)


def test_no_more_than_a_window_is_on_its_way() -> None:
    world = World()
    world.meet()
    one, other = world.users
    texts = [str(n) for n in range(3 * WINDOW)]
    for text in texts:
        one.say(text)
    assert sent(one, verbs.Message) == WINDOW
    world.settle()
    assert list(other.heard.values()) == [texts]
    assert set(one.settled.values()) == {True}


def test_what_comes_too_fast_is_said_again_in_order_and_once() -> None:
    world = World(limits=Limits())
    world.meet()
    one, other = world.users
    texts = [str(n) for n in range(100)]
    for text in texts:
        one.say(text)
    began = world.now
    world.settle()
    assert list(other.heard.values()) == [texts]
    assert set(one.settled.values()) == {True}
    # Twenty at once, then five a second.
    assert 16 <= world.now - CALM - began < 20
    assert not any(isinstance(event, events.Error) for event in one.told)
    assert world.refusals < 20


def test_who_never_stops_talking_finds_a_pace_that_is_not_refused() -> None:
    world = World(limits=Limits())
    world.meet()
    one, other = world.users
    for number in range(600):
        one.say(str(number))
        while not one.settled.get(str(number + 1)):
            world.settle_one(one)
            world.wait(0.06)
    world.settle()
    assert list(other.heard.values()) == [[str(number) for number in range(600)]]
    assert world.refusals < 30


def test_what_was_refused_for_now_comes_first_after_a_drop() -> None:
    world = World(limits=Limits())
    world.meet()
    one, other = world.users
    texts = [str(n) for n in range(60)]
    for text in texts:
        one.say(text)
    assert one.link is not None
    while one.link.up:
        world.carry_up(one.link)
    for _ in range(10):
        world.carry_down(one.link)
    world.drop(one, noticed=True)
    world.settle()
    assert list(other.heard.values()) == [texts]
    assert set(one.settled.values()) == {True}


def hears_that_one_is_seen(world: World, one: User, other: User) -> None:
    """Bring one message to the other, and back that it was seen; the rest stays on its way."""
    assert one.link is not None
    world.carry_up(one.link)
    world.settle_one(other)
    other.session.seen()
    world.settle_one(other)
    while one.link.down:
        world.carry_down(one.link)


def test_what_is_refused_once_more_stays_before_what_was_said_later() -> None:
    world = World(limits=Limits())
    world.meet()
    one, other = world.users
    texts = [str(number) for number in range(int(BURSTS[Kind.MESSAGES]) + 4)]
    for text in texts[:-4]:
        one.say(text)
    world.settle()
    world.wait(0.05)  # there is nearly one more to be had, so that the pace is too fast at first
    for text in texts[-4:]:
        one.say(text)
    world.settle()
    assert world.refusals > 4
    assert list(other.heard.values()) == [texts]


def test_what_was_taken_before_something_older_is_settled_after_a_drop() -> None:
    world = World(limits=Limits())
    world.meet()
    (one, other), at_once = world.users, int(BURSTS[Kind.MESSAGES])
    texts = [str(number) for number in range(at_once + 2)]
    for text in texts:
        one.say(text)
    assert one.link is not None
    for _ in texts[:-1]:
        world.carry_up(one.link)
    world.wait(1.0)  # the last but one was refused; as long as this took, the last is not
    world.carry_up(one.link)
    world.drop(one, noticed=True)
    world.settle()
    assert list(other.heard.values()) == [[*texts[:-2], *reversed(texts[-2:])]]
    assert list(one.settled.values()) == [True] * len(texts)
    # What is seen is still counted right.
    world.wait(CALM)
    for text in ("heard", "on its way"):
        one.say(text)
    hears_that_one_is_seen(world, one, other)
    assert list(one.settled.values()) == [True] * (len(texts) + 1)


def test_a_search_that_comes_too_soon_is_asked_for_again_unless_it_was_taken_back() -> None:
    world = World(users=1, limits=Limits())
    (one,) = world.users
    for again in (True, False):
        for _ in range(8):
            one.session.start(verbs.Start())
            one.session.cancel()
            one.listen()
        if again:
            one.session.start(verbs.Start())
            one.listen()
        world.settle()
        (guest,) = world.lobby.guests.values()
        assert (guest.ticket is not None) is again
        one.session.cancel()
        one.listen()
        world.settle()
    assert world.refusals
    assert not any(isinstance(event, events.Error) for event in one.told)


def test_seen_alone_accepts() -> None:
    world = World()
    world.meet()
    one, other = world.users
    assert one.link is not None
    assert other.link is not None
    one.say("hello")
    world.carry_up(one.link)
    world.carry_down(other.link)
    other.session.seen()
    other.listen()
    world.carry_up(other.link)
    world.wait(1.0)
    assert not any(isinstance(event, events.Ack) for event in one.link.down)
    world.settle()
    assert list(one.settled.values()) == [True]


def test_a_refusal_that_was_lost_is_not_taken_for_an_acceptance_by_what_was_seen() -> None:
    world = World()
    world.meet()
    one, other = world.users
    for text in ("a", REFUSED, "c"):
        one.say(text)
    assert one.link is not None
    assert other.link is not None
    for _ in range(3):
        world.carry_up(one.link)
        world.carry_down(other.link)
    other.session.seen()
    other.listen()
    world.carry_up(other.link)
    world.drop(one, noticed=True)
    world.settle()
    (said,) = one.said.values()
    assert [one.settled[message_id] for message_id, _ in said] == [True, False, True]


@pytest.mark.parametrize("texts", [["a"], ["a", REFUSED]])
def test_an_acknowledgement_for_which_seen_stands_after_a_drop_is_asked_for(
    texts: list[str],
) -> None:
    world = World()
    world.meet()
    one, other = world.users
    for text in texts:
        one.say(text)
    assert one.link is not None
    for _ in texts:
        world.carry_up(one.link)
    world.drop(one, noticed=True)
    world.connect(one)
    assert one.link is not None
    world.carry_up(one.link)
    world.carry_down(one.link)
    assert sent(one, verbs.Message) == len(texts)
    world.carry_up(one.link)
    world.settle_one(other)
    other.session.seen()
    world.settle_one(other)
    for _ in texts[1:]:
        world.carry_up(one.link)
    assert not any(isinstance(event, events.Ack) for event in one.link.down)
    world.settle()
    assert [one.settled[message_id] for message_id, _ in one.said[one.chat or ""]] == [
        text != REFUSED for text in texts
    ]


def test_what_is_seen_counts_from_what_was_accepted_in_this_chat() -> None:
    world = World()
    world.meet()
    one, other = world.users
    one.say("in a chat before")
    world.settle()
    one.leave("next")
    world.settle()
    other.session.start(verbs.Start())
    world.settle_one(other)
    world.wait(21.0)
    world.settle()
    for text, *rest in (["a"], ["b", "c"]):
        for each in (text, *rest):
            one.say(each)
        hears_that_one_is_seen(world, one, other)
    said = dict(one.said[one.chat or ""])
    assert [text for message_id, text in said.items() if one.settled.get(message_id)] == ["a", "b"]


def test_saying_outside_of_a_chat_says_so() -> None:
    assert Session().say("is anybody there?") is None


def test_what_was_said_before_leaving_arrives_though_the_connection_drops() -> None:
    world = World()
    world.meet()
    one, other = world.users
    one.say("goodbye")
    one.leave("disconnect")
    world.drop(one, noticed=True)
    world.settle()
    assert list(other.heard.values()) == [["goodbye"]]
    assert isinstance(other.told[-1], events.StrangerDisconnected)
    assert other.told[-1].reason is Reason.LEFT


def test_a_lost_guest_who_searched_goes_on_searching() -> None:
    world = World(users=1)
    (one,) = world.users
    one.session.start(verbs.Start(("tea",)))
    world.settle()
    world.drop(one, noticed=True)
    world.wait(31.0)
    assert not world.lobby.guests
    world.settle()
    (guest,) = world.lobby.guests.values()
    assert guest.ticket is not None
    assert guest.wishes == Wishes.of(("tea",), (), False)


def test_a_lost_guest_is_told_that_the_chat_is_lost() -> None:
    world = World()
    world.meet()
    one, _ = world.users
    world.drop(one, noticed=True)
    world.wait(31.0)
    world.settle()
    ends = [e for e in one.told if isinstance(e, events.StrangerDisconnected)]
    assert [end.reason for end in ends] == [Reason.TIMEOUT]
    assert one.chat is None


def test_an_end_that_was_told_to_a_dead_connection_is_told_all_the_same() -> None:
    world = World()
    world.meet()
    one, other = world.users
    world.drop(one, noticed=False)
    other.leave("disconnect")
    assert other.link is not None
    world.carry_up(other.link)
    world.settle()
    assert one.chat is None
    assert any(isinstance(event, events.StrangerDisconnected) for event in one.told)


def test_nothing_is_said_again_into_a_chat_that_ended_meanwhile() -> None:
    world = World()
    world.meet()
    one, other = world.users
    world.drop(one, noticed=True)
    one.say("too late")
    other.leave("disconnect")
    world.settle_one(other)
    world.connect(one)
    assert one.link is not None
    world.carry_up(one.link)
    world.carry_down(one.link)
    assert sent(one, verbs.Message) == 0
    assert list(one.settled.values()) == [False]


def test_a_meeting_that_was_told_to_a_dead_connection_is_told_all_the_same() -> None:
    world = World()
    for user in world.users:
        world.connect(user)
    one, other = world.users
    one.session.start(verbs.Start())
    one.listen()
    world.settle_one(one)
    world.drop(one, noticed=False)
    other.session.start(verbs.Start())
    world.settle_one(other)
    other.say("are you there?")
    world.settle()
    assert list(one.heard.values()) == [["are you there?"]]
    assert one.chat == other.chat is not None


def test_after_leaving_a_chat_its_numbers_count_no_more() -> None:
    world = World()
    world.meet()
    one, other = world.users
    for text in ("one", "two", "three"):
        other.say(text)
    world.settle()
    one.leave("next")
    assert one.link is not None
    world.carry_up(one.link)
    world.drop(one, noticed=False)
    world.settle_one(other)
    assert other.chat is None
    other.session.start(verbs.Start())
    world.settle_one(other)
    world.wait(21.0)
    world.settle_one(other)
    later = ["four", "five", "six", "seven"]
    for text in later:
        other.say(text)
    world.settle_one(other)
    world.settle()
    assert one.heard[one.chat or ""] == later


def test_an_error_that_answers_a_wish_ends_it() -> None:
    session = Session()
    session.opened()
    session.receive(events.Welcome("g", "r", False, State.IDLE, None, 1, 30.0))
    session.start(verbs.Start(("x" * 99,)))
    session.receive(events.Error(Code.TOPIC_TOO_LONG, "too long", "start"))
    session.closed()
    session.opened()
    session.to_send()
    session.receive(events.Welcome("g", "r", True, State.IDLE, None, 1, 30.0))
    assert session.to_send() == []


def test_a_session_that_is_over_takes_no_message_twice() -> None:
    session = Session()
    session.opened()
    session.receive(events.Welcome("g", "r", False, State.IDLE, None, 1, 30.0))
    session.receive(events.Connected("c", (), (), False))
    message = events.GotMessage("c", 1, "hello", 0.0)
    session.receive(message)
    session.receive(message)
    session.receive(events.GotMessage("another chat", 2, "not for you", 0.0))
    assert session.to_tell().count(message) == 1
