"""Where HTTP becomes a WebSocket: what a handshake must be like, and whether it may come in."""

import re
from collections.abc import Collection
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
from roulette.web.protocol import ChatProtocol
from roulette.web.refusals import Refusal
from roulette.wire import v1

A_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
"""16 bytes in base64 (RFC 6455, section 4.1)."""

HANDED_ON = ("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version")
"""The headers that Autobahn needs; of others it would keep what it is given."""

OFFERS = "Sec-WebSocket-Protocol"


def objection(request: CarefulRequest) -> Refusal | None:
    """Return what is wrong with a handshake (RFC 6455, section 4.2.1), None if it is right."""
    headers = request.requestHeaders
    if (
        request.method != b"GET"
        # An upgrade over HTTP/1.0 is to be ignored (RFC 9110, section 7.8).
        or request.clientproto != b"HTTP/1.1"
        or "websocket" not in _tokens(headers, "Upgrade")
        or "upgrade" not in _tokens(headers, "Connection")
        or headers.getRawHeaders("Sec-WebSocket-Version") != ["13"]
    ):
        return refusals.NO_UPGRADE
    keys = headers.getRawHeaders("Sec-WebSocket-Key", [])
    if (
        len(headers.getRawHeaders("Host", [])) != 1
        or len(keys) != 1
        or A_KEY.fullmatch(keys[0]) is None
        or len(headers.getRawHeaders("Origin", [])) > 1
        # Nothing may follow before the answer; Autobahn would never see it.
        or request.channel.pipelined
    ):
        return refusals.BAD_HANDSHAKE
    return None


def _tokens(headers: Headers, name: str) -> set[str]:
    values = ",".join(headers.getRawHeaders(name, []))
    return {token.strip().lower() for token in values.split(",")}


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
        answer = objection(request) or self._admit(request)
        if answer is refusals.NO_UPGRADE:
            # A page is not told why a handshake has failed, unless it asks like this.
            answer = self.door.ban(self._host(request)) or answer
        if isinstance(answer, Refusal):
            request.channel.refuse(answer)
        else:
            self._hand_over(request, answer)
        return NOT_DONE_YET

    def _admit(self, request: CarefulRequest) -> Visit | Refusal:
        headers = request.requestHeaders
        origins, (host,) = headers.getRawHeaders("Origin"), headers.getRawHeaders("Host", [])
        if origins and not may_connect(origins[0], host, self.allowed):
            return refusals.ORIGIN
        lasting = v1.SUBPROTOCOL in _tokens(headers, OFFERS)
        if not self.factory.lobby.lets_in(lasting=lasting):
            return refusals.DRAINING
        return self.door.enter(self._host(request), self.factory.now())

    def _host(self, request: CarefulRequest) -> str | None:
        peer = getattr(request.getClientAddress(), "host", None)
        forwarded = request.requestHeaders.getRawHeaders("X-Forwarded-For", [])
        return client_host(peer, forwarded, self.proxies)

    def _hand_over(self, request: CarefulRequest, visit: Visit) -> None:
        self.connections.upgraded(request.channel)
        headers = request.requestHeaders
        request.requestHeaders = Headers(
            {name: headers.getRawHeaders(name, []) for name in HANDED_ON}
        )
        if offers := headers.getRawHeaders(OFFERS):
            request.requestHeaders.setRawHeaders(OFFERS, offers)
        request.uri = request.path

        def left() -> None:
            visit.end()
            self.connections.closed()

        WebSocketResource(_Admitting(self.factory, visit, left)).render(request)


class _Admitting:
    # WebSocketResource asks for a protocol, and has no other way to say for whom.
    def __init__(self, factory: ChatRouletteFactory, visit: Visit, left: Any) -> None:
        self._factory = factory
        self._visit = visit
        self._left = left

    def buildProtocol(self, peer: IAddress) -> ChatProtocol:
        protocol: Any = self._factory.buildProtocol(peer)
        protocol.network, protocol.pseudonym = self._visit.network, self._visit.pseudonym
        protocol.left = self._left
        made: ChatProtocol = protocol
        return made
