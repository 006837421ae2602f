"""Everything that guests may do, in any order; what must hold meanwhile is said elsewhere."""

from collections.abc import Iterable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from roulette.core import frames, verbs
from roulette.core.chats import Delivery, Phase
from roulette.core.events import Reason
from roulette.core.frames import Address, Frame
from roulette.core.guest import Guest
from roulette.core.lobby import GOODBYE_GRACE, Lobby
from roulette.core.pool import SameAddress
from tests.core.person import Person, Watched
from tests.core.world import Wire

WHO = st.integers(0, 99)
CHATS = st.sampled_from(["now"] * 6 + ["none", "none", "last", "old"])
STARTS = st.builds(
    verbs.Start,
    st.sampled_from([(), (), (), ("tea",), ("Tea", "чай")]),
    st.sampled_from([(), (), (), ("pl",), ("de", "pl")]),
    st.sampled_from([False, False, False, True]),
)
SECONDS = st.sampled_from([0.01, 0.04, 0.05, 0.5, 2.0, 5.0, 10.0, 20.0, 31.0, 301.0])
SEQS = st.sampled_from(["right", "right", "right", "older", "none"])
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["new"] * 4
            + ["again", "nameless", "typing", "stopped", "seen", "see ahead", "read", "pause"]
        ),
        CHATS,
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
Acts = list[tuple[str, str, bool]]
LONGEST = "🐈" * 2000


class Open(Frame, frozen=True):
    """What one node asks of another: that a guest of its follows into a new chat."""


class Nodes(Watched):
    """Nodes that are watched, and can arrange chats between them."""

    def __init__(self, doings: "Doings", *nodes: str, same_address: SameAddress) -> None:
        super().__init__(*nodes, delayed=doings.delayed, same_address=same_address)
        self.doings = doings
        self.said, self.ids, self.partners = {}, {}, {}

    def sent(self, frame: Frame) -> None:
        doing = self.doings.doing
        if isinstance(frame, frames.Text):
            key = frame.chat, frame.sender.guest
            assert doing is not None
            assert isinstance(doing.doing, verbs.Message)
            assert doing.guest == frame.sender.guest, "somebody else spoke"
            texts = self.said.setdefault(key, [])
            texts.append(doing.doing.text)
            assert frame.seq == len(texts), "a gap in what was accepted"
            self.ids.setdefault(key, {})[frame.seq] = doing.doing.id
            assert doing.doing.id is None or doing.chat == frame.chat
        elif isinstance(frame, frames.Bye) and doing and frame.sender.guest == doing.guest:
            expected = Reason.NEXT if isinstance(doing.doing, verbs.Next) else Reason.LEFT
            assert frame.reason in (expected, Reason.TIMEOUT)

    def received(self, node: Lobby, frame: Frame) -> list[Delivery]:
        guest = node.guests.get(frame.to.guest)
        if isinstance(frame, frames.Typing) and guest and guest.leg and frame.on:
            self.doings.people[guest.id].renewed = self.now
        if not isinstance(frame, Open):
            return super().received(node, frame)
        if guest and guest.ticket and guest.present and frame.sender.guest not in guest.blocked:
            node.open(guest, frame.chat, frame.sender, self.now)
        else:
            node.answer_bye(frame)
        return node.delivered()

    def post(self, lobby: Lobby, deliveries: Iterable[Delivery]) -> None:
        super().post(lobby, deliveries)
        self.doings.see_off(lobby)

    def on_the_way(self) -> list[Frame]:
        return [frame for wire in self.wires.values() for frame in wire]


