"""Servers side by side: each really relays, and whoever talks notices if it does not."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import frames, relay, talk
from benchmarks.build import Missing
from benchmarks.crowd import Crowd
from benchmarks.guests import Guest, V1Guest, masked_ids
from benchmarks.rounds import Case, side_by_side
from benchmarks.server import FLOOR, NODE, PEERS, PLAIN_EPOLL, SEED, V1_EPOLL, Server
from benchmarks.talk import Talk
from tests.needs import needs

NEEDS = {FLOOR: ["cc"], NODE: ["node", "npm"]}


@pytest.mark.parametrize("server", [*PEERS, PLAIN_EPOLL, V1_EPOLL], ids=lambda server: server.name)
def test_every_server_relays(server: Server) -> None:
    for command in NEEDS.get(server, []):
        needs(command)
    cases = ((2, "32 B", 1), (2, "1 KB", 3), (6, "8 KB", 2))
    rows = list(relay.rows(1, (server,), cases, 0.02))
    assert [(row.case, row.guests, row.server) for row in rows] == [
        (f"{size}, {in_flight} in flight", guests, server.name) for guests, size, in_flight in cases
    ]
    assert all(row.cost for row in rows)


def test_texts_have_the_sizes_that_they_claim() -> None:
    assert [len(text) for text in relay.TEXTS.values()] == [32, 1_024, 8_000]
    assert all(len(text.decode()) <= 2_000 for text in relay.TEXTS.values())


@given(st.binary(max_size=70_000 // 2), st.integers(0, 7))
def test_what_is_masked_twice_is_as_it_was(data: bytes, at: int) -> None:
    assert frames.masked(frames.masked(data, at), at) == data
    assert frames.masked(b"-" * at + data)[at:] == frames.masked(data, at)


@given(st.lists(st.binary(max_size=300)), st.data())
def test_frames_are_found_however_they_come(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frames.head(frames.TEXT, len(payload)) + payload for payload in payloads)
    cut = data.draw(st.integers(0, len(stream)))
    first, rest = frames.received(stream[:cut])
    second, end = frames.received(rest + stream[cut:])
    assert [payload for _, payload in first + second] == payloads
    assert end == b""


def test_ids_differ() -> None:
    assert len(set(masked_ids(3))) == 10_000
    assert frames.masked(masked_ids(3)[42], 3) == b"0042"


class Scripted:
    """A server for two guests that answers each of their messages as a test says.

    ``answers`` maps what one says to all that the other is told; ``None`` is a farewell.
    """

    def __init__(self, **answers: tuple[bytes | None, ...]) -> None:
        self.answers = {text.encode(): told for text, told in answers.items()}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def run(self) -> None:
        """Serve until both have gone."""
        both = [self.listener.accept()[0] for _ in range(2)]
        for client in both:
            client.recv(1_000)
            client.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        relays = [Thread(target=self.relay, args=order) for order in (both, both[::-1])]
        for thread in relays:
            thread.start()
        for thread in relays:
            thread.join()
        for client in both:
            client.close()

    def relay(self, source: socket.socket, sink: socket.socket) -> None:
        """Take each message, and tell the other what the script says, or the same."""
        left = b""
        with suppress(OSError):  # guests may go in the middle of a word
            while got := source.recv(1_000):
                left += got
                while len(left) >= 6 and len(left) >= (end := 6 + (left[1] & 127)):
                    text = frames.masked(left[6:end])
                    left = left[end:]
                    for told in self.answers.get(text, (text,)):
                        if told is None:
                            sink.shutdown(socket.SHUT_WR)
                        else:
                            sink.sendall(frames.head(frames.TEXT, len(told)) + told)


@contextmanager
def scripted(**answers: tuple[bytes | None, ...]) -> Iterator[Talk]:
    """Let two guests talk through a scripted server."""
    server = Scripted(**answers)
    thread = Thread(target=server.run)
    thread.start()
    with closing(server.listener):
        with closing(Crowd(server.port, Guest)) as crowd:
            yield Talk(crowd, crowd.come(2))
        thread.join()


def test_every_message_is_counted() -> None:
    with scripted() as talked:
        assert talked.fast(b"hello", 3, 0) == 6
        assert talked.fast(b"hello", 1, 0.02) > 2
        assert len(talked.paced(b"hello", 1_000, 0.02)) == 20


def test_a_lost_message_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "PATIENCE", 0.1)
    with scripted(hello=()) as talked:
        with pytest.raises(RuntimeError, match="2 messages were lost"):
            talked.fast(b"hello", 1, 0)
        with pytest.raises(RuntimeError, match="3 messages were lost"):
            talked.paced(b"hello", 1_000, 0.003)


@pytest.mark.parametrize("answer", [(b"hullo",), (b"hello!",), (b"hel", b"lo")])
def test_an_altered_message_is_noticed(answer: tuple[bytes, ...]) -> None:
    with scripted(hello=answer) as talked, pytest.raises(RuntimeError, match="not what was said"):
        talked.fast(b"hello", 1, 0)


def test_a_doubled_message_is_noticed() -> None:
    def talks(talked: Talk) -> None:
        talked.fast(b"hello", 1, 0)
        talked.greet()

    # Which of the two depends on when the second one comes.
    noticed = r"of \d+ messages \d+ came|not what was said"
    with scripted(hello=(b"hello", b"hello")) as talked, pytest.raises(RuntimeError, match=noticed):
        talks(talked)


def test_a_server_that_hangs_up_is_noticed() -> None:
    with scripted(hello=(None,)) as talked, pytest.raises(ConnectionError, match="hung up"):
        talked.fast(b"hello", 1, 0)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (b'{"type":"gotMessage","seq":2,"text":"hello"}', "message 2 came in place of 1"),
        (b'{"type":"gotMessage","seq":1,"text":"hullo"}', "not what was said"),
        (b'{"type":"error","code":"rate_limited"}', "the server says"),
    ],
)
def test_a_guest_of_the_json_wire_looks_at_what_it_is_told(told: bytes, why: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        guest = V1Guest(ours)
        guest.prepare(b"hello")
        guest.say(2)
        theirs.sendall(b"\x81\x2c" + b'{"type":"gotMessage","seq":1,"text":"hello"}')
        assert (guest.hear(), guest.settled()) == (1, False)
        theirs.sendall(b"\x81\x16" + b'{"type":"ack","seq":2}')
        assert (guest.hear(), guest.settled()) == (0, True)
        guest.heard = 0
        theirs.sendall(frames.head(frames.TEXT, len(told)) + told)
        with pytest.raises(RuntimeError, match=why):
            guest.hear()


def test_servers_take_turns_and_what_is_missing_says_so() -> None:
    asked: list[str] = []

    def measure(server: Server) -> Iterator[tuple[Case, float]]:
        asked.append(server.name)
        if server is NODE:
            raise Missing("no node here")
        yield ("talk", 2), float(len(asked))

    rows = list(side_by_side("fun", (SEED, NODE, FLOOR), 3, measure))
    assert asked == [SEED.name, NODE.name, FLOOR.name, FLOOR.name, SEED.name, FLOOR.name, SEED.name]
    assert [(row.server, len(row.samples), row.note) for row in rows] == [
        (SEED.name, 3, ""),
        (FLOOR.name, 3, ""),
        (NODE.name, 0, "no node here"),
    ]


def test_a_server_that_fails_leaves_what_was_measured() -> None:
    def measure(server: Server) -> Iterator[tuple[Case, float]]:
        yield ("talk", 2), 1.0
        if server is FLOOR:
            raise RuntimeError("it broke")

    rows = side_by_side("fun", (SEED, FLOOR), 3, measure)
    assert [next(rows).server, next(rows).server] == [SEED.name, FLOOR.name]
    with pytest.raises(RuntimeError, match="it broke"):
        next(rows)
