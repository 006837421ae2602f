"""The laws of the lobby, searched for a way to break them.

Dozens of guests do everything that a guest may, in any order: on one node, where a frame is
there at once, and on two, where it is on its way until it is carried.
"""

from collections import Counter
from itertools import combinations
from math import inf

import pytest
from hypothesis.stateful import invariant, run_state_machine_as_test

from roulette.core import frames
from roulette.core.events import State
from roulette.core.frames import Frame
from roulette.core.guest import Guest
from roulette.core.lobby import Lobby
from roulette.core.pool import PATIENCE, SameAddress
from roulette.core.ticket import Ticket
from tests.core.doings import Doings, Open, TwoNodes
from tests.core.person import LAG
from tests.core.profiles import searching
from tests.core.world import insists


class LobbyLaws(Doings):
    """One node; frames are there at once."""

    def __init__(self) -> None:
        super().__init__()
        self.activated: dict[str, tuple[Ticket, int, float]] = {}

    @invariant()
    def what_is_told_makes_sense(self) -> None:
        self.settle()
        for person in self.people.values():
            if person.line is None:
                continue
            guest = self.guest(person)
            assert guest.connection is person.line
            assert person.state is guest.state, f"{person} thinks it is {person.state}"
            assert person.chat == (guest.leg.chat if guest.leg else None)
            now = self.world.now
            assert all(now <= at + 0.05 + LAG for at in person.unacknowledged.values())
            assert not person.writing or now <= person.renewed + 5 + LAG, "writes for ever"

    @invariant()
    def guests_are_neither_lost_nor_doubled(self) -> None:
        for name, lobby in self.world.nodes.items():
            here = {p.guest for p in self.people.values() if p.node == name and not p.gone}
            assert set(lobby.guests) == here
            states = Counter(guest.state for guest in lobby.guests.values())
            assert states[State.WAITING] == len(lobby.pool)
            assert states.total() == len(here)
            assert states[State.CHATTING] == lobby.tally.legs
            assert lobby.absent == sum(it.connection is None for it in lobby.guests.values())
            connected = [guest for guest in lobby.guests.values() if guest.connection]
            assert set(lobby._connected.values()) == set(connected)
            lasting = {guest for guest in lobby.guests.values() if guest.resume}
            assert set(lobby._resumes.values()) == lasting
            for guest in lobby.guests.values():
                assert guest.ticket is None or guest.leg is None, "waiting and chatting"
                assert guest.leaves_at is None or guest.connection is None
                ticket = guest.ticket
                assert ticket is None or ticket.parked is not guest.present
                assert self.people[guest.id].blocked == set(guest.blocked)

    @invariant()
    def partners_are_symmetric(self) -> None:
        on_the_way = self.world.on_the_way()
        for lobby in self.world.nodes.values():
            for guest in lobby.guests.values():
                if guest.leg is not None:
                    self.look_at_partner(lobby, guest, on_the_way)

    def look_at_partner(self, lobby: Lobby, guest: Guest, on_the_way: list[Frame]) -> None:
        assert guest.leg is not None
        me, chat, address = lobby.address(guest), guest.leg.chat, guest.leg.partner
        assert address != me, "somebody's own partner"
        partner = self.world.nodes[address.node].guests.get(address.guest)
        leg = partner.leg if partner else None
        if partner is None or leg is None or (leg.chat, leg.partner) != (chat, me):
            news = [
                frame
                for frame in on_the_way
                if (isinstance(frame, frames.Bye) and (frame.to, frame.chat) == (me, chat))
                or (isinstance(frame, frames.Met) and (frame.to, frame.agreed) == (address, chat))
                or (isinstance(frame, Open) and (frame.to, frame.chat) == (address, chat))
            ]
            assert news, f"{guest.id} is left with {address} in {chat}"
            return
        assert partner.id not in guest.blocked, "a blocked partner"
        person = self.people[guest.id]
        if not on_the_way and person.line is not None:
            here = "away" if partner.away else "here"
            assert person.stranger == (here if partner.connection else "reconnecting")
            assert person.caught_up(), f"{person} misses what was said"

    @invariant()
    def nobody_waits_for_somebody_who_waits_for_them(self) -> None:
        for lobby in self.world.nodes.values():
            waiting = [ticket for ticket in lobby.pool if not ticket.parked]
            for ticket in waiting:
                known = self.activated.get(ticket.guest)
                if known is None or known[:2] != (ticket, ticket.turn):
                    self.activated[ticket.guest] = ticket, ticket.turn, self.world.now
            for one, other in combinations(waiting, 2):
                looked = max(self.activated[each.guest][2] for each in (one, other))
                assert not self.acceptable(one, other) or self.world.now - looked < PATIENCE

    def acceptable(self, one: Ticket, other: Ticket) -> bool:
        blocked = other.guest in one.blocked or one.guest in other.blocked
        same = self.same_address is SameAddress.DENY and one.address == other.address
        return not (blocked or same or insists(one, other) or insists(other, one))

    def teardown(self) -> None:
        if not hasattr(self, "people"):
            return
        for person in self.people.values():
            if person.line is not None:
                lobby, line = self.lobby(person), person.line
                person.disconnect()
                self.world.post(lobby, lobby.lost(line, self.world.now))
        for _ in range(3):
            self.world.pass_time(100)
            while wires := [wire for wire, queue in self.world.wires.items() if queue]:
                self.world.carry(wires[0])
        for lobby in self.world.nodes.values():
            assert not lobby.guests
            assert not lobby._connected
            assert not lobby._resumes
            assert len(lobby.pool) == 0
            assert not lobby.pool._files
            assert lobby.next_deadline() == inf
            assert len(lobby._deadlines) == len(lobby.pool.deadlines) == len(lobby._counts) == 0
            assert len(lobby.writing) == 0


class LobbyLawsOfTwoNodes(TwoNodes, LobbyLaws):
    """Two nodes; frames take their time."""


def test_the_laws_hold_on_one_node() -> None:
    run_state_machine_as_test(LobbyLaws, settings=searching(120, 50))


def test_the_laws_hold_between_two_nodes() -> None:
    run_state_machine_as_test(LobbyLawsOfTwoNodes, settings=searching(120, 60))


@pytest.mark.soak
@pytest.mark.parametrize("laws", [LobbyLaws, LobbyLawsOfTwoNodes])
def test_the_laws_stand_a_long_search(laws: type[LobbyLaws]) -> None:
    run_state_machine_as_test(laws, settings=searching(1000, 80))