class Doings(RuleBasedStateMachine):
    """Guests on one or more nodes, and whatever they and the operator may do."""

    nodes: tuple[str, ...] = ("local",)
    delayed = False
    homes = 5

    @initialize(
        same_address=st.sampled_from(SameAddress),
        starts=st.lists(STARTS, min_size=6, max_size=16),
    )
    def begin(self, same_address: SameAddress, starts: list[verbs.Start]) -> None:
        self.settle_in(same_address, starts)

    def settle_in(self, same_address: SameAddress, starts: list[verbs.Start]) -> None:
        self.doing: Person | None = None
        self.same_address = same_address
        self.world = Nodes(self, *self.nodes, same_address=same_address)
        self.people: dict[str, Person] = {}
        for number, start in enumerate(starts):
            self.arrive(number, start, "roams" if number % 3 else "lasting", number % 4 != 0)

    def pick(self, who: int, *, chatting: bool = False) -> Person | None:
        """Return somebody who has a connection."""
        people = [
            person
            for person in self.people.values()
            if person.line is not None and (person.chat or not chatting)
        ]
        return people[who % len(people)] if people else None

    def stranger(self, person: Person) -> Person | None:
        """Return the last whom somebody met."""
        if person.last is None:
            return None
        return self.people[self.world.partners[person.last, person.guest]]

    def lobby(self, person: Person) -> Lobby:
        return self.world.nodes[person.node]

    def guest(self, person: Person) -> Guest:
        return self.lobby(person).guests[person.guest]

    def do(self, person: Person | None, verb: verbs.Verb) -> bool:
        """Do a verb; say whether it was not refused."""
        if person is None or person.line is None:
            return False
        self.doing, person.doing, errors = person, verb, person.errors
        lobby = self.lobby(person)
        self.world.post(lobby, lobby.do(person.line, verb, self.world.now))
        self.doing = person.doing = None
        return person.errors == errors

    def named(self, person: Person, chat: str) -> str | None:
        now = person.chat or person.last
        return {"now": now, "none": None, "last": person.last}.get(chat, "t0")

    def see_off(self, lobby: Lobby) -> None:
        """Note who is gone without a connection by which to be told, since the service stops."""
        if lobby.phase is not Phase.OPEN:
            for person in self.people.values():
                if person.node == lobby.node and person.line is None and not person.gone:
                    person.gone = person.guest not in lobby.guests

    # Coming and going.

    @rule(
        node=st.integers(0, 1),
        start=STARTS,
        kind=st.sampled_from(["lasting", "lasting", "plain", "roams"]),
        prompt=st.sampled_from([True, True, False]),
    )
    def arrive(self, node: int, start: verbs.Start, kind: str, prompt: bool) -> None:
        number = len(self.people)
        name = self.nodes[node % len(self.nodes)]
        person = Person(self.world, name, f"p{number}", lasting=kind != "plain", prompt=prompt)
        hello = verbs.Hello(lasting=person.lasting, roams=kind != "lasting")
        lobby, line = self.lobby(person), person.connect()
        address = f"home{number % self.homes}"
        self.world.post(lobby, lobby.hello(line, hello, address, self.world.now))
        if not person.guest:
            assert lobby.phase is not Phase.OPEN, "not let in"
            assert person.gone, "refused, and left waiting"
            return
        self.people[person.guest] = person
        self.do(person, start)

    @rule(who=WHO, goodbye=st.booleans())
    def drop(self, who: int, goodbye: bool) -> None:
        if (person := self.pick(who)) is not None:
            self.drop_as(person, goodbye)

    def drop_as(self, person: Person, goodbye: bool) -> None:
        lobby, line = self.lobby(person), person.line
        assert line is not None
        person.disconnect()
        if person.lasting:
            kept = min(lobby.grace, GOODBYE_GRACE) if goodbye else lobby.grace
            person.leaves_at = self.world.now + kept
        else:
            person.gone = True
        self.world.post(lobby, lobby.lost(line, self.world.now, goodbye=goodbye))
        assert lobby.lost(line, self.world.now) == []

    @rule(who=WHO, seq=SEQS)
    def come_back(self, who: int, seq: str) -> None:
        absent = [each for each in self.people.values() if not each.gone and each.line is None]
        if absent:
            self.connect_as(absent[who % len(absent)], seq)

    @rule(who=WHO, seq=SEQS)
    def replace(self, who: int, seq: str) -> None:
        person = self.pick(who)
        if person is not None and person.lasting:
            self.connect_as(person, seq)

    def connect_as(self, person: Person, seq: str) -> None:
        person.leaves_at = None
        has = person.position if person.believes else 0
        if seq == "older":
            has = max(0, has - 4)
        person.came_back(None if seq == "none" else has)
        lobby, line = self.lobby(person), person.connect()
        hello = verbs.Hello(person.resume, None if seq == "none" else has, person.believes)
        self.world.post(lobby, lobby.hello(line, hello, "elsewhere", self.world.now))

    @rule(who=WHO, acts=ACTS, seconds=SECONDS, seq=SEQS)
    def blink(self, who: int, acts: Acts, seconds: float, seq: str) -> None:
        """Drop in a chat, and come back after a while in which the stranger went on."""
        if (person := self.pick(who, chatting=True)) is not None and person.lasting:
            self.drop_as(person, goodbye=False)
            for act, chat, _ in acts:
                self.talk_as(self.stranger(person), act, chat)
            self.pass_time(seconds, late=False)
            if not person.gone:
                self.connect_as(person, seq)

    # Talking.

    @rule(who=WHO, acts=ACTS)
    def talk(self, who: int, acts: Acts) -> None:
        if (person := self.pick(who, chatting=True)) is not None:
            stranger = self.stranger(person)
            for act, chat, other in acts:
                self.talk_as(stranger if other else person, act, chat)

    def talk_as(self, person: Person | None, act: str, chat: str) -> None:
        if person is None or person.line is None:
            return
        named = self.named(person, chat)
        match act:
            case "pause":
                self.pass_time(0.02, late=False)
            case "read":
                person.read()
            case "typing":
                self.do(person, verbs.Typing(named))
            case "stopped":
                self.do(person, verbs.StoppedTyping(named))
            case "seen" | "see ahead" if person.reading == person.chat:
                shown, errors = person.position + (act == "see ahead"), person.errors
                self.do(person, verbs.Seen(named, shown))
                if named in (None, person.reading) and person.errors == errors:
                    person.confirmed = max(person.confirmed, shown)
            case "new" | "again" | "nameless":
                self.say(person, named, act)

    def say(self, person: Person, chat: str | None, act: str, text: str = "") -> None:
        person.used_ids += act == "new"
        message_id = None if act == "nameless" else f"id{person.used_ids}"
        before, known = person.chat, dict(person.ids()) if person.chat else {}
        seq = next((seq for seq, given in known.items() if message_id and message_id == given), 0)
        text = text or f"{person.name} {before} {person.used_ids} {len(known)}"
        done = self.do(person, verbs.Message(chat, message_id, text))
        if done and person.chat == before and before is not None:
            now = len(person.ids())
            assert now == len(known) + (not seq), "a repeated id is said again, or a new one not"
            if message_id is not None:
                person.unacknowledged.setdefault(seq or now, self.world.now)

    @rule(who=WHO, long=st.booleans())
    def say_a_lot(self, who: int, long: bool) -> None:
        if (person := self.pick(who, chatting=True)) is not None:
            for _ in range(35 if long else 205):
                if person.chat:
                    self.say(person, person.chat, "nameless", LONGEST if long else "")

    # Searching, leaving and meeting again.

    @rule(who=WHO, start=STARTS)
    def search(self, who: int, start: verbs.Start) -> None:
        self.do(self.pick(who), start)

    @rule(who=WHO, chat=CHATS, verb=st.sampled_from([verbs.Next, verbs.Next, verbs.Disconnect]))
    def leave(self, who: int, chat: str, verb: type[verbs.Next | verbs.Disconnect]) -> None:
        if (person := self.pick(who)) is not None:
            asked = verb(self.named(person, chat))
            for _ in range(1 + who % 2):
                self.do(person, asked)

    @rule(who=WHO, chat=CHATS)
    def block(self, who: int, chat: str) -> None:
        if (person := self.pick(who)) is not None:
            named = self.named(person, chat) or person.chat or person.last
            if self.do(person, verbs.Block(self.named(person, chat))):
                assert named is not None
                person.blocked.add(self.world.partners[named, person.guest])

    @rule(who=WHO, away=st.booleans())
    def look_elsewhere(self, who: int, away: bool) -> None:
        if (person := self.pick(who)) is not None:
            person.away = person.away and away
            self.do(person, verbs.Away() if away else verbs.Back())
            person.away = away

    @rule(who=WHO, chat=CHATS, both=st.booleans())
    def ask_again(self, who: int, chat: str, both: bool) -> None:
        if (person := self.pick(who)) is not None:
            for each in (person, self.stranger(person))[: 1 + both]:
                if each is not None:
                    self.do(each, verbs.Rematch(self.named(each, chat) or "t0"))

    @rule(who=WHO, seconds=st.sampled_from([0.0, 59.9, 60.0]), block=st.booleans())
    def part_and_ask_again(self, who: int, seconds: float, block: bool) -> None:
        if (person := self.pick(who, chatting=True)) is not None:
            stranger, chat = self.stranger(person), person.chat
            assert stranger is not None
            assert chat is not None
            self.do(person, verbs.Disconnect())
            self.pass_time(seconds, late=False)
            self.do(person, verbs.Rematch(chat))
            self.do(stranger, verbs.Rematch(chat))
            if block and self.do(person, verbs.Block(chat)):
                person.blocked.add(stranger.guest)

    @rule(who=WHO, what=st.sampled_from(["hello", "kick", "announce", "cancel"]))
    def now_and_then(self, who: int, what: str) -> None:
        if (person := self.pick(who)) is None or person.line is None:
            return
        lobby, now, errors = self.lobby(person), self.world.now, person.errors
        match what:
            case "hello":
                self.world.post(lobby, lobby.hello(person.line, verbs.Hello(), "", now))
                assert person.errors == errors + 1
            case "kick":
                self.world.post(lobby, lobby.kick(person.guest, now))
                assert person.gone, "sent away without a word"
                person.disconnect()
            case "announce":
                self.world.post(lobby, lobby.announce("hear, hear"))
            case "cancel":
                self.do(person, verbs.Cancel())

    # Time.

    @rule(seconds=SECONDS, late=st.sampled_from([False, False, False, True]))
    def pass_time(self, seconds: float, late: bool) -> None:
        end = self.world.now + seconds
        while not late and (at := self.world.next_deadline()) <= end:
            self.world.pass_time(max(0.0, at - self.world.now))
            self.settle()
        self.world.oversleep(max(0.0, end - self.world.now))
        for person in self.people.values():
            if person.leaves_at is not None and person.leaves_at <= self.world.now:
                person.gone, person.leaves_at = True, None

    def settle(self) -> None:
        """Let everybody look at what was told since."""
        for person in self.people.values():
            if person.line is not None:
                person.settle()


