"""HTTP on the open internet: what Twisted lets through, and what we do not.

Only GET and HEAD without a body, asked for in time, one after the other. What was seen of Twisted
26.10 without this: a body of any size is kept in memory or in the temporary folder; a header that
trickles in holds a connection for ever; who asks again and again, and reads nothing, fills the
memory with answers; a byte such as 0x85 in one header is a line break to Autobahn, which then sees
another header.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.interfaces import IAddress, ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger, LogPublisher
from twisted.protocols.basic import LineReceiver
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

from roulette.web import refusals
from roulette.web.capacity import Connections
from roulette.web.refusals import Refusal
from roulette.web.timeouts import Timeouts

ASKS_WITHIN = 9.0
"""Seconds from accepting a connection, or from an answer, until a whole request must be there.

Ten are promised; one is left for a server that is busy.
"""

READS_WITHIN = 30.0
"""Seconds within which some of an answer that waits must be taken."""

ENDS_WITHIN = 20
"""Seconds that the last of an answer has, once the connection is about to be closed."""

UNFIT = re.compile(rb"[^\t\x20-\x7e]")
"""What no request line and no header may hold: other control characters, and what is not ASCII."""


class CarefulRequest(Request):
    """A request that is answered only if it asks for a path with GET or HEAD."""

    channel: "CarefulChannel"

    def process(self) -> None:
        """Refuse it, or let it go its way."""
        if self.method not in (b"GET", b"HEAD"):
            self.channel.refuse(refusals.METHOD)
        elif not self.path.startswith(b"/"):
            self.channel.refuse(refusals.BAD_TARGET)
        else:
            super().process()


class CarefulChannel(http.HTTPChannel):
    """One HTTP connection.

    Everything has a deadline that what trickles in does not put off. Until something comes, that
    is the site's business, and Twisted's part is not begun: most connections are handshakes, and
    need none of it. From then on Twisted's own timer serves for all, as only one runs at a time.
    """

    abortTimeout = ENDS_WITHIN
    # Of a connection that idles for too long, Twisted would log the address.
    _log = Logger(observer=LogPublisher())

    site: "QuietSite"
    transport: ITransport | None
    timeOut: float | None  # type: ignore[assignment]  # Twisted says int, and means seconds
    pipelined = False
    """Whether something came behind the request, before its answer was there."""

    _begun = False
    _refused = False
    _stalled = False

    def connectionMade(self) -> None:
        """Wait for something to come."""
        self.site.silent.add(self)
        self.site.connections.opened(self)

    def begin(self) -> None:
        """Begin as Twisted does, if that is not done."""
        if not self._begun:
            self._begun = True
            self.timeOut = self.site.silent.take(self)
            super().connectionMade()
            # From one request to the next.
            self.timeOut = ASKS_WITHIN

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End; a connection with a guest ends elsewhere."""
        self.site.silent.take(self)
        self.site.connections.closed(self)
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:
        """Take some bytes; unlike Twisted, do not put off the deadline for them."""
        if not self._begun:
            if self.site.handshake(self, data):
                return
            self.begin()
        transport: Any = self.transport
        # TLS hands over what comes until the client has closed as well, which is beyond Twisted.
        if not self._refused and not transport.disconnecting:
            LineReceiver.dataReceived(self, data)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a request."""
        if self._refused:
            return
        if UNFIT.search(line):
            self.refuse(refusals.BAD_HEADER)
        else:
            super().lineReceived(line)

    def rawDataReceived(self, data: bytes) -> None:
        """Keep what comes while a request is answered; Twisted pauses after 16 KiB."""
        if not self._refused:
            super().rawDataReceived(data)

    def allHeadersReceived(self) -> None:
        """Look at a request before anything is done for it."""
        request = self.requests[-1]
        # There is at most one answer on its way: a second request with it is not looked at.
        self.pipelined = bool(self.clearLineBuffer())
        if self._stalled:
            self.site.refused.note(refusals.SLOW)
            self.abort()
        elif self.length != 0 or request.requestHeaders.hasHeader("Transfer-Encoding"):
            self.refuse(refusals.BODY)
        else:
            super().allHeadersReceived()
            if self.pipelined:
                self.persistent = False
                request.responseHeaders.setRawHeaders("Connection", ["close"])

    def allContentReceived(self) -> None:
        """Answer a request; whoever asked must then read."""
        if self._refused:
            return
        super().allContentReceived()
        if self.requests and self.transport is not None and not self._refused:
            self.setTimeout(READS_WITHIN)

    def requestDone(self, request: Request) -> None:
        """Wait for the next request, or for the end; Twisted would wait for that for ever."""
        super().requestDone(request)
        if self._stalled or not self.persistent:
            self.setTimeout(READS_WITHIN)

    def pauseProducing(self) -> None:
        """Note that more waits to be read than the transport likes."""
        self._stalled = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """Note that all of it was read."""
        self._stalled = False
        super().resumeProducing()
        if self.timeOut is not None:
            waits = self.requests or self._stalled
            self.setTimeout(READS_WITHIN if waits else ASKS_WITHIN)

    def give_way(self, protocol: Protocol) -> None:
        """Let another protocol have the connection, from here on."""
        transport: Any = self.transport
        self.transport = None
        if self._begun:
            self.setTimeout(None)
            transport.unregisterProducer()
            # They know this channel: left to themselves they would be the collector's.
            self.requests.clear()
        else:
            self.site.silent.take(self)
        # TLS and the PROXY protocol are wrapped around.
        if isinstance(transport, ProtocolWrapper):
            transport.wrappedProtocol = protocol
        else:
            transport.protocol = protocol
        protocol.makeConnection(transport)

    def timeoutConnection(self) -> None:
        """End a connection whose deadline has passed."""
        self.begin()
        # One that asks nothing is no trouble: a browser keeps it for later.
        if self.requests and not self._refused:
            self.site.refused.note(refusals.SLOW)
        if self._stalled or self._refused or not self.persistent:
            self.abort()
        else:
            super().timeoutConnection()

    def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, close, and do not look at what else comes."""
        self.begin()
        self._refused = True
        self.site.refused.note(refusal.reason)
        head = bool(self.requests) and self.requests[-1].method == b"HEAD"
        self.write(refusal.encode(self.site.headers, head=head))
        self.setTimeout(ASKS_WITHIN)
        self.loseConnection()

    def abort(self) -> None:
        """Close at once; nothing that waits is sent."""
        self._refused = True
        transport: Any = self.transport
        transport.abortConnection()


