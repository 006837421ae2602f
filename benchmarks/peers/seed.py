"""The seed's program, as a yardstick: ``python -m benchmarks.peers.seed PORT``.

Written afresh after its description: every arrival looks through all clients for those
without a partner, and draws one. Two differences: text is bytes, as Autobahn now wants it,
and nothing is printed but the port on which it listens. It runs on Twisted's epoll reactor.
"""

import random
import sys
from typing import Any

from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import epollreactor
from twisted.web.resource import Resource

SORRY = b"Sorry you dont have partner yet, check back in a minute"


class SeedProtocol(WebSocketServerProtocol):
    """One client."""

    factory: "SeedFactory"
    peer: str

    def onOpen(self) -> None:
        """Come in, and look for a partner."""
        self.factory.clients[self.peer] = {"object": self, "partner": None}
        self.factory.findPartner(self)

    def connectionLost(self, reason: Any = None) -> None:
        """Leave; the partner keeps its partner."""
        super().connectionLost(reason)
        self.factory.clients.pop(self.peer, None)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Bring a message to the partner."""
        partner = self.factory.clients[self.peer]["partner"]
        (partner or self).sendMessage(payload if partner else SORRY)


class SeedFactory(WebSocketServerFactory):
    """All clients, by their peer."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: dict[str, dict[str, Any]] = {}

    def findPartner(self, client: SeedProtocol) -> None:
        """Draw one of those who have no partner."""
        available = [c for c in self.clients if c != client.peer and not self.clients[c]["partner"]]
        if available:
            partner = self.clients[random.choice(available)]
            partner["partner"] = client
            self.clients[client.peer]["partner"] = partner["object"]


if __name__ == "__main__":
    epollreactor.install()
    from twisted.internet import reactor  # here, since the first import chooses one

    factory = SeedFactory()
    factory.protocol = SeedProtocol
    from twisted.web.server import Site  # it imports the reactor

    root = Resource()
    root.putChild(b"ws", WebSocketResource(factory))
    site: Any = Site(root)
    reactor.listenTCP(int(sys.argv[1]), site, backlog=1024, interface="127.0.0.1")
    print("The seed starting on", sys.argv[1], flush=True)
    reactor.run()
