"""Who is banned leaves, and does not come in again: the whole service, in memory."""

import json
from pathlib import Path
from typing import Any

import pytest
from twisted.logger import capturedLogs, formatEvent

from roulette.ops.admin import Admin, BadCall
from roulette.ops.banning import FEW, Banning
from roulette.ops.bans import Bans
from roulette.ops.drain import Drain
from tests.memory import Make, MemoryClient, World
from tests.web.caller import Caller, asking, handshake

HOUR = 3600


class House:
    """The service behind a proxy, and its admin."""

    def __init__(self, world: World, now: float = 1_800_000_000.0) -> None:
        self.world = world
        self.now = now
        bans: Any = world.service.getServiceNamed("bans")
        bans._clock = lambda: self.now
        self.bans: Bans = bans
        factory, lobby = world.factory, world.lobby
        drain = Drain(lobby, factory.deliver, factory.clients, world.reactor)
        banning = Banning(lobby, factory.deliver, factory.now, factory.clients, bans)
        reload: Any = world.service
        self.admin = Admin(
            lobby, factory.deliver, world.reactor, drain, reload.reload.reload, banning
        )

    def come(self, host: str, **hello: Any) -> MemoryClient:
        """Return a guest who comes from an address."""
        client = self.world.connect(json_wire=True, forwarded=host)
        client.say({"type": "hello", **hello})
        return client

    def pair(self, one: str, other: str) -> tuple[MemoryClient, MemoryClient]:
        """Return two guests who talk, from two addresses."""
        pair = self.come(one), self.come(other)
        for client in pair:
            client.say({"type": "start"})
        for client in pair:
            assert client.heard.pop()["type"] == "connected"
        return pair

    def ban(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        told = self.admin.ban(*arguments, **named)
        self.world.flush()
        return told

    def answer(self, host: str) -> str:
        """Return what a handshake from an address is answered."""
        caller = Caller(self.world)
        answer = caller.say(handshake(X_Forwarded_For=host))
        caller.lose()
        return answer


@pytest.fixture
def house(bring_up: Make) -> House:
    return House(bring_up("--trusted-proxies", "1"))


def name(client: MemoryClient) -> str:
    guest: str = client.heard[0]["guest"]
    return guest


BANNED = {"type": "error", "code": "banned", "message": "you are banned from this server"}


def test_a_banned_guest_leaves_and_does_not_come_back(house: House) -> None:
    ada, bob = house.pair("192.0.2.7", "192.0.2.8")
    guest, token = name(ada), ada.resume
    told = house.ban(guest[:10], hours=24, reason="  no\nspam ")
    assert told == {
        "ban": 1,
        "kind": "guest",
        "of": guest,
        "addresses": 1,
        "reason": "no spam",
        "since": "2027-01-15T08:00:00Z",
        "expires": "2027-01-16T08:00:00Z",
        "gone": 1,
        "lasting": False,
    }
    assert ada.heard[-1] == {**BANNED, "retryAfter": 24 * HOUR}
    assert ada.closed == (4003, "banned")
    gone = bob.heard[-1]
    assert (gone["type"], gone["reason"]) == ("strangerDisconnected", "kicked")
    assert bob.closed is None
    answer = house.answer("192.0.2.7")
    assert answer.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert f"\r\nRetry-After: {24 * HOUR}\r\n" in answer
    assert answer.endswith("\r\n\r\nYou are banned from this server.\n")
    assert house.world.site.refused.counts == {"banned": 1}
    # From elsewhere nobody is known by the token.
    assert house.come("192.0.2.9", resume=token).heard[0]["resumed"] is False
    house.now += 24 * HOUR
    assert house.answer("192.0.2.7").startswith("HTTP/1.1 101 ")
    assert house.admin.bans() == []


def test_a_ban_is_taken_back(house: House) -> None:
    house.ban("192.0.2.7")
    assert house.answer("192.0.2.7").startswith("HTTP/1.1 403 ")
    assert "Retry-After" not in house.answer("192.0.2.7")
    assert house.admin.unban(1) == {"unbanned": 1}
    assert house.answer("192.0.2.7").startswith("HTTP/1.1 101 ")


@pytest.mark.parametrize(
    ("what", "kind", "of", "hit", "spared"),
    [
        ("192.0.2.7", "address", "IPv4/32", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.2.8"]),
        ("192.0.2.0/22", "prefix", "IPv4/22", ["192.0.3.255"], ["192.0.4.0", "2001:db8::1"]),
        ("2001:db8::1", "address", "IPv6/64", ["2001:db8::2"], ["2001:db8:0:1::1"]),
        ("2001:db8::/32", "prefix", "IPv6/32", ["2001:db8:1::1"], ["2001:db9::1", "192.0.2.7"]),
    ],
)
def test_an_address_or_prefix_is_banned_for_who_is_inside_and_who_comes(
    house: House, what: str, kind: str, of: str, hit: list[str], spared: list[str]
) -> None:
    inside = {host: house.come(host) for host in [*hit, *spared]}
    silent = [house.world.connect(json_wire=True, forwarded=host) for host in hit]
    plain = [house.world.connect(forwarded=host) for host in hit]
    told = house.ban(what)
    assert (told["kind"], told["of"], told["gone"]) == (kind, of, 2 * len(hit))
    for client in [*(inside[host] for host in hit), *silent]:
        assert client.heard[-1] == BANNED
        assert client.closed == (4003, "banned")
    for client in plain:
        assert client.heard[-1] == "* you are banned from this server"
        assert client.closed == (4003, "banned")
    for host in hit:
        assert house.answer(host).startswith("HTTP/1.1 403 ")
    for host in spared:
        assert inside[host].closed is None
        assert house.answer(host).startswith("HTTP/1.1 101 ")


def test_a_guest_is_banned_by_all_the_addresses_that_it_came_from(house: House) -> None:
    ada, bob = house.pair("192.0.2.7", "198.51.100.1")
    ada.drop()
    again = house.come("203.0.113.7", resume=ada.resume)
    again.drop()
    told = house.ban(name(ada), 1)
    assert (told["addresses"], told["gone"]) == (2, 1)
    assert bob.heard[-1]["reason"] == "kicked"
    for host in ("192.0.2.7", "203.0.113.7"):
        assert house.answer(host).startswith("HTTP/1.1 403 ")


def test_a_pair_of_one_address_leaves_whole(house: House) -> None:
    ada, bob = house.pair("192.0.2.7", "192.0.2.7")
    assert house.ban(name(ada))["gone"] == 2
    assert ada.closed == bob.closed == (4003, "banned")
    assert house.world.lobby.guests == {}


def test_a_shared_address_is_banned_only_if_that_is_meant(house: House) -> None:
    guests = [house.come("192.0.2.7") for _ in range(FEW + 2)]
    with pytest.raises(BadCall) as refused:
        house.ban(name(guests[0]))
    assert str(refused.value) == (
        "6 others have the same address: address=True bans them as well, address=False only this"
        " guest"
    )
    assert guests[0].closed is None
    assert house.admin.bans() == []
    told = house.ban(name(guests[0]), address=False)
    assert (told["addresses"], told["gone"]) == (0, 1)
    assert guests[0].closed == (4003, "banned")
    assert house.answer("192.0.2.7").startswith("HTTP/1.1 101 ")
    assert house.ban(name(guests[1]), address=True)["gone"] == FEW + 1
    assert house.answer("192.0.2.7").startswith("HTTP/1.1 403 ")


def test_a_word_decides_for_no_others(house: House) -> None:
    guests = [house.come("192.0.2.7") for _ in range(FEW + 2)]
    for word in ("no", 0, 1):
        with pytest.raises(BadCall, match="address is True, False or None"):
            house.ban(name(guests[0]), address=word)
    assert [guest.closed for guest in guests] == [None] * len(guests)


def test_who_has_no_address_is_banned_alone(house: House) -> None:
    ada = house.world.connect(json_wire=True)
    ada.say({"type": "hello"})
    guest = house.world.lobby.guests[name(ada)]
    guest.pseudonyms = ()
    with pytest.raises(BadCall, match="has no address here: address=False bans it alone"):
        house.ban(guest.id, address=True)
    assert house.ban(guest.id)["addresses"] == 0
    house.world.flush()
    assert ada.closed == (4003, "banned")


def test_a_page_may_ask_why_its_handshake_has_failed(house: House) -> None:
    house.ban("192.0.2.7")
    for host, status in (("192.0.2.7", 403), ("192.0.2.8", 426)):
        answer = Caller(house.world).say(asking("/ws", X_Forwarded_For=host))
        assert answer.startswith(f"HTTP/1.1 {status} ")
        assert Caller(house.world).say(asking("/", X_Forwarded_For=host)).startswith("HTTP/1.1 200")


def test_who_is_banned_is_told_so_though_the_house_is_full(bring_up: Make) -> None:
    house = House(bring_up("--trusted-proxies", "1", "--max-guests", "1"))
    house.ban("192.0.2.7")
    house.come("192.0.2.8")
    assert house.answer("192.0.2.7").startswith("HTTP/1.1 403 ")
    assert house.answer("192.0.2.9").startswith("HTTP/1.1 503 ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody",), "there is no guest 'nobody'"),
        ((7,), "a guest is named by its id, or by the beginning of it, in quotes"),
        (("192.0.2.300",), "'192.0.2.300' does not appear to be an IPv4 or IPv6 address"),
        (("0.0.0.0/0",), "an IPv4 prefix has at least 8 bits"),
        (("192.0.2.7", 0), "hours is more than 0 and at most 87840, or None for ever"),
        (("192.0.2.7", float("nan")), "hours is more than 0 and at most 87840, or None for ever"),
        (("192.0.2.7", "24"), "hours is a number, or None for ever"),
        (("192.0.2.7", True), "hours is a number, or None for ever"),
        (("192.0.2.7", 1, 7), "a reason is a text, in quotes"),
        (("192.0.2.7", 1, "x" * 201), "a reason has at most 200 characters, not 201"),
    ],
)
def test_a_mistake_bans_nobody(house: House, arguments: tuple[Any, ...], complaint: str) -> None:
    ada = house.come("192.0.2.7")
    with pytest.raises(BadCall) as refused:
        house.ban(*arguments)
    assert str(refused.value) == complaint
    assert house.admin.bans() == []
    assert ada.closed is None


