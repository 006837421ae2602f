from collections.abc import Iterable

import pytest
from twisted.application.service import IService, Service
from twisted.internet.error import ReactorNotRunning
from twisted.internet.task import Clock
from twisted.logger import LogEvent, formatEvent

from roulette.core import events, verbs
from roulette.core.chats import Delivery, Phase
from roulette.core.events import Event, Reason
from roulette.ops.drain import CannotReopen, Drain
from tests.core.world import Line, World, of
from tests.ops.shell import log_to


class Reactor(Clock):
    """Time that tests move; a reactor that can be stopped once."""

    stopped = False

    def stop(self) -> None:
        if self.stopped:
            raise ReactorNotRunning
        self.stopped = True


class Client(Line):
    """A connection that takes a while to be told something."""

    def __init__(self, house: "House") -> None:
        super().__init__("somebody")
        self.house = house

    def tell(self, event: Event) -> None:
        super().tell(event)
        self.house.reactor.rightNow += self.house.costs
        if isinstance(event, events.Restarting | events.ShuttingDown) and self.house.answering:
            self.house.clients.discard(self)


class House:
    """Guests, and what lets them go."""

    def __init__(self, timeout: float | None = None, inherited: Iterable[IService] = ()) -> None:
        self.reactor = Reactor()
        self.world = World()
        self.lobby = self.world.lobby
        self.clients: set[Client] = set()
        self.answering = True
        self.costs = 0.0
        self.drain = Drain(
            self.lobby, self.deliver, self.clients, self.reactor, timeout, tuple(inherited)
        )

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        self.world.post(self.lobby, deliveries)

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.world.pass_time(0.05)
            self.reactor.advance(0.05)

    def connect(self) -> Client:
        client = Client(self)
        self.clients.add(client)
        return client

    def guest(self, *topics: str) -> Client:
        """Let a guest come, who searches somebody who likes the same."""
        client = self.connect()
        self.world.hello(client)
        self.world.do(client, verbs.Start(topics, only=True))
        client.take()
        return client

    def pair(self) -> tuple[Client, Client]:
        one, other = self.guest(), self.guest()
        one.take()
        return one, other


GOES_ON = [events.ServerMessage("The server does not stop after all; your chat goes on.")]
GONE = [events.StrangerDisconnected, events.ShuttingDown]


def kinds(client: Line) -> list[type[Event]]:
    return [type(event) for event in client.take()]


@pytest.mark.parametrize(("timeout", "within"), [(7, "7 seconds"), (1, "1 second")])
def test_who_waits_goes_at_once_and_a_pair_has_its_time(timeout: float, within: str) -> None:
    house = House(timeout=timeout)
    waiting, (one, other) = house.guest("tea"), house.pair()
    house.drain.drain()
    assert waiting.take() == [events.Restarting()]
    warned = events.ServerMessage(f"The server stops in {within}, and this chat with it.")
    assert one.take() == other.take() == [warned]
    house.advance(timeout - 0.1)
    assert not house.reactor.stopped
    assert one.take() == other.take() == []
    house.advance(0.2)
    assert house.reactor.stopped
    # The reactor stops its services.
    stopped = house.drain.stopService()
    assert kinds(one) == kinds(other) == GONE
    house.advance(0.1)
    assert stopped.called


def test_it_stops_as_soon_as_the_last_pair_has_parted() -> None:
    house = House()
    one, other = house.pair()
    house.drain.drain()
    house.advance(3)
    house.world.do(one, verbs.Disconnect())
    assert of(events.Restarting, other.take())
    house.advance(0.1)
    assert house.reactor.stopped


@pytest.mark.parametrize("stop", [True, False])
def test_after_a_signal_no_operator_gives_the_pairs_more_time(stop: bool) -> None:
    house = House(timeout=7)
    house.pair()
    house.drain.signalled()
    house.advance(6)
    house.drain.drain(stop=stop)
    house.advance(1.1)
    assert house.reactor.stopped


def test_without_any_time_it_stops_at_once() -> None:
    house = House(timeout=0)
    house.pair()
    house.drain.drain()
    assert house.reactor.stopped


def test_a_drain_that_does_not_stop_waits_for_ever() -> None:
    house = House()
    house.pair()
    house.drain.drain(stop=False)
    house.advance(60)
    assert house.lobby.phase is Phase.DRAINING
    assert not house.reactor.stopped
    # A signal stops it, and gives the pairs their time.
    house.drain.signalled()
    house.advance(9.9)
    assert not house.reactor.stopped
    house.advance(0.2)
    assert house.reactor.stopped


def test_who_was_told_is_told_too_that_it_only_drains_after_all() -> None:
    house = House()
    one, other = house.pair()
    house.drain.drain()
    assert kinds(one) == kinds(other) == [events.ServerMessage]
    house.drain.drain(stop=False)
    assert one.take() == other.take() == GOES_ON
    house.drain.undrain()
    assert one.take() == other.take() == []
    house.advance(60)
    assert not house.reactor.stopped


