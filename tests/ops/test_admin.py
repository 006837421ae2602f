import json
from typing import Any

import pytest

from roulette.core import events, verbs
from roulette.core.chats import Phase
from roulette.ops.admin import BadCall
from roulette.ops.table import Facts, Table
from tests.ops.house import House


def test_an_empty_house(house: House) -> None:
    house.now += 5
    assert house.admin.status() == {
        "uptime": 5.0,
        "phase": "open",
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
    house.come("chess")
    house.now += 4
    house.come("go")
    absent = house.come("tea")
    house.come("tea")
    house.do(absent, verbs.Away())
    house.lost(absent)
    idle = house.come("silence")
    house.do(idle, verbs.Cancel())
    status = house.admin.status()
    assert (status["guests"], status["idle"], status["waiting"], status["chatting"]) == (5, 1, 2, 2)
    assert (status["absent"], status["away"], status["longest_wait"]) == (1, 1, 4.0)


def test_a_pair_is_one_row_from_whichever_side(house: House) -> None:
    one, other = house.come(), house.come()
    house.do(one, verbs.Message(None, "1", "unspeakable"))
    house.do(other, verbs.Message(None, "1", "unspeakable"))
    house.do(other, verbs.Message(None, "2", "unspeakable"))
    (pair,) = house.admin.pairs()
    assert {pair["one"], pair["other"]} == {one.guest, other.guest}
    assert (pair["messages"], pair["absent"]) == (3, False)
    for line in (one, other):
        house.lost(line)
        assert house.admin.pairs()[0]["absent"]
    assert len(house.admin.pairs()) == 1


def test_who_waits_longest_comes_first(house: House) -> None:
    first = house.come("chess", "Go").guest
    house.now += 2.25
    second = house.come("tea").guest
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
    line, partner = house.come(), house.come()
    house.now += 1
    house.lost(line)
    house.now += 10
    guest = house.admin.guest(line.guest)
    assert (guest["state"], guest["partner"], guest["absent"]) == ("chatting", partner.guest, True)
    assert (guest["age"], guest["leaves_in"], guest["can_resume"]) == (11.0, 20.0, True)
    assert (guest["said"], guest["heard"], guest["waited"], guest["met"]) == (0, 0, None, 1)


def test_everything_is_plain_data_without_secrets(house: House) -> None:
    line = house.come("tea")
    house.come("tea")
    house.come("chess")
    house.do(line, verbs.Message(None, "1", "unspeakable"))
    admin = house.admin
    shown = [
        admin.status(),
        admin.guests(),
        admin.waiting(),
        admin.pairs(),
        admin.guest(line.guest),
        admin.announce("Hello"),
        admin.kick(line.guest),
    ]
    assert line.resume
    for told in shown:
        written = json.dumps(told)
        assert json.loads(written) == told
        for text in (written, repr(told)):
            assert not any(secret in text for secret in ("unspeakable", "secret address"))
            assert f'"{line.resume}"' not in text
            assert line.resume not in text.split()


def test_the_beginning_of_an_id_will_do(house: House) -> None:
    ids = [house.come(f"topic {number}").guest for number in range(10)]
    assert ids == ["t2", "t4", "t6", "t8", "t10", "t12", "t14", "t16", "t18", "t20"]
    assert house.admin.guest("t4")["guest"] == "t4"
    assert house.admin.guest("t20")["guest"] == "t20"
    # An id that another one begins with is that id.
    assert house.admin.guest("t2")["guest"] == "t2"
    for wrong, complaint in [
        ("t", "'t' is the beginning of 10 guests: say more of it"),
        ("x", "there is no guest 'x'"),
        ("", "a guest is named by its id, or by the beginning of it, in quotes"),
        (7, "a guest is named by its id, or by the beginning of it, in quotes"),
    ]:
        for verb in (house.admin.guest, house.admin.kick):
            with pytest.raises(BadCall) as refused:
                verb(wrong)  # type: ignore[arg-type]
            assert str(refused.value) == complaint
    assert len(house.lobby.guests) == 10


def test_a_kick_removes_one_and_tells_the_other(house: House) -> None:
    line, partner = house.come(), house.come()
    assert house.admin.kick(line.guest) == {"kicked": line.guest}
    assert line.guest not in house.lobby.guests
    assert line.told[-1] == events.Kicked()
    gone = partner.told[-1]
    assert isinstance(gone, events.StrangerDisconnected)
    assert gone.reason is events.Reason.KICKED


def test_a_drain_sends_away_who_has_no_partner_and_can_be_taken_back(house: House) -> None:
    line, one, other = house.come("tea"), house.come(), house.come()
    assert house.admin.drain(stop=False) == {"phase": "draining", "guests": 2}
    assert line.told[-1] == events.Restarting()
    assert set(house.lobby.guests) == {one.guest, other.guest}
    assert house.admin.status()["phase"] == "draining"
    assert house.admin.undrain() == {"phase": "open"}
    assert house.come("tea").guest in house.lobby.guests


def test_a_word_stops_nothing(house: House) -> None:
    for word in ("no", 0, None):
        with pytest.raises(BadCall, match="stop is True or False"):
            house.admin.drain(stop=word)  # type: ignore[arg-type]
    assert house.admin.status()["phase"] == "open"


def test_it_can_be_too_late_to_take_a_drain_back(house: House) -> None:
    house.lobby.phase = Phase.CLOSING
    with pytest.raises(BadCall, match="it is too late: the service stops"):
        house.admin.undrain()


def test_a_reload_says_what_has_changed_or_what_is_wrong(house: House) -> None:
    assert house.admin.reload() == {"changed": ["grace"], "restart": []}
    house.mistake = "a.toml: grace: -1 is no number of seconds"
    with pytest.raises(BadCall, match=house.mistake):
        house.admin.reload()


def test_an_announcement_reaches_all_who_are_there(house: House) -> None:
    here, away = house.come("tea"), house.come("chess")
    house.lost(away)
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
    line = house.come()
    before = list(line.told)
    with pytest.raises(BadCall) as refused:
        house.admin.announce(text)
    assert str(refused.value) == complaint
    assert line.told == before


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
    house.come("tea\n\x1b[2J", "\u2067שלום", "żółw")
    printed = repr(house.admin.waiting())
    assert len(printed.splitlines()) == 3
    assert all(line.isprintable() for line in printed.splitlines())
    assert r"'tea\n[2J', '\u2067שלום', żółw" in printed


def test_facts_are_one_a_line() -> None:
    assert repr(Facts(a=1.5, longer="x")) == "a       1.5\nlonger  x"
    assert repr(Facts()) == ""


def test_limits_are_read_and_changed_for_everybody(house: House) -> None:
    assert house.admin.limits()["messages"] == 0.0
    changed = house.admin.limits(messages=2, skips=0.5)
    assert (changed["messages"], changed["skips"], changed["frames"]) == (2, 0.5, 0.0)
    assert house.lobby.limits.messages == 2
    assert house.admin.limits() == changed


@pytest.mark.parametrize(
    "changes",
    [{"words": 1}, {"messages": "5"}, {"messages": True}, {"skips": -1.0}, {"frames": 1e9}],
)
def test_no_limit_is_changed_by_a_mistake(house: House, changes: dict[str, Any]) -> None:
    before = house.lobby.limits
    with pytest.raises(BadCall):
        house.admin.limits(**{"skips": 2.0, **changes})
    assert house.lobby.limits == before
