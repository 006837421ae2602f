"""What is served besides the chat; most of it is tried end to end, in tests/e2e."""

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs, eventAsText

from roulette.web.channel import ASKS_WITHIN, ENDS_WITHIN
from tests.memory import Make


class Deaf(StringTransport):
    """A transport whose peer takes nothing more, so that it cannot end in peace."""

    disconnected = False

    def abortConnection(self) -> None:
        self.disconnected = True


def test_an_idle_connection_ends_and_its_address_is_not_logged(bring_up: Make) -> None:
    world = bring_up()
    site: Any = world.reactor.tcpServers[0][1]
    peer = IPv4Address("TCP", "203.0.113.7", 50007)
    # One that reads nothing has to be aborted in the end.
    transports = [StringTransport(peerAddress=peer), Deaf(peerAddress=peer)]
    with capturedLogs() as logged:
        for transport in transports:
            site.buildProtocol(peer).makeConnection(transport)
        world.advance(ASKS_WITHIN)
        world.advance(ENDS_WITHIN)
    assert [transport.disconnecting for transport in transports] == [True, True]
    assert transports[1].disconnected
    assert "203.0.113.7" not in "".join(map(eventAsText, logged))
