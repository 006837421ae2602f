"""The whole service in memory when it is to stop: what guests hear, on both wires."""

import pytest

from roulette.core.chats import Phase
from tests.memory import Make, MemoryClient, World
from tests.web.test_service import pair


def enter(world: World, phase: Phase) -> None:
    """Begin a phase, and let all go whose time it is."""
    world.lobby.phase = phase
    for guest in tuple(world.lobby.guests):
        world.factory.deliver(world.lobby.dismiss(guest, world.factory.now()))
    world.flush()


@pytest.fixture
def world(bring_up: Make) -> World:
    return bring_up()


def codes(*clients: MemoryClient) -> set[int | None]:
    return {client.closed[0] if client.closed else None for client in clients}


def test_the_waiting_are_told_to_come_back(world: World) -> None:
    idle, silent, waiting = world.hello(), world.connect(json_wire=True), world.connect()
    waiting.take()
    enter(world, Phase.DRAINING)
    assert idle.closed == waiting.closed == (1012, "restarting")
    assert waiting.take() == ["* The server is shutting down. Check back in a minute."]
    # It may be somebody who comes back.
    assert silent.closed is None
    silent.say({"type": "hello"})
    [error] = silent.take()
    assert (error["code"], error["ref"]) == ("draining", "hello")
    assert silent.closed == (1012, "restarting")
    assert world.factory.clients == set()


def test_a_pair_goes_on_over_a_lost_connection_until_it_parts(world: World) -> None:
    ada, bob, chat = pair(world)
    enter(world, Phase.DRAINING)
    bob.drop()
    ada.say({"type": "message", "chat": chat, "id": "1", "text": "are you there?"})
    bob = world.hello(resume=bob.resume, chat=chat, seq=0)
    welcome, message = bob.take()
    assert (welcome["resumed"], message["text"]) == (True, "are you there?")
    bob.say({"type": "next", "chat": chat})
    assert bob.take() == []
    assert [frame["type"] for frame in ada.take()][-1] == "strangerDisconnected"
    assert codes(ada, bob) == {1012}


def test_at_the_end_all_are_told_of_the_partner_and_closed(world: World) -> None:
    ada, bob, _ = pair(world)
    one, other = world.connect(), world.connect()
    for client in (ada, one):
        client.take()
    stopped = world.service.stopService()
    world.flush()
    assert codes(ada, bob, one, other) == {1001}
    [gone] = ada.take()
    assert (gone["type"], gone["reason"], gone["rematch"]) == (
        "strangerDisconnected",
        "shutdown",
        False,
    )
    assert one.take() == [
        "* The stranger has left, since the server is shutting down.",
        "* The server is shutting down. Check back in a minute.",
    ]
    world.advance(0.1)
    assert stopped.called
