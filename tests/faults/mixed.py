"""Short attacks of every kind, to be made at the same time."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from tests.faults.attacker import PATIENCE, PLAIN_UPGRADE, Attacker, attacker, frame
from tests.faults.crowd import PING, TEXT, UPGRADE, masked

AT_ONCE = 8
FLOOD = 2_000
"""Frames of a flood, of which the server takes some hundreds."""

HASTE = b"".join(
    masked(TEXT, b'{"type":"%s"}' % verb) for verb in (b"hello", b"start", *[b"next"] * 20)
)
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

Attack = Callable[[Attacker, Random], object]


def pings(one: Attacker, chance: Random) -> None:
    one.upgrade()
    one.send(frame(PING, bytes(125)) * FLOOD)


def empty_parts(one: Attacker, chance: Random) -> None:
    one.upgrade()
    one.send(frame(TEXT, fin=False) + frame(0, fin=False) * FLOOD)


def too_big(one: Attacker, chance: Random) -> None:
    one.upgrade(UPGRADE)
    one.send(frame(TEXT, bytes(100_000), size=1 << chance.randrange(15, 63)))


def a_bomb(one: Attacker, chance: Random) -> None:
    one.upgrade()
    one.send(frame(TEXT, bytes(1_000), rsv=4))


def a_body(one: Attacker, chance: Random) -> None:
    one.send(b"POST /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n")
    one.send(bytes(1 << 20))


def half_a_header(one: Attacker, chance: Random) -> None:
    one.send(ASK[: chance.randrange(len(ASK))])
    time.sleep(chance.random())  # slowness is what this one attacks with


def unread_answers(one: Attacker, chance: Random) -> None:
    one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.socket.settimeout(0.2)
    one.send(ASK * 100)


def another_site(one: Attacker, chance: Random) -> None:
    one.send(PLAIN_UPGRADE.replace(b"\r\n\r\n", b"\r\nOrigin: https://evil.example\r\n\r\n"))


def nonsense(one: Attacker, chance: Random) -> None:
    one.send(chance.choice([b"", ASK[:-2]]) + chance.randbytes(chance.randrange(2_000)))


def spoilt(one: Attacker, chance: Random) -> None:
    one.upgrade(chance.choice([UPGRADE, PLAIN_UPGRADE]))
    one.send(chance.randbytes(chance.randrange(2_000)))


def haste(one: Attacker, chance: Random) -> None:
    one.upgrade(UPGRADE)
    one.send(HASTE)


ATTACKS: tuple[Attack, ...] = (
    pings,
    empty_parts,
    too_big,
    a_bomb,
    a_body,
    half_a_header,
    unread_answers,
    another_site,
    nonsense,
    spoilt,
    haste,
)


def attack(port: int, seconds: float, chance: Random, numbers: Iterator[int]) -> int:
    """Attack for so many seconds, in every way by turns; return how many attacks there were.

    Each comes from an address of its own, and ends with FIN or RST.
    """
    deadline = time.monotonic() + seconds

    def one_by_one(chance: Random) -> int:
        made = 0
        while time.monotonic() < deadline:
            how = ATTACKS[made % len(ATTACKS)]
            with attacker(port, next(numbers), upgrade=False) as one:
                one.socket.settimeout(PATIENCE)
                how(one, chance)
                if chance.random() < 0.5:
                    one.reset()
            made += 1
        return made

    with ThreadPoolExecutor(AT_ONCE) as threads:
        chances = [Random(chance.random()) for _ in range(AT_ONCE)]
        return sum(threads.map(one_by_one, chances))
