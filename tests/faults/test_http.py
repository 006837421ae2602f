"""HTTP that means no good: bodies, headers that trickle in, answers that nobody reads."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.faults.attacker import PATIENCE, Attacker, attacker
from tests.faults.promises import Promises
from tests.faults.watched import MB, Watched, watching
from tests.needs import needs

BODY = 100 * MB
PART = b"10000\r\n" + bytes(1 << 16) + b"\r\n"
"""64 KiB, after which the refusal must be there; a chunk, if that is what was announced."""


def few_files(number: int) -> list[str]:
    """Return the command that lets the one after it have no more than so many open files."""
    return ["sh", "-c", f'ulimit -n {number}; exec "$@"', "sh"]


def to_the_end(attacking: Attacker) -> bytes:
    """Return all that comes until the server hangs up."""
    came = b""
    while True:
        try:
            more = attacking.socket.recv(65536)
        except ConnectionError:
            return came
        if not more:
            return came
        came += more


def test_a_body_is_refused_and_kept_nowhere(tmp_path: Path, promises: Promises) -> None:
    with watching(prefix=["env", f"TMPDIR={tmp_path}"]) as house:
        for path in ("/", "/ws"):
            for how in ("Content-Length: 104857600", "Transfer-Encoding: chunked"):
                head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{how}\r\n"
                with house.growth() as growth:
                    taken = push(house.port, head.encode())
                what = f"POST {path}, {how.partition(':')[0]}"
                # What the kernel buffers on both sides is not read.
                promises.at_most(10, f"{what}: taken", taken / MB, 16, "MB")
                promises.under(10, f"{what}: memory", growth.mb, 5, "MB")
        house.answers()
        spooled = [*tmp_path.iterdir()]
    promises.at_most(10, "files that were spooled", len(spooled), 0)


def push(port: int, head: bytes) -> int:
    """Send a body until the server hangs up; return how much of it could be sent."""
    with attacker(port, upgrade=False) as patient:
        # Whoever waits for the answer has it before any of the body.
        patient.send(head + b"Expect: 100-continue\r\n\r\n")
        assert to_the_end(patient).startswith(b"HTTP/1.1 413 ")
    with attacker(port, upgrade=False) as hasty:
        hasty.send(head + b"\r\n" + PART)
        assert to_the_end(hasty)[:13] in (b"", b"HTTP/1.1 413 ")
    with attacker(port, upgrade=False) as stubborn:
        stubborn.send(head + b"\r\n")
        sent = 0
        while sent < BODY and stubborn.send(PART):
            sent += len(PART)
        return sent


@contextmanager
def slow_connections(port: int, number: int) -> Iterator[list[Attacker]]:
    """Have connections whose request never ends."""
    with ExitStack() as stack:
        slow = [
            stack.enter_context(attacker(port, 1_000 + each, upgrade=False))
            for each in range(number)
        ]
        for each in slow:
            each.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        yield slow


def page_is_there(house: Watched) -> bool:
    with urlopen(f"{house.url}/", timeout=PATIENCE) as answer:
        return bool(answer.status == 200)


def test_headers_that_trickle_in_keep_nobody_from_the_page(promises: Promises) -> None:
    # Fewer files than slow connections: the oldest have to make room.
    with watching(prefix=few_files(512)) as house, house.talking() as talk:
        with slow_connections(house.port, 1_000):
            there = [page_is_there(house) for _ in range(20)]
        with attacker(house.port, upgrade=False) as trickling:
            began = time.monotonic()
            trickling.send(b"GET / HTTP/1.1\r\n")
            trickling.socket.settimeout(0.5)
            while not closed(trickling):
                trickling.send(b"X: 1\r\n")
            lasted = time.monotonic() - began
    promises.at_most(11, "trickled headers: closed after", lasted, 10, "s")
    promises.at_most(11, "1,000 slow connections: no page", there.count(False), 0)
    promises.at_most(11, "other pairs: disturbed", talk.report.disturbed, 0)


def closed(attacking: Attacker) -> bool:
    try:
        return attacking.socket.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


SLOW = {
    "headers": ["-H", "-i", "2"],
    "a body": ["-B", "-s", "8192", "-i", "2"],
    "reading": ["-X", "-r", "200", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"],
}


@pytest.mark.soak
@pytest.mark.parametrize("what", SLOW)
def test_slowhttptest_takes_nothing_from_anybody(promises: Promises, what: str) -> None:
    tool = needs("slowhttptest")
    with watching(prefix=few_files(1024)) as house, house.talking() as talk:
        command = [tool, *SLOW[what], "-c", "1000", "-r", "200", "-l", "40", "-u", f"{house.url}/"]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as attack:
            there = []
            while attack.poll() is None:
                there.append(page_is_there(house))
                time.sleep(0.25)  # the attack is what takes its time
    assert len(there) > 20
    promises.at_most(11, f"slowhttptest, {what}: no page", there.count(False), 0)
    promises.at_most(11, f"slowhttptest, {what}: pairs disturbed", talk.report.disturbed, 0)


def test_who_reads_no_answers_costs_nothing(promises: Promises) -> None:
    ask = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with watching() as house, house.growth() as growth, ExitStack() as stack:
        for number in range(50):
            one = stack.enter_context(attacker(house.port, number, buffer=4096, upgrade=False))
            one.socket.settimeout(0.2)
            for part in (ask, ask * 100):
                for _ in range(20):
                    if not one.send(part):
                        break
        house.answers()
    promises.under(10, "50 who ask and read nothing: memory", growth.mb, 10, "MB")


def test_a_reset_in_the_middle_is_nothing(house: Watched) -> None:
    for begun in (b"", b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01"):
        for _ in range(20):
            one = socket.create_connection(("127.0.0.1", house.port))
            one.sendall(begun)
            one.close()
    house.answers()