@pytest.mark.parametrize(
    ("number", "complaint"),
    [(1, "there is no ban 1"), ("1", "a ban is taken back by its number"), (True, "a ban is")],
)
def test_what_is_no_ban_is_not_taken_back(house: House, number: Any, complaint: str) -> None:
    with pytest.raises(BadCall, match=complaint):
        house.admin.unban(number)


def test_they_outlive_the_service_and_nothing_tells_an_address(
    bring_up: Make, tmp_path: Path
) -> None:
    options = "--trusted-proxies", "1", "--state", str(tmp_path)
    house = House(bring_up(*options))
    ada = house.come("192.0.2.7")
    with capturedLogs() as events:
        told = [house.ban(name(ada), 1, "one"), house.ban("192.0.0.0/16", reason="two")]
        house.ban("2001:db8::1")
        house.admin.unban(3)
        assert house.answer("192.0.2.7").startswith("HTTP/1.1 403 ")
    logged = list(map(formatEvent, events))
    assert all(each["lasting"] for each in told)
    table = house.admin.bans()
    assert [(row["ban"], row["kind"], row["reason"]) for row in table] == [
        (1, "guest", "one"),
        (2, "prefix", "two"),
    ]
    assert json.loads(json.dumps(table)) == table
    for shown in ("\n".join(logged), repr(table), json.dumps(told)):
        assert "192.0" not in shown
        assert "2001:" not in shown
    assert f"Ban 1: guest {name(ada)}, until 2027-01-15T09:00:00Z; guests gone: 1" in logged
    assert "Ban 3 was taken back" in logged
    house.world.service.stopService()
    again = House(bring_up(*options))
    assert again.admin.bans() == table
    assert again.answer("192.0.2.7").startswith("HTTP/1.1 403 ")
    # Those who came in meanwhile leave when the file is read again.
    bob = again.come("198.51.100.1")
    again.bans._by_network.clear()
    eve = again.come("192.0.9.9")
    assert again.admin.reload() == {"changed": [], "restart": []}
    again.world.flush()
    assert eve.closed == (4003, "banned")
    assert bob.closed is None


def test_a_ban_that_cannot_be_kept_is_the_operators_to_know(bring_up: Make, tmp_path: Path) -> None:
    house = House(bring_up("--trusted-proxies", "1", "--state", str(tmp_path)))
    ada = house.come("192.0.2.7")
    house.ban("192.0.9.9")
    house.bans._close()
    for change in (lambda: house.ban(name(ada)), lambda: house.admin.unban(1)):
        with pytest.raises(BadCall, match="the bans in it cannot be changed"):
            change()
    assert ada.closed is None