def test_a_drain_is_taken_back() -> None:
    house = House()
    one, other = house.pair()
    house.drain.drain()
    house.advance(5)
    assert kinds(one) == kinds(other) == [events.ServerMessage]
    house.drain.undrain()
    assert one.take() == other.take() == GOES_ON
    house.advance(60)
    assert house.lobby.phase is Phase.OPEN
    assert not house.reactor.stopped
    assert len(house.lobby.guests) == 2
    assert house.guest("tea").guest in house.lobby.guests


def test_neither_a_signal_nor_a_close_is_taken_back() -> None:
    house = House()
    house.pair()
    house.drain.signalled()
    with pytest.raises(CannotReopen):
        house.drain.undrain()
    house = House()
    house.drain.stopService()
    house.drain.drain()
    assert house.lobby.phase is Phase.CLOSING
    with pytest.raises(CannotReopen):
        house.drain.undrain()


def test_who_has_not_said_hello_is_told_too() -> None:
    house = House()
    silent = house.connect()
    house.drain.stopService()
    assert silent.take() == [events.ShuttingDown()]


def test_those_who_do_not_answer_are_waited_for_three_seconds() -> None:
    house = House()
    house.answering = False
    house.guest("tea")
    stopped = house.drain.stopService()
    house.advance(2.9)
    assert not stopped.called
    house.advance(0.2)
    assert stopped.called


def test_the_second_signal_ends_the_wait_for_the_pairs() -> None:
    house = House()
    house.pair()
    house.drain.signalled()
    assert not house.reactor.stopped
    house.drain.signalled()
    assert house.reactor.stopped
    assert house.drain.stopService().called


def test_the_second_signal_ends_the_wait_for_answers() -> None:
    house = House(timeout=0)
    house.answering = False
    house.pair()
    house.drain.signalled()
    stopped = house.drain.stopService()
    assert not stopped.called
    house.drain.signalled()
    assert stopped.called


@pytest.mark.parametrize("stopping", [False, True])
def test_many_are_sent_away_in_turns(stopping: bool) -> None:
    house = House()
    clients = [house.guest(f"topic {number}") for number in range(500)]
    house.costs = 0.001
    longest, at = 0.0, house.reactor.seconds()
    if stopping:
        house.drain.stopService()
    else:
        house.drain.drain()
    while house.lobby.guests:
        longest, at = max(longest, house.reactor.seconds() - at), house.reactor.seconds()
        house.reactor.advance(0)
    assert 0.01 < longest < 0.05
    assert {len(client.take()) for client in clients} == {1}


@pytest.mark.parametrize("stopping", [False, True])
def test_one_who_cannot_be_sent_away_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, stopping: bool
) -> None:
    logged: list[LogEvent] = []
    monkeypatch.setattr(Drain, "_log", log_to(logged))
    house = House(timeout=7)
    broken, waiting, (one, other) = house.guest("tea"), house.guest("chess"), house.pair()
    guest = house.lobby._connected.pop(broken)
    if stopping:
        stopped = house.drain.stopService()
        assert kinds(one) == kinds(other) == GONE
    else:
        house.drain.signalled()
        assert kinds(one) == kinds(other) == [events.ServerMessage]
    assert kinds(waiting)
    house.advance(7.1)
    assert stopped.called if stopping else house.reactor.stopped
    [failure] = [event for event in logged if "log_failure" in event]
    assert guest.id in formatEvent(failure)


class Listening(Service):
    """Something that listens."""

    running = 1


def test_only_a_signal_lets_go_of_the_sockets_of_others() -> None:
    listening = Listening()
    house = House(inherited=[listening])
    house.pair()
    house.drain.drain()
    assert listening.running
    house.drain.signalled()
    assert not listening.running


def test_a_signal_on_the_sockets_of_others_is_a_restart() -> None:
    house = House(inherited=[Listening()])
    one, other = house.pair()
    house.drain.signalled()
    # Who calls now would wait for as long as the pairs had.
    assert house.reactor.stopped
    silent = house.connect()
    house.drain.stopService()
    assert kinds(one) == kinds(other) == [events.StrangerDisconnected, events.Restarting]
    assert silent.take() == [events.Restarting()]


def test_pairs_are_given_the_time_that_was_asked_for() -> None:
    house = House(timeout=60, inherited=[Listening()])
    house.pair()
    house.drain.signalled()
    assert house.drain.stops_within == 70
    house.advance(59.9)
    assert not house.reactor.stopped
    house.advance(0.2)
    assert house.reactor.stopped


def test_a_drain_gives_pairs_time_on_the_sockets_of_others_too() -> None:
    house = House(inherited=[Listening()])
    house.pair()
    house.drain.drain()
    assert house.drain.stops_within == 20
    house.advance(9.9)
    assert not house.reactor.stopped
    house.drain.signalled()
    assert house.drain.stops_within == 10
    assert house.reactor.stopped


def test_the_partner_is_told_that_the_service_shuts_down() -> None:
    house = House()
    one, _ = house.pair()
    house.drain.stopService()
    [gone] = of(events.StrangerDisconnected, one.take())
    assert isinstance(gone, events.StrangerDisconnected)
    assert (gone.reason, gone.rematch) == (Reason.SHUTDOWN, False)
