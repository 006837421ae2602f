"""What is read again, in which order, and what is said of it."""

from collections.abc import Callable, Iterable

import pytest
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from zope.interface import implementer

from roulette.ops.reload import Reload

Said = dict[str, int]


class House:
    """Settings of which only the grace may change, and all else that there is to reload."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.grace = said["grace"]
        self.certificate = "old"
        self.mistakes: dict[str, str] = {}
        self.done: list[str] = []
        self.reload = Reload(dict(said), self.again, self, [self], [Bans(self)], [self])

    def again(self) -> Said:
        self.do("options")
        return self.said

    def in_force(self) -> Said:
        return {"grace": self.grace}

    def put(self, said: Said) -> None:
        self.do("put")
        self.grace = said["grace"]

    def read(self) -> Callable[[], Iterable[str]]:
        self.do("certificate")

        def put() -> list[str]:
            self.certificate = "new"
            return ["certificate"]

        return put

    def reloading(self) -> None:
        self.do("reloading")

    def ready(self) -> None:
        self.do("ready")

    def do(self, what: str) -> None:
        if what in self.mistakes:
            raise ValueError(self.mistakes[what])
        self.done.append(what)


class Bans:
    def __init__(self, house: House) -> None:
        self.house = house

    def reload(self) -> None:
        self.house.do("bans")


@pytest.fixture
def house() -> House:
    return House({"grace": 30, "port": 80})


def test_all_is_read_before_anything_is_changed(house: House) -> None:
    house.said = {"grace": 40, "port": 80}
    assert house.reload.reload() == {"changed": ["grace", "certificate"], "restart": []}
    assert house.done == ["reloading", "options", "certificate", "bans", "put", "ready"]


@pytest.mark.parametrize("what", ["options", "certificate", "bans"])
def test_a_mistake_anywhere_changes_nothing(house: House, what: str) -> None:
    house.said = {"grace": 40, "port": 80}
    house.mistakes = {what: "a mistake\nanother"}
    with pytest.raises(ValueError, match="a mistake\nanother"):
        house.reload.reload()
    assert (house.grace, house.certificate) == (30, "old")
    assert "put" not in house.done
    # Who was told that it has begun is told that it is over.
    assert (house.done[0], house.done[-1]) == ("reloading", "ready")


def test_what_needs_a_restart_is_said_until_there_is_one(house: House) -> None:
    house.said = {"grace": 30, "port": 81}
    for _ in range(2):
        assert house.reload.reload() == {"changed": ["certificate"], "restart": ["port"]}
    house.said = {"grace": 30, "port": 80}
    assert house.reload.reload()["restart"] == []


def test_what_was_set_by_hand_is_set_back(house: House) -> None:
    house.grace = 5
    assert house.reload.reload()["changed"] == ["grace", "certificate"]
    assert house.grace == 30


def test_a_signal_logs_what_it_does_and_each_mistake(house: House) -> None:
    events: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        events.append(event)

    globalLogPublisher.addObserver(observe)
    try:
        house.said = {"grace": 40, "port": 81}
        house.reload.signalled()
        house.mistakes = {"options": "a mistake\nanother"}
        house.reload.signalled()
    finally:
        globalLogPublisher.removeObserver(observe)
    assert [(event["log_level"].name, formatEvent(event)) for event in events] == [
        ("info", "Read again; changed: grace, certificate; after a restart: port"),
        ("error", "Nothing is changed: a mistake\nanother"),
    ]
