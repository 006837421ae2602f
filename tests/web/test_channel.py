"""HTTP on the open internet, byte by byte and in memory."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.web.channel import ASKS_WITHIN, READS_WITHIN
from roulette.web.site import HEADERS
from tests.memory import Make, World, world
from tests.web.caller import Caller, asking, handshake


def refused(world: World) -> dict[str, int]:
    return dict(world.site.refused.counts)


@pytest.mark.parametrize(
    ("request_line", "status", "reason"),
    [
        (asking("/", "POST", Content_Length="100000000"), 413, "body"),
        (asking("/ws", "POST", Content_Length="1"), 413, "body"),
        (asking("/ws", Content_Length="1"), 413, "body"),
        (asking("/", "POST", Transfer_Encoding="chunked"), 413, "body"),
        (asking("/", Transfer_Encoding="identity"), 413, "body"),
        (asking("/", "POST", Content_Length="9", Expect="100-continue"), 413, "body"),
        (asking("/", "POST", Content_Length="0"), 405, "method"),
        (asking("/", "PUT"), 405, "method"),
        (asking("*", "OPTIONS"), 405, "method"),
        (asking("*"), 400, "target"),
        (asking("http://chat.example.org/"), 400, "target"),
        (asking("/", X="a\x85X-Forwarded-For: 6.6.6.6"), 400, "header"),
        (asking("/", X="a\x0bb"), 400, "header"),
        (asking("/", X="a\x1cb"), 400, "header"),
        (asking("/", X="a\x7fb"), 400, "header"),
        (asking("/", X="caf\xe9"), 400, "header"),
        (asking("/\x85"), 400, "header"),
        (asking("/", X="a\nb: c"), 400, "header"),
    ],
)
def test_what_is_refused_at_once(
    bring_up: Make, request_line: bytes, status: int, reason: str
) -> None:
    world = bring_up()
    caller = Caller(world)
    answer = caller.say(request_line)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert caller.closed
    for name, value in HEADERS.items():
        assert f"\r\n{name}: {value}\r\n" in answer
    assert "\r\nConnection: close\r\n" in answer
    assert "Twisted" not in answer
    assert "100 Continue" not in answer
    assert refused(world) == {reason: 1}
    # Whatever else comes is dropped.
    assert caller.say(b"x" * 100_000 + b"\r\n" + asking("/healthz")) == ""


@pytest.mark.parametrize(
    "last",
    [b"nonsense\r\n", b"GET / HTTP/2.0\r\n", asking("/healthz", Connection="close"), b""],
)
@pytest.mark.parametrize("more", [b"\r\n", asking("/healthz"), handshake(), b"x" * 100_000])
def test_what_comes_after_the_end_is_dropped(bring_up: Make, last: bytes, more: bytes) -> None:
    """As TLS hands it over, until the client has closed as well."""
    world = bring_up()
    caller = Caller(world)
    caller.say(asking("/healthz"))
    caller.say(last)
    if not last:
        world.advance(ASKS_WITHIN)
    assert caller.closed
    assert caller.say(more) == ""
    assert not world.factory.clients


@given(byte=st.integers(0, 255), before=st.binary(max_size=5))
def test_a_header_holds_printable_characters_only(byte: int, before: bytes) -> None:
    value = bytes([byte])
    if value in b"\r\n":
        return
    with world() as brought_up:
        answer = Caller(brought_up).say(b"GET /healthz HTTP/1.1\r\nX: a" + value + b"b\r\n\r\n")
    fits = byte == 9 or 0x20 <= byte <= 0x7E
    assert answer.startswith("HTTP/1.1 200" if fits else "HTTP/1.1 400")


def test_a_request_without_a_body_may_say_so(bring_up: Make) -> None:
    assert Caller(bring_up()).say(asking("/healthz", Content_Length="0")).endswith("ok\n")


def test_headers_that_trickle_in_have_an_end(bring_up: Make) -> None:
    world = bring_up()
    slow, silent, asks = Caller(world), Caller(world), Caller(world)
    slow.say(b"GET / HTTP/1.1\r\n")
    for n in range(int(ASKS_WITHIN)):
        assert not slow.closed
        slow.say(b"X-%d: 1\r\n" % n)
        world.advance(1)
        if n == 4:
            assert asks.say(asking("/healthz")).endswith("ok\n")
    assert slow.closed
    assert silent.closed
    assert refused(world) == {"slow": 1}
    # Whoever had an answer may ask again, in as long a time from there.
    assert not asks.closed
    world.advance(5)
    assert asks.closed


def test_silence_before_a_request_counts(bring_up: Make) -> None:
    world = bring_up()
    slow, asks = Caller(world), Caller(world)
    world.advance(5)
    slow.say(b"GET / HTTP/1.1\r\n")
    assert asks.say(asking("/healthz")).endswith("ok\n")
    world.advance(ASKS_WITHIN - 5 - 0.1)
    assert not slow.closed
    world.advance(0.1)
    assert slow.closed
    world.advance(5 - 0.1)
    assert not asks.closed
    world.advance(0.1)
    assert asks.closed


def test_the_headers_of_a_request_have_an_end(bring_up: Make) -> None:
    world = bring_up()
    for lines in (b"X: " + b"x" * 20_000, b"X: x\r\n" * 4_000, b"X:\r\n" * 600):
        caller = Caller(world)
        caller.say(b"GET / HTTP/1.1\r\n" + lines)
        assert caller.closed


def test_one_request_is_answered_of_those_that_come_together(bring_up: Make) -> None:
    caller = Caller(bring_up())
    answer = caller.say(asking("/healthz") * 1_000)
    assert answer.count("HTTP/1.1 200") == 1
    assert "\r\nConnection: close\r\n" in answer
    assert caller.closed


def test_requests_one_after_the_other_are_all_answered(bring_up: Make) -> None:
    caller = Caller(bring_up())
    for _ in range(100):
        assert caller.say(asking("/healthz")).endswith("ok\n")
    assert not caller.closed


def stalled(caller: Caller) -> Any:
    """Let the transport have more to send than it likes, and return who was told."""
    producer: Any = caller.transport.producer
    producer.pauseProducing()
    return producer


def test_who_reads_nothing_is_answered_nothing_more(bring_up: Make) -> None:
    world = bring_up()
    caller = Caller(world)
    caller.say(asking("/healthz"))
    stalled(caller)
    assert caller.say(asking("/")) == ""
    assert caller.transport.aborted
    assert refused(world) == {"slow": 1}


def test_who_reads_on_is_answered_again(bring_up: Make) -> None:
    caller = Caller(bring_up())
    caller.say(asking("/healthz"))
    stalled(caller).resumeProducing()
    assert caller.say(asking("/healthz")).endswith("ok\n")


def test_who_takes_no_more_of_an_answer_is_cut(bring_up: Make) -> None:
    world = bring_up()
    caller = Caller(world)
    request_of(caller, world)
    world.advance(READS_WITHIN - 1)
    stalled(caller).resumeProducing()
    stalled(caller)
    world.advance(READS_WITHIN - 1)
    assert not caller.closed
    world.advance(1)
    assert caller.transport.aborted


def request_of(caller: Caller, world: World) -> None:
    """Ask for what takes its time."""
    from twisted.web.resource import Resource
    from twisted.web.server import NOT_DONE_YET

    class Long(Resource):
        isLeaf = True

        def render_GET(self, request: Any) -> int:
            return NOT_DONE_YET

    world.site.resource.putChild(b"long", Long())
    assert caller.say(asking("/long")) == ""


def test_the_oldest_plain_connection_gives_way(bring_up: Make) -> None:
    world = bring_up()
    connections = world.site.connections
    connections._limit = 16
    guest = Caller(world)
    guest.say(handshake())
    callers = [Caller(world) for _ in range(15)]
    # One, since an eighth stays free; another, as the first is not yet closed.
    assert [caller.transport.aborted for caller in callers] == [True] * 2 + [False] * 13
    assert connections.full
    assert Caller(world).transport.aborted
    assert callers[-1].say(asking("/healthz")).endswith("ok\n")
    assert not guest.closed
    for caller in (guest, *callers):
        caller.lose()
    assert connections.open == 0
    assert refused(world) == {"crowded": 3}


def test_a_full_house_still_answers_who_comes(bring_up: Make) -> None:
    world = bring_up("--max-guests", "14", "--per-address", "0")
    world.site.connections._limit = 16
    guests = [Caller(world) for _ in range(14)]
    assert {guest.say(handshake())[9:12] for guest in guests} == {"101"}
    for _ in range(20):
        late = Caller(world)
        assert late.say(handshake())[9:12] == "503"
        late.lose()
    assert not any(guest.closed for guest in guests)
