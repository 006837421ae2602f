"""Who gets from HTTP to the WebSocket, byte by byte and in memory."""

import gc
from weakref import ref

import pytest

from roulette.core.chats import Phase
from roulette.web.site import HEADERS
from tests.memory import Make
from tests.web.caller import KEY, Caller, asking, handshake

COME_IN = "HTTP/1.1 101 "


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (asking("/ws"), 426),
        (asking("/ws?redirect=https://evil.example"), 426),
        (asking("/ws", "HEAD"), 426),
        (asking("/ws/"), 404),
        (asking("/ws/more"), 404),
        (handshake().replace(b"HTTP/1.1", b"HTTP/1.0"), 426),
        (handshake().replace(b"GET", b"HEAD"), 426),
        (handshake().replace(b"GET", b"POST"), 405),
        (handshake(Upgrade=None), 426),
        (handshake(Upgrade="h2c"), 426),
        (handshake(Connection=None), 426),
        (handshake(Connection="close"), 426),
        (handshake(Sec_WebSocket_Version=None), 426),
        (handshake(Sec_WebSocket_Version="8"), 426),
        (handshake(Sec_WebSocket_Version="13, 8"), 426),
        (handshake(Sec_WebSocket_Version="x"), 426),
        (handshake(Sec_WebSocket_Key=None), 400),
        (handshake(Sec_WebSocket_Key="short"), 400),
        (handshake(Sec_WebSocket_Key="!" * 22 + "=="), 400),
        (handshake(Sec_WebSocket_Key=f"{KEY}\r\nSec-WebSocket-Key: {KEY}"), 400),
        (handshake(Sec_WebSocket_Protocol="a, b, a"), 400),
        (handshake(Host=None), 400),
        (handshake(Host="a\r\nHost: b"), 400),
        (handshake(Host="a:b"), 400),
        (handshake(Host="a:1:2"), 400),
        (handshake(Origin="https://evil.example"), 403),
        (handshake(Origin="null"), 403),
        (handshake(Origin=""), 403),
        (handshake(Origin="http://chat.example.org\r\nOrigin: https://evil.example"), 400),
        (handshake(Content_Length="5") + b"hello", 413),
        (handshake(Transfer_Encoding="chunked") + b"0\r\n\r\n", 413),
        (handshake() + b"\x81\x80", 400),
        (handshake() + handshake(), 400),
    ],
)
def test_who_is_not_let_in(bring_up: Make, request_bytes: bytes, status: int) -> None:
    caller = Caller(world := bring_up())
    answer = caller.say(request_bytes)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    for name, value in HEADERS.items():
        assert f"\r\n{name}: {value}\r\n" in answer
    assert ("\r\nSec-WebSocket-Version: 13\r\n" in answer) is (status == 426)
    assert ("\r\nUpgrade: websocket\r\n" in answer) is (status == 426)
    assert caller.closed is (status != 404)
    assert world.factory.countConnections == 0
    assert world.site.resource.children[b"ws"].door.inside == 0


def test_who_is_let_in(bring_up: Make) -> None:
    world = bring_up("--allowed-origin", "https://other.example")
    for request in (
        handshake(),
        handshake(Upgrade="WebSocket", Connection="keep-alive, upgrade"),
        handshake(Host="[2001:db8::1]:8080"),
        handshake(Host="chat.example.org:8080"),
        handshake(Origin="https://chat.example.org"),
        handshake(Origin="https://other.example"),
        handshake(Sec_WebSocket_Protocol="roulette.v1.json"),
        handshake(X_Forwarded_For="\t,,,"),
    ):
        assert Caller(world).say(request).startswith(COME_IN)


def test_nothing_of_a_handshake_is_kept_that_is_not_needed(bring_up: Make) -> None:
    world = bring_up()
    caller = Caller(world)
    caller.say(
        handshake(Origin="https://chat.example.org", X_Forwarded_For="6.6.6.6", Cookie="crumbs")
    )
    kept = repr(vars(caller.transport.protocol))
    assert not any(secret in kept for secret in ("chat.example.org", "6.6.6.6", "crumbs"))


@pytest.mark.parametrize("cut", [0, 1])
def test_a_guest_keeps_nothing_of_http_however_its_handshake_came(bring_up: Make, cut: int) -> None:
    caller = Caller(bring_up())
    http = ref(caller.transport.protocol)
    gc.disable()
    try:
        if cut:
            caller.say(handshake()[:cut])
        assert caller.say(handshake()[cut:]).startswith(COME_IN)
        assert caller.transport.producer is caller.transport.protocol
        assert http() is None
    finally:
        gc.enable()


def test_a_full_house_says_when_to_come_again(bring_up: Make) -> None:
    world = bring_up("--max-guests", "2")
    first, second = Caller(world), Caller(world)
    assert first.say(handshake()).startswith(COME_IN)
    assert Caller(world).say(asking("/readyz")).endswith("ok\n")
    assert second.say(handshake()).startswith(COME_IN)
    answer = Caller(world).say(handshake())
    assert answer.startswith("HTTP/1.1 503 ")
    assert "\r\nRetry-After: 10\r\n" in answer
    assert Caller(world).say(asking("/readyz")).startswith("HTTP/1.1 503 ")
    assert Caller(world).say(asking("/healthz")).startswith("HTTP/1.1 200 ")
    first.lose()
    assert Caller(world).say(asking("/readyz")).endswith("ok\n")
    assert Caller(world).say(handshake()).startswith(COME_IN)


