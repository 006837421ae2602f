"""Where HTTP becomes a WebSocket: what a handshake must be like, and whether it may come in."""

import re
from collections.abc import Callable, Collection
from typing import Any

from autobahn.twisted.resource import WebSocketResource
from twisted.internet.interfaces import IAddress
from twisted.web.http_headers import Headers
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request

from roulette.web import refusals
from roulette.web.channel import CarefulRequest, Connections
from roulette.web.door import Door, Visit
from roulette.web.factory import ChatRouletteFactory
from roulette.web.forwarded import client_host
from roulette.web.origin import Origin, may_connect
from roulette.web.protocol import Asked, ChatProtocol
from roulette.web.refusals import Refusal
from roulette.wire import v1

A_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
"""16 bytes in base64 (RFC 6455, section 4.1)."""

A_HOST = re.compile(r"(\[[^\[\]]+\]|[^:/?#@\[\]\s]*)(:[0-9]*)?")
"""A host, and perhaps a port (RFC 9110, section 7.2)."""

OFFERS = "sec-websocket-protocol"

Said = dict[str, list[str]]
"""The headers of a request, by their names in lower case."""


def objection(request: CarefulRequest, said: Said) -> Refusal | None:
    """Return what is wrong with a handshake (RFC 6455, section 4.2.1), None if it is right."""
    if (
        request.method != b"GET"
        # An upgrade over HTTP/1.0 is to be ignored (RFC 9110, section 7.8).
        or request.clientproto != b"HTTP/1.1"
        or "websocket" not in map(str.lower, _listed(said, "upgrade"))
        or "upgrade" not in map(str.lower, _listed(said, "connection"))
        or said.get("sec-websocket-version") != ["13"]
    ):
        return refusals.NO_UPGRADE
    hosts, keys = said.get("host", []), said.get("sec-websocket-key", [])
    offers = _listed(said, OFFERS)
    if (
        len(hosts) != 1
        or A_HOST.fullmatch(hosts[0]) is None
        or len(keys) != 1
        or A_KEY.fullmatch(keys[0]) is None
        or len(said.get("origin", [])) > 1
        or len(set(offers)) != len(offers)
        # Nothing may follow before the answer; Autobahn would never see it.
        or request.channel.pipelined
    ):
        return refusals.BAD_HANDSHAKE
    return None


def _listed(said: Said, name: str) -> list[str]:
    values = ",".join(said.get(name, ())).split(",")
    return [token for value in values if (token := value.strip())]


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
        # The channel lets in nothing that is not ASCII.
        headers = request.requestHeaders.getAllRawHeaders()
        said = {name.decode().lower(): [*map(bytes.decode, each)] for name, each in headers}
        answer = objection(request, said) or self._admit(request, said)
        if answer is refusals.NO_UPGRADE:
            # A page is not told why a handshake has failed, unless it asks like this.
            answer = self.door.ban(self._host(request, said)) or answer
        if isinstance(answer, Refusal):
            request.channel.refuse(answer)
        else:
            self._hand_over(request, said, answer)
        return NOT_DONE_YET

    def _admit(self, request: CarefulRequest, said: Said) -> Visit | Refusal:
        origins, (host,) = said.get("origin"), said["host"]
        if origins and not may_connect(origins[0], host, self.allowed):
            return refusals.ORIGIN
        lasting = v1.SUBPROTOCOL in _listed(said, OFFERS)
        if not self.factory.lobby.lets_in(lasting=lasting):
            return refusals.DRAINING
        return self.door.enter(self._host(request, said), self.factory.now())

    def _host(self, request: CarefulRequest, said: Said) -> str | None:
        peer = getattr(request.getClientAddress(), "host", None)
        return client_host(peer, said.get("x-forwarded-for", []), self.proxies)

    def _hand_over(self, request: CarefulRequest, said: Said, visit: Visit) -> None:
        self.connections.upgraded(request.channel)
        (key,) = said["sec-websocket-key"]
        asked = key, _listed(said, OFFERS)
        # Autobahn would be given them once more.
        request.requestHeaders, request.uri = Headers(), request.path

        def left() -> None:
            visit.end()
            self.connections.closed()

        WebSocketResource(_Admitting(self.factory, asked, visit, left)).render(request)


class _Admitting:
    # WebSocketResource asks for a protocol, and has no other way to say for whom.
    def __init__(
        self, factory: ChatRouletteFactory, asked: Asked, visit: Visit, left: Callable[[], None]
    ) -> None:
        self._factory = factory
        self._asked = asked
        self._visit = visit
        self._left = left

    def buildProtocol(self, peer: IAddress) -> ChatProtocol:
        try:
            protocol: Any = self._factory.buildProtocol(peer)
        except Exception:
            # Nobody is there who could leave.
            self._visit.end()
            raise
        protocol.asked = self._asked
        protocol.network, protocol.pseudonym = self._visit.network, self._visit.pseudonym
        protocol.left = self._left
        made: ChatProtocol = protocol
        return made
