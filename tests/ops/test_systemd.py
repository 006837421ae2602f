import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs

from roulette.core import verbs
from roulette.core.chats import Phase
from roulette.ops.systemd import Systemd, status
from tests.core.world import Line, World
from tests.manager import Hearing, Message, hearing

FED = {"WATCHDOG": "1"}


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Hearing]:
    """Have somebody who is told."""
    with hearing(tmp_path) as manager:
        yield manager


class House:
    """A service that tells somebody how it is."""

    def __init__(self, **environ: str) -> None:
        self.reactor = MemoryReactorClock()
        self.environ = {"PATH": "/bin", **environ}
        self.status = "nobody"
        self.systemd = Systemd(self.reactor, lambda: self.status, lambda: 12.5, self.environ)

    def run(self) -> None:
        """Start the service, and then the reactor."""
        self.systemd.startService()
        self.reactor.run()

    def advance(self, seconds: float) -> None:
        self.reactor.pump([0.5] * round(seconds * 2))

    def end(self) -> None:
        """Stop the reactor, when all services have stopped."""
        for act, arguments, named in self.reactor.triggers["during"]["shutdown"]:
            act(*arguments, **named)


def feeds(messages: list[Message]) -> int:
    return sum(message == FED for message in messages)


def test_without_systemd_nothing_is_said_and_nothing_is_due() -> None:
    house = House(WATCHDOG_USEC="1000000")
    house.run()
    house.systemd.reloading()
    house.systemd.ready()
    house.systemd.stopService()
    assert house.reactor.getDelayedCalls() == []
    assert house.environ == {"PATH": "/bin"}


@pytest.mark.parametrize("abstract", [False, True])
def test_it_is_ready_when_the_reactor_runs(abstract: bool, tmp_path: Path) -> None:
    manager = Hearing(f"@{tmp_path}" if abstract else str(tmp_path / "notify"))
    house = House(NOTIFY_SOCKET=manager.address)
    house.systemd.startService()
    assert manager.heard() == []
    house.reactor.run()
    assert manager.heard() == [{"READY": "1", "STATUS": "nobody"}]
    house.end()
    manager.close()


def test_a_reload_does_not_take_back_that_it_stops(manager: Hearing) -> None:
    house = House(NOTIFY_SOCKET=manager.address)
    house.run()
    house.systemd.stopping()
    manager.heard()
    house.systemd.reloading()
    house.systemd.ready()
    assert manager.heard() == []
    house.end()


def test_children_cannot_speak_in_its_name(manager: Hearing) -> None:
    variables = {"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}
    house = House(NOTIFY_SOCKET=manager.address, **variables)
    house.run()
    assert house.environ == {"PATH": "/bin"}
    house.end()


def test_the_status_is_told_when_it_has_changed(manager: Hearing) -> None:
    house = House(NOTIFY_SOCKET=manager.address)
    house.run()
    manager.heard()
    house.advance(60)
    assert manager.heard() == []
    house.status = "2 guests"
    house.advance(5)
    assert manager.heard() == [{"STATUS": "2 guests"}]
    house.end()


@pytest.mark.parametrize("pid", [{}, {"WATCHDOG_PID": str(os.getpid())}])
def test_the_watchdog_is_fed_twice_as_often_as_it_asks(
    manager: Hearing, pid: dict[str, str]
) -> None:
    house = House(NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="3000000", **pid)
    house.run()
    assert feeds(manager.heard()) == 1
    house.advance(15)
    assert feeds(manager.heard()) == 10
    house.end()


def test_the_watchdog_of_another_process_is_not_fed(manager: Hearing) -> None:
    house = House(NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="3000000", WATCHDOG_PID="1")
    house.run()
    house.advance(15)
    assert manager.heard() == [{"READY": "1", "STATUS": "nobody"}]
    house.end()


def test_the_watchdog_is_fed_until_everything_has_stopped(manager: Hearing) -> None:
    house = House(NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="2000000")
    house.run()
    house.systemd.stopping()
    house.systemd.stopService()
    manager.heard()
    house.advance(10)
    assert feeds(manager.heard()) == 10
    house.end()
    house.advance(10)
    assert manager.heard() == []
    assert house.reactor.getDelayedCalls() == []


def test_it_says_once_that_it_stops_and_how_long_that_may_take(manager: Hearing) -> None:
    house = House(NOTIFY_SOCKET=manager.address)
    house.run()
    manager.heard()
    house.systemd.stopping()
    house.systemd.stopping()
    house.systemd.stopService()
    assert manager.heard() == [{"STOPPING": "1", "EXTEND_TIMEOUT_USEC": "12500000"}]
    house.end()


def test_a_reload_has_a_beginning_and_an_end(manager: Hearing) -> None:
    house = House(NOTIFY_SOCKET=manager.address)
    house.run()
    manager.heard()
    house.systemd.reloading()
    house.status = "reloaded"
    house.systemd.ready()
    began, ended = manager.heard()
    assert began.keys() == {"RELOADING", "MONOTONIC_USEC"}
    assert int(began["MONOTONIC_USEC"]) > 0
    assert ended == {"READY": "1", "STATUS": "reloaded"}
    house.end()


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"NOTIFY_SOCKET": "/nowhere/notify"}, "No such file or directory"),
        ({"NOTIFY_SOCKET": "/" + 200 * "x"}, "AF_UNIX path too long"),
        ({"NOTIFY_SOCKET": "vsock:2:1"}, "No such file or directory"),
        ({"WATCHDOG_USEC": "soon"}, "WATCHDOG_USEC='soon' is no number"),
        ({"WATCHDOG_USEC": "-1"}, "WATCHDOG_USEC='-1' is no number"),
    ],
)
def test_nonsense_from_systemd_is_one_line_in_the_log(
    manager: Hearing, environ: dict[str, str], complaint: str
) -> None:
    house = House(**{"NOTIFY_SOCKET": manager.address} | environ)
    with capturedLogs() as logged:
        house.run()
        house.advance(60)
        house.systemd.stopService()
    [line] = logged
    assert complaint in str(line["error"])


def test_a_systemd_that_does_not_listen_stops_nobody(manager: Hearing) -> None:
    house = House(NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="2000000")
    house.run()
    manager.close()
    with capturedLogs() as logged:
        house.advance(60)
        house.systemd.stopService()
    assert len(logged) == 1
    house.end()


def test_the_status_counts_guests_pairs_and_who_waits() -> None:
    world = World()
    assert status(world.lobby) == "0 guests, 0 pairs, 0 waiting"
    for name, told in [
        ("one", "1 guest, 0 pairs, 1 waiting"),
        ("other", "2 guests, 1 pair, 0 waiting"),
        ("third", "3 guests, 1 pair, 1 waiting"),
        ("fourth", "4 guests, 2 pairs, 0 waiting"),
    ]:
        line = Line(name)
        world.hello(line)
        world.do(line, verbs.Start())
        assert status(world.lobby) == told
    world.lobby.phase = Phase.DRAINING
    assert status(world.lobby) == "draining: 4 guests, 2 pairs, 0 waiting"
