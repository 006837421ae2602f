"""The laws of the lobby while its nodes drain, open again, and close."""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from roulette.core.chats import Phase
from roulette.core.lobby import Lobby
from tests.core.doings import WHO, TwoNodes
from tests.core.profiles import searching
from tests.core.test_lobby_laws import LobbyLaws

NODE = st.integers(0, 1)


class LeavingLaws(LobbyLaws):
    """One node that drains now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.drained: set[str] = set()

    def node(self, number: int) -> Lobby:
        return self.world.nodes[self.nodes[number % len(self.nodes)]]

    @rule(node=NODE, first=WHO, many=st.sampled_from([0, 3, 100, 100]))
    def drain(self, node: int, first: int, many: int) -> None:
        """Begin to drain, and send away some, or all, of those who are there."""
        lobby = self.node(node)
        lobby.phase = Phase.DRAINING
        guests = list(lobby.guests)
        for guest in guests if many == 100 else guests[first : first + many]:
            self.world.post(lobby, lobby.dismiss(guest, self.world.now))
        if many == 100:
            self.drained.add(lobby.node)

    @rule(node=NODE)
    def open_again(self, node: int) -> None:
        lobby = self.node(node)
        lobby.phase = Phase.OPEN
        self.drained.discard(lobby.node)

    @rule(node=NODE)
    def close(self, node: int) -> None:
        """Close, and begin anew."""
        lobby = self.node(node)
        lobby.phase = Phase.CLOSING
        here = [person for person in self.people.values() if person.node == lobby.node]
        for guest in tuple(lobby.guests):
            self.world.post(lobby, lobby.dismiss(guest, self.world.now))
        assert not lobby.guests
        assert all(person.gone and person.line is None for person in here), "somebody is not told"
        self.open_again(node)

    @invariant()
    def whoever_is_left_can_talk(self) -> None:
        for name in self.drained:
            for guest in self.world.nodes[name].guests.values():
                assert guest.leg is not None, f"{guest.id} stays for nothing"
                assert guest.connection is not None or not guest.leg.partner_absent


class LeavingLawsOfTwoNodes(TwoNodes, LeavingLaws):
    """Two nodes that drain now and then; frames take their time."""


def test_the_laws_hold_while_a_node_drains() -> None:
    run_state_machine_as_test(LeavingLaws, settings=searching(80, 40))


def test_the_laws_hold_while_two_nodes_drain() -> None:
    run_state_machine_as_test(LeavingLawsOfTwoNodes, settings=searching(80, 40))
