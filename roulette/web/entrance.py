"""Where HTTP becomes a WebSocket: who may come in."""

from collections.abc import Collection

from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request

from roulette.web import refusals
from roulette.web.capacity import Connections
from roulette.web.channel import CarefulChannel, CarefulRequest
from roulette.web.door import Door, Visit
from roulette.web.factory import ChatRouletteFactory
from roulette.web.forwarded import client_host
from roulette.web.handshake import Handshake, Said, read, understood
from roulette.web.origin import Origin, may_connect
from roulette.web.protocol import ChatProtocol
from roulette.web.refusals import Refusal
from roulette.wire import v1


class Entrance(Resource):
    """The WebSocket, behind the door.

    :param door: counts who is inside.
    :param connections: are told of those that are upgraded.
    :param allowed: the origins of other pages that may connect.
    :param proxies: how many proxies of ours write X-Forwarded-For.
    """

    def __init__(
        self,
        factory: ChatRouletteFactory,
        door: Door,
        connections: Connections,
        allowed: Collection[Origin] = (),
        proxies: int = 0,
    ) -> None:
        super().__init__()
        self.factory = factory
        factory.left = self._left
        self.door = door
        self.connections = connections
        self.allowed = allowed
        self.proxies = proxies

    def ready(self) -> bool:
        """Say whether a new guest would be let in now."""
        return self.door.ready and self.factory.lobby.has_room

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Find nothing below; Twisted would, but warns of how it does."""
        return notFound()

    def render(self, request: CarefulRequest) -> int:
        """Refuse a request, or make a guest of it."""
        channel = request.channel
        # The channel lets in nothing that is not ASCII.
        headers = request.requestHeaders.getAllRawHeaders()
        said = {name.decode().lower(): [*map(bytes.decode, each)] for name, each in headers}
        asked = understood(said, request.method, request.clientproto, pipelined=channel.pipelined)
        if asked is refusals.NO_UPGRADE:
            # A page is not told why a handshake has failed, unless it asks like this.
            asked = self.door.banned(self._host(channel, said)) or asked
        self._answer(channel, said, asked)
        return NOT_DONE_YET

    def take(self, channel: CarefulChannel, data: bytes) -> bool:
        """Answer the first that comes through a connection, if it is a whole handshake.

        Return False if it is not, or is wrong: nothing has happened then.
        """
        said = read(data)
        if said is None or isinstance(asked := understood(said), Refusal):
            return False
        self._answer(channel, said, asked)
        return True

    def _answer(self, channel: CarefulChannel, said: Said, asked: Handshake | Refusal) -> None:
        if isinstance(asked, Refusal):
            channel.refuse(asked)
        elif isinstance(visit := self._admit(channel, said, asked), Refusal):
            channel.refuse(visit)
        else:
            self._hand_over(channel, asked, visit)

    def _admit(self, channel: CarefulChannel, said: Said, asked: Handshake) -> Visit | Refusal:
        if asked.origin is not None and not may_connect(asked.origin, asked.host, self.allowed):
            return refusals.ORIGIN
        lobby = self.factory.lobby
        if not lobby.lets_in(lasting=v1.SUBPROTOCOL in asked.offers):
            return refusals.DRAINING
        return self.door.enter(self._host(channel, said), self.factory.now(), len(lobby.guests))

    def _host(self, channel: CarefulChannel, said: Said) -> str | None:
        peer = getattr(channel.getPeer(), "host", None)
        return client_host(peer, said.get("x-forwarded-for", []), self.proxies)

    def _hand_over(self, channel: CarefulChannel, asked: Handshake, visit: Visit) -> None:
        self.connections.upgraded(channel)
        guest = self.factory.protocol()
        guest.visit, guest.network, guest.pseudonym = visit, visit.network, visit.pseudonym
        channel.give_way(guest)
        guest.open(asked)

    def _left(self, guest: ChatProtocol) -> None:
        guest.visit.end()
        self.connections.closed()
