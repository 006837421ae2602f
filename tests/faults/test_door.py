"""Who may come in, judged from outside."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.request import urlopen

from tests.faults.attacker import PATIENCE, PLAIN_UPGRADE, Attacker, attacker
from tests.faults.promises import Promises
from tests.faults.test_http import few_files
from tests.faults.watched import Watched, watching

HOST = b"Host: 127.0.0.1\r\n"

ORIGINS = {
    None: True,
    "http://127.0.0.1": True,
    "https://127.0.0.1": True,
    "https://friend.example": True,
    "null": False,
    "": False,
    "http://127.0.0.1:81": False,
    "http://127.0.0.1.evil.example": False,
    "http://evil127.0.0.1": False,
    "http://127.0.0.1@evil.example": False,
    "http://evil.example/127.0.0.1": False,
    "http://friend.example": False,
    "https://friend.example.evil.example": False,
    "https://evilfriend.example": False,
    "https://friend.example:444": False,
    "https://evil.example": False,
    "file://": False,
}


def answers(port: int, number: int, request: bytes) -> int:
    """Return the status with which a handshake is answered."""
    with attacker(port, number, upgrade=False) as asking:
        return status(asking, request)


def status(asking: Attacker, request: bytes = PLAIN_UPGRADE) -> int:
    """Return the status that a request is answered with; 0 if the server hangs up."""
    asking.send(request)
    try:
        return int(asking.socket.recv(4096)[9:12] or b"0")
    except ConnectionError:
        return 0


def test_no_page_of_another_site_is_let_in(promises: Promises) -> None:
    with watching("--allowed-origin", "https://friend.example") as house:
        wrongly = []
        for number, (origin, may) in enumerate(ORIGINS.items()):
            line = b"" if origin is None else f"Origin: {origin}\r\n".encode()
            if (
                answers(house.port, number, PLAIN_UPGRADE.replace(HOST, HOST + line)) == 101
            ) != may:
                wrongly.append(origin)
    assert wrongly == []
    promises.at_most(13, "origins wrongly admitted", len(wrongly), 0)


@contextmanager
def crowd(port: int, number: int) -> Iterator[list[Attacker]]:
    """Have so many connect at once, of whom many are turned away."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(attacker(port, 1_000 + each, upgrade=False))
            for each in range(number)
        ]


def ready(house: Watched) -> bool:
    """Say whether the service would let somebody in; not if it hangs up."""
    try:
        with urlopen(f"{house.url}/readyz", timeout=PATIENCE):
            return True
    except OSError:
        return False


def lines(house: Watched) -> int:
    return len(house.process.printed)


def seconds_until(holds: Callable[[], bool]) -> float:
    """Return after how many seconds something holds for who tries again."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.02)  # as a client does that was turned away
    return time.monotonic() - began


def is_let_in(house: Watched) -> bool:
    return answers(house.port, 5_000, PLAIN_UPGRADE) == 101


def has_page(house: Watched) -> bool:
    try:
        house.answers()
    except OSError:
        return False
    return True


def test_more_than_there_is_room_for(promises: Promises) -> None:
    with watching(prefix=few_files(200)) as house, house.talking() as talk:
        before, began = lines(house), time.monotonic()
        with ExitStack() as stack:
            told = []
            for number in range(400):
                coming = attacker(house.port, 1_000 + number, upgrade=False)
                told.append(status(stack.enter_context(coming)))
            assert not ready(house)
            house.answers()
            # And who says nothing: the oldest of them has to make room.
            stack.enter_context(crowd(house.port, 400))
            page = seconds_until(lambda: has_page(house))
        back = seconds_until(lambda: is_let_in(house) and ready(house))
        logged = (lines(house) - before) / max(1.0, time.monotonic() - began)
    # Ten pairs are inside, of 166.
    assert told == [101] * 146 + [503] * 254
    promises.at_most(18, "pairs inside: disturbed", talk.report.disturbed, 0)
    promises.at_most(18, "the page after 400 more", page, 1, "s")
    promises.at_most(18, "recovery", back, 1, "s")
    promises.at_most(18, "lines in the log", logged, 10, "a second")


def test_when_no_file_can_be_opened(promises: Promises) -> None:
    """Somebody else has taken the files: the limit is lowered to what is open already."""
    with watching() as house, house.talking(rate=1.0) as talk:
        soft, hard = resource.prlimit(house.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(house.pid, resource.RLIMIT_NOFILE, (house.descriptors, hard))
        before, began = lines(house), time.monotonic()
        with crowd(house.port, 400) as attacking:
            assert {status(each) for each in attacking} == {0}
            cpu = house.cpu
            time.sleep(1.0)  # a second in which it must not spin
            spent = house.cpu - cpu
        resource.prlimit(house.pid, resource.RLIMIT_NOFILE, (soft, hard))
        back = seconds_until(lambda: is_let_in(house))
        logged = (lines(house) - before) / max(1.0, time.monotonic() - began)
    promises.at_most(18, "pairs without files: disturbed", talk.report.disturbed, 0)
    promises.at_most(18, "recovery from no files", back, 1, "s")
    promises.at_most(18, "lines in the log about no files", logged, 10, "a second")
    promises.under(18, "processor time in a second without files", spent, 0.12, "s")


def test_one_address_is_limited_and_another_is_not() -> None:
    options = ("--per-address", "3", "--connect-rate", "0")
    with watching(*options) as house, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(attacker(house.port, 1))
        assert answers(house.port, 1, PLAIN_UPGRADE) == 429
        assert answers(house.port, 2, PLAIN_UPGRADE) == 101