class Closed(Protocol):
    """A connection for which there was no room."""

    def connectionMade(self) -> None:
        """Close it."""
        transport: Any = self.transport
        transport.abortConnection()


class QuietSite(Site):
    """A site for the open internet, without an access log: addresses are not written down.

    :param connections: all that are open.
    :param headers: what every refusal carries.
    :param handshake: is given the first that comes through a connection; returns whether it took
        the connection over, or has refused it.
    """

    # Twisted types this attribute for the channel that negotiates HTTP/2 as well.
    protocol = CarefulChannel  # type: ignore[assignment]
    displayTracebacks = False

    def __init__(
        self,
        resource: IResource,
        connections: Connections,
        headers: Mapping[str, str],
        reactor: Any,
        handshake: Callable[[CarefulChannel, bytes], bool] = lambda channel, data: False,
    ) -> None:
        super().__init__(
            resource, requestFactory=CarefulRequest, reactor=reactor, timeout=ASKS_WITHIN
        )
        self.connections = connections
        self.handshake = handshake
        self.silent = Timeouts(reactor, ASKS_WITHIN, CarefulChannel.timeoutConnection)
        self.refused = connections.refused
        self.headers = headers

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Take a connection, or close it if there is no room.

        Not by returning None: TLS and the PROXY protocol would wrap that, and fail.
        """
        if self.connections.full:
            self.refused.note(refusals.CROWDED)
            return Closed()
        return super().buildProtocol(addr)

    def log(self, request: http.Request) -> None:
        """Write nothing."""
