import json
from collections import deque
from collections.abc import Iterable
from random import Random

import pytest

from roulette.core import events, verbs
from roulette.core.chats import Delivery
from roulette.core.events import Event
from roulette.core.frames import Frame
from roulette.core.lobby import Lobby
from roulette.ops.admin import Admin, BadCall
from roulette.ops.table import Facts, Table


class Client:
    """A connection that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def tell(self, event: Event) -> None:
        self.told.append(event)


class House:
    """A lobby with its clients, and the admin who looks after it; ids are n0, n1, ..."""

    def __init__(self) -> None:
        self.time = 100.0
        self.made = 0
        self.lobby = Lobby(Random(1), token=self.token)
        self.admin = Admin(self.lobby, self.deliver, lambda: self.time)

    def token(self) -> str:
        self.made += 1
        return f"n{self.made - 1}"

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        queue = deque(deliveries)
        while queue:
            delivery = queue.popleft()
            if isinstance(delivery, Frame):
                queue.extend(self.lobby.receive(delivery, self.time))
            else:
                connection, event = delivery
                connection.tell(event)

    def arrive(self, *topics: str) -> tuple[Client, str]:
        """Let a guest come and search; return its connection and its id."""
        client = Client()
        self.deliver(self.lobby.hello(client, verbs.Hello(), "secret address", self.time))
        self.do(client, verbs.Start(topics, ("pl",)))
        welcome = client.told[0]
        assert isinstance(welcome, events.Welcome)
        return client, welcome.guest

    def do(self, client: Client, verb: verbs.Verb) -> None:
        self.deliver(self.lobby.do(client, verb, self.time))


@pytest.fixture
def house() -> House:
    return House()


def test_an_empty_house(house: House) -> None:
    house.time += 5
    assert house.admin.status() == {
        "uptime": 5.0,
        "guests": 0,
        "idle": 0,
        "waiting": 0,
        "chatting": 0,
        "absent": 0,
        "away": 0,
        "longest_wait": None,
    }
    assert repr(house.admin.guests()) == repr(house.admin.pairs()) == "none"


def test_the_status_counts_everybody_once(house: House) -> None:
    house.arrive("chess")
    house.time += 4
    house.arrive("go")
    client, _ = house.arrive("tea")
    house.arrive("tea")
    house.do(client, verbs.Away())
    house.deliver(house.lobby.lost(client, house.time))
    idle, _ = house.arrive("silence")
    house.do(idle, verbs.Cancel())
    status = house.admin.status()
    assert (status["guests"], status["idle"], status["waiting"], status["chatting"]) == (5, 1, 2, 2)
    assert (status["absent"], status["away"], status["longest_wait"]) == (1, 1, 4.0)


def test_a_pair_is_one_row_from_whichever_side(house: House) -> None:
    one, one_id = house.arrive()
    other, other_id = house.arrive()
    house.do(one, verbs.Message(None, "1", "unspeakable"))
    house.do(other, verbs.Message(None, "1", "unspeakable"))
    house.do(other, verbs.Message(None, "2", "unspeakable"))
    (pair,) = house.admin.pairs()
    assert {pair["one"], pair["other"]} == {one_id, other_id}
    assert (pair["messages"], pair["absent"]) == (3, False)
    for client in (one, other):
        house.deliver(house.lobby.lost(client, house.time))
        assert house.admin.pairs()[0]["absent"]
    assert len(house.admin.pairs()) == 1


def test_who_waits_longest_comes_first(house: House) -> None:
    _, first = house.arrive("chess", "Go")
    house.time += 2.25
    _, second = house.arrive("tea")
    waiting = house.admin.waiting()
    assert [row["guest"] for row in waiting] == [first, second]
    assert waiting[0] == {
        "guest": first,
        "waited": 2.2,
        "stage": "topics",
        "parked": False,
        "only": False,
        "languages": ["pl"],
        "topics": ["chess", "Go"],
    }


def test_a_guest_whole(house: House) -> None:
    client, guest_id = house.arrive()
    _, partner = house.arrive()
    house.time += 1
    house.deliver(house.lobby.lost(client, house.time))
    house.time += 10
    guest = house.admin.guest(guest_id)
    assert (guest["state"], guest["partner"], guest["absent"]) == ("chatting", partner, True)
    assert (guest["age"], guest["leaves_in"], guest["can_resume"]) == (11.0, 20.0, True)
    assert (guest["said"], guest["heard"], guest["waited"], guest["met"]) == (0, 0, None, 1)


def test_everything_is_plain_data_without_secrets(house: House) -> None:
    client, guest_id = house.arrive("tea")
    house.arrive("tea")
    house.arrive("chess")
    house.do(client, verbs.Message(None, "1", "unspeakable"))
    admin = house.admin
    shown = [
        admin.status(),
        admin.guests(),
        admin.waiting(),
        admin.pairs(),
        admin.guest(guest_id),
        admin.announce("Hello"),
        admin.kick(guest_id),
    ]
    tokens = [
        event.resume for event in client.told if isinstance(event, events.Welcome) and event.resume
    ]
    assert len(tokens) == 1
    for told in shown:
        written = json.dumps(told)
        assert json.loads(written) == told
        for text in (written, repr(told)):
            assert not any(secret in text for secret in ("unspeakable", "secret address"))
            assert f'"{tokens[0]}"' not in text
            assert tokens[0] not in text.split()


def test_the_beginning_of_an_id_will_do(house: House) -> None:
    ids = [house.arrive(f"topic {number}")[1] for number in range(7)]
    assert ids == ["n1", "n3", "n5", "n7", "n9", "n11", "n13"]
    assert house.admin.guest("n3")["guest"] == "n3"
    assert house.admin.guest("n13")["guest"] == "n13"
    # An id that another one begins with is that id.
    assert house.admin.guest("n1")["guest"] == "n1"
    for wrong, complaint in [
        ("n", "'n' is the beginning of 7 guests: say more of it"),
        ("x", "there is no guest 'x'"),
        ("", "a guest is named by its id, or by the beginning of it, in quotes"),
        (7, "a guest is named by its id, or by the beginning of it, in quotes"),
    ]:
        for verb in (house.admin.guest, house.admin.kick):
            with pytest.raises(BadCall) as refused:
                verb(wrong)  # type: ignore[arg-type]
            assert str(refused.value) == complaint
    assert len(house.lobby.guests) == 7


def test_a_kick_removes_one_and_tells_the_other(house: House) -> None:
    client, guest_id = house.arrive()
    partner, _ = house.arrive()
    assert house.admin.kick(guest_id) == {"kicked": guest_id}
    assert guest_id not in house.lobby.guests
    assert client.told[-1] == events.Kicked()
    gone = partner.told[-1]
    assert isinstance(gone, events.StrangerDisconnected)
    assert gone.reason is events.Reason.KICKED


def test_an_announcement_reaches_all_who_are_there(house: House) -> None:
    here, _ = house.arrive("tea")
    away, _ = house.arrive("chess")
    house.deliver(house.lobby.lost(away, house.time))
    before = list(away.told)
    assert house.admin.announce("Zażółć\r\n\x1b[2J\u202egęślą") == {"told": 1}
    assert here.told[-1] == events.ServerMessage("Zażółć\n[2Jgęślą")
    assert away.told == before
    assert house.admin.announce("x" * 2000) == {"told": 1}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x" * 2001, "an announcement has at most 2000 characters, not 2001"),
        ("", "an announcement needs a text"),
        ("\x1b \n", "an announcement needs a text"),
        (b"bytes", "an announcement is a text, in quotes"),
        (None, "an announcement is a text, in quotes"),
    ],
)
def test_what_is_no_announcement_is_refused(house: House, text: str, complaint: str) -> None:
    client, _ = house.arrive()
    before = list(client.told)
    with pytest.raises(BadCall) as refused:
        house.admin.announce(text)
    assert str(refused.value) == complaint
    assert client.told == before


def test_a_table_has_a_column_for_each_fact() -> None:
    rows = Table([{"name": "a", "here": True, "tags": ["x", "y"]}])
    rows.append({"name": "longer", "here": False, "tags": []})
    rows.append({"name": None, "here": None, "tags": None})
    assert repr(rows).splitlines() == [
        "name    here  tags",
        "a       yes   x, y",
        "longer  no    -",
        "-       -     -",
        "(3)",
    ]


def test_a_long_table_says_how_much_it_leaves_out() -> None:
    rows = Table({"n": n} for n in range(5000))
    lines = repr(rows).splitlines()
    assert len(lines) == 102
    assert lines[-1] == "(5000, the first 100 shown)"


def test_what_guests_wrote_does_not_steer_the_terminal(house: House) -> None:
    house.arrive("tea\n\x1b[2J", "\u2067שלום", "żółw")
    printed = repr(house.admin.waiting())
    assert len(printed.splitlines()) == 3
    assert all(line.isprintable() for line in printed.splitlines())
    assert r"'tea\n[2J', '\u2067שלום', żółw" in printed


def test_facts_are_one_a_line() -> None:
    assert repr(Facts(a=1.5, longer="x")) == "a       1.5\nlonger  x"
    assert repr(Facts()) == ""
