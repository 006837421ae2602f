"""What must not happen, and does: a failure of ours is logged once and ends one connection."""

import pytest
from twisted.logger import ILogObserver, LogEvent, Logger, eventAsText
from zope.interface import implementer

from roulette.web.protocol import ChatProtocol
from roulette.wire import plain
from tests.memory import Make


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[LogEvent]:
    """Have the failures of connections in a list, and not in the log."""
    logged: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        logged.append(event)

    monkeypatch.setattr(ChatProtocol, "failures", Logger(observer=observe))
    return logged


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("this must not happen")


def test_a_failure_ends_one_connection_and_its_partner_is_told(
    bring_up: Make, monkeypatch: pytest.MonkeyPatch, failures: list[LogEvent]
) -> None:
    world = bring_up()
    ada, bob = world.hello(), world.hello()
    guest = ada.take()[0]["guest"]
    for client in (ada, bob):
        client.say({"type": "start"})
    chat = bob.take()[-1]["chat"]
    with monkeypatch.context() as patched:
        patched.setattr(world.lobby, "do", fail)
        ada.say({"type": "next", "chat": chat})
    assert ada.closed == (1011, "internal error")
    assert bob.take() == [{"type": "strangerReconnecting", "chat": chat}]
    [failure] = failures
    assert f"The connection of guest {guest} has failed\n" in eventAsText(failure)
    assert world.hello(resume=ada.resume).take()[0]["chat"] == chat


def test_a_failure_in_coming_or_going_is_logged_and_the_connection_counted_off(
    bring_up: Make, monkeypatch: pytest.MonkeyPatch, failures: list[LogEvent]
) -> None:
    world = bring_up()
    monkeypatch.setattr(world.lobby, "lost", fail)
    ada = world.connect()
    ada.leave()
    assert len(failures) == 1
    monkeypatch.setattr(world.lobby, "hello", fail)
    assert world.connect().closed == (1011, "internal error")
    assert len(failures) == 3
    assert world.factory.countConnections == 0


def test_who_cannot_be_told_keeps_nobody_else_from_being_told(
    bring_up: Make, monkeypatch: pytest.MonkeyPatch, failures: list[LogEvent]
) -> None:
    world = bring_up()
    ada, bob = world.connect(), world.hello()
    ada.take()
    bob.take()
    with monkeypatch.context() as patched:
        patched.setattr(plain, "encode", fail)
        world.factory.deliver(world.lobby.announce("hear, hear"))
    world.flush()
    assert bob.take() == [{"type": "serverMessage", "text": "hear, hear"}]
    assert ada.closed == (1011, "internal error")
    assert len(failures) == 1