def test_an_address_has_its_share(bring_up: Make) -> None:
    world = bring_up("--per-address", "2", "--connect-rate", "0")
    mine = [Caller(world) for _ in range(3)]
    answers = [caller.say(handshake()) for caller in mine]
    assert [answer[9:12] for answer in answers] == ["101", "101", "429"]
    assert "\r\nRetry-After: 10\r\n" in answers[2]
    assert Caller(world, "192.0.2.2").say(handshake()).startswith(COME_IN)
    mine[0].lose()
    assert Caller(world).say(handshake()).startswith(COME_IN)


def test_an_address_has_its_pace(bring_up: Make) -> None:
    world = bring_up("--per-address", "0", "--connect-rate", "0.5")
    codes = [Caller(world).say(handshake())[9:12] for _ in range(6)]
    assert codes == ["101"] * 4 + ["429"] * 2
    assert "\r\nRetry-After: 2\r\n" in Caller(world).say(handshake())
    world.advance(2)
    assert Caller(world).say(handshake()).startswith(COME_IN)


def test_an_address_is_the_one_that_a_proxy_tells_if_there_is_one(bring_up: Make) -> None:
    for proxies, codes in (("0", ["101", "429", "429"]), ("1", ["101", "101", "429"])):
        world = bring_up("--per-address", "1", "--trusted-proxies", proxies)
        said = ["192.0.2.7", "192.0.2.7, 192.0.2.8", "6.6.6.6, 192.0.2.7"]
        answers = [Caller(world).say(handshake(X_Forwarded_For=each)) for each in said]
        assert [answer[9:12] for answer in answers] == codes


@pytest.mark.parametrize(
    ("phase", "wire", "status"),
    [
        (Phase.DRAINING, {}, 503),
        # It may be somebody who comes back.
        (Phase.DRAINING, {"Sec_WebSocket_Protocol": "other, roulette.v1.json"}, 101),
        (Phase.CLOSING, {"Sec_WebSocket_Protocol": "roulette.v1.json"}, 503),
    ],
)
def test_who_is_let_in_when_the_service_is_to_stop(
    bring_up: Make, phase: Phase, wire: dict[str, str], status: int
) -> None:
    world = bring_up()
    inside = Caller(world)
    inside.say(handshake())
    world.lobby.phase = phase
    assert Caller(world).say(handshake(**wire)).startswith(f"HTTP/1.1 {status} ")
    assert Caller(world).say(asking("/readyz")).startswith("HTTP/1.1 503 ")
    assert not inside.closed
    assert world.site.refused.counts == ({"draining": 1} if status == 503 else {})


def test_a_handshake_that_fails_is_our_fault_and_is_told_nothing(
    bring_up: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = bring_up()
    failed: list[str] = []
    monkeypatch.setattr(world.factory, "wire_for", {}.__getitem__)
    monkeypatch.setattr(
        world.factory.protocol,
        "failures",
        type("Failures", (), {"failure": lambda self, text: failed.append(text)})(),
    )
    caller = Caller(world)
    answer = caller.say(handshake())
    assert answer.startswith("HTTP/1.1 500 our mistake")
    assert failed == ["A handshake has failed"]
    caller.lose()
    assert world.site.resource.children[b"ws"].door.inside == 0
    assert world.site.connections.open == 0


def test_when_all_have_left_the_counts_are_nought(bring_up: Make) -> None:
    world = bring_up()
    callers = [Caller(world) for _ in range(4)]
    callers[0].say(handshake())
    callers[1].say(handshake(Sec_WebSocket_Protocol="roulette.v1.json"))
    callers[2].say(handshake(Sec_WebSocket_Protocol="a, a"))
    callers[3].say(asking("/healthz"))
    assert world.site.connections.open == 4
    for caller in callers:
        caller.lose()
    assert world.site.connections.open == 0
    assert world.site.resource.children[b"ws"].door.inside == 0


def test_a_full_lobby_turns_new_guests_away_but_not_who_comes_back(bring_up: Make) -> None:
    world = bring_up("--max-guests", "1")
    ada = world.hello()
    ada.drop()
    for json_wire in (True, False):
        eve = world.connect(json_wire=json_wire)
        if json_wire:
            eve.say({"type": "hello"})
            [error] = eve.take()
            assert (error["code"], error["ref"]) == ("server_full", "hello")
        else:
            assert eve.take() == ["* no more guests are let in"]
        assert eve.closed == (1013, "full, try later")
    assert world.hello(resume=ada.resume).take()[0]["resumed"] is True


def test_guests_of_one_address_are_told_apart_behind_a_proxy(bring_up: Make) -> None:
    world = bring_up("--same-address", "deny", "--trusted-proxies", "1")
    ada, twin = (world.connect(forwarded="6.6.6.6, 192.0.2.1") for _ in range(2))
    assert ada.take() == twin.take() == ["* Looking for a stranger..."]
    bob = world.connect(forwarded="6.6.6.6, 192.0.2.2")
    assert bob.take() == ["* A stranger has come. Say hello!"]