class TwoNodes(Doings):
    """Two nodes; every frame is on its way until it is carried.

    All live in one house: where the same address is denied, they meet across the nodes only.
    """

    nodes = ("east", "west")
    delayed = True
    homes = 1

    @initialize(
        same_address=st.sampled_from([SameAddress.DENY] * 3 + [SameAddress.ALLOW]),
        starts=st.lists(STARTS, min_size=6, max_size=16),
    )
    def begin(self, same_address: SameAddress, starts: list[verbs.Start]) -> None:
        self.settle_in(same_address, starts)
        for number in range(3):
            self.arrange_between(*self.nodes, number, number)

    def waiting(self, node: str) -> list[Guest]:
        guests = self.world.nodes[node].guests.values()
        return [guest for guest in guests if guest.ticket is not None and guest.present]

    @rule(pairs=st.lists(st.tuples(WHO, WHO, st.booleans()), min_size=1, max_size=4))
    def arrange(self, pairs: list[tuple[int, int, bool]]) -> None:
        for one, other, back in pairs:
            here, there = reversed(self.nodes) if back else self.nodes
            self.arrange_between(here, there, one, other)

    def arrange_between(self, here: str, there: str, one: int, other: int) -> None:
        ours, theirs = self.waiting(here), self.waiting(there)
        if not ours or not theirs:
            return
        guest, partner = ours[one % len(ours)], theirs[other % len(theirs)]
        if partner.id in guest.blocked or guest.id in partner.blocked:
            return
        lobby, to = self.world.nodes[here], Address(there, partner.id)
        chat = lobby.token()
        lobby.open(guest, chat, to, self.world.now)
        self.world.post(lobby, [*lobby.delivered(), Open(to, lobby.address(guest), chat)])

    @precondition(lambda self: self.world.on_the_way())
    @rule(which=WHO, number=st.sampled_from([1, 1, 2, 5, 1000]))
    def carry(self, which: int, number: int) -> None:
        wires: list[Wire] = [wire for wire, queue in self.world.wires.items() if queue]
        wire = wires[which % len(wires)]
        for _ in range(min(number, len(self.world.wires[wire]))):
            self.world.carry(wire)

    @precondition(lambda self: self.world.on_the_way())
    @rule()
    def carry_everything(self) -> None:
        while wires := [wire for wire, queue in self.world.wires.items() if queue]:
            self.world.carry(wires[0])
