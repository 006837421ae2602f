"""What is served on the port: the page, its files, the WebSocket, and health."""

import re
from collections.abc import Callable
from typing import BinaryIO

from autobahn.twisted.resource import WebSocketResource
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogPublisher
from twisted.web import http
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site
from twisted.web.static import File, StaticProducer

from roulette.core.leaving import Phase
from roulette.web.factory import ChatRouletteFactory

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Ask each time whether it has changed: a new version is seen at once.
    "Cache-Control": "no-cache",
}
"""What every answer carries: nothing comes from elsewhere, and nobody frames the page."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""Content types by suffix, so that they do not depend on the machine's own table."""

A_RANGE = re.compile(rb"bytes=([0-9]{1,15})-([0-9]{0,15})")
"""A part of a file, from one offset to another or to the end."""

IDLE_TIMEOUT = 20.0
"""Seconds after which an HTTP connection on which nothing happens is closed."""


class Page(File):
    """Files of a folder; what is in it is not listed."""

    contentTypes = TYPES

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Find a file; of a name that no file can have, File would log a traceback."""
        try:
            unfit = "\0" in path.decode()
        except UnicodeDecodeError:
            unfit = True
        child: IResource = notFound() if unfit else super().getChild(path, request)
        return child

    def makeProducer(self, request: Request, fileForReading: BinaryIO) -> StaticProducer:
        """Send a file, or the one part of it that is asked for.

        Of other ranges File logs some with the address or with a traceback, and of many ranges
        it makes one long answer. Any may be ignored (RFC 9110, section 14.2).
        """
        asked = A_RANGE.fullmatch(request.getHeader(b"range") or b"")
        if asked is None or (asked[2] and int(asked[2]) < int(asked[1])):
            request.requestHeaders.removeHeader(b"range")
        producer: StaticProducer = super().makeProducer(request, fileForReading)
        return producer

    def directoryListing(self) -> IResource:
        """Refuse to list a folder."""
        return notFound()


class Health(Resource):
    """Says whether something holds: 200, or 503."""

    isLeaf = True

    def __init__(self, holds: Callable[[], bool]) -> None:
        super().__init__()
        self._holds = holds

    def render_GET(self, request: Request) -> bytes:
        """Answer in one word, for people; the status is for programs."""
        request.setHeader("Content-Type", "text/plain; charset=utf-8")
        if self._holds():
            return b"ok\n"
        request.setResponseCode(503)
        return b"not now\n"

    def render_HEAD(self, request: Request) -> bytes:
        """Answer without the body, which Twisted would drop with a warning."""
        request.setHeader("Content-Length", str(len(self.render_GET(request))))
        return b""


class Root(Resource):
    """Everything below ``/``."""

    def __init__(self, page: File, factory: ChatRouletteFactory) -> None:
        super().__init__()
        self._page = page
        self.factory = factory
        self.putChild(b"ws", WebSocketResource(factory))
        self.putChild(b"healthz", Health(lambda: True))
        self.putChild(b"readyz", Health(lambda: factory.lobby.phase is Phase.OPEN))

    def getChildWithDefault(self, path: bytes, request: Request) -> IResource:
        """Find what is asked for, and set the headers that every answer carries."""
        request.responseHeaders.removeHeader("Server")
        for name, value in HEADERS.items():
            request.setHeader(name, value)
        child: IResource = super().getChildWithDefault(path, request)
        return child

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Look among the files of the page."""
        child: IResource = self._page.getChildWithDefault(path or b"index.html", request)
        return child


class QuietChannel(http.HTTPChannel):
    """One HTTP connection; when it idles for too long, Twisted would log its address."""

    _log = Logger(observer=LogPublisher())


class QuietSite(Site):
    """A site without an access log: addresses are not written down."""

    # Twisted types this attribute for the channel that negotiates HTTP/2 as well.
    protocol = QuietChannel  # type: ignore[assignment]
    displayTracebacks = False

    def log(self, request: http.Request) -> None:
        """Write nothing."""


def chat_site(static: str, factory: ChatRouletteFactory, reactor: IReactorTime) -> QuietSite:
    """Return the site that serves the files in ``static`` and the chat at ``/ws``."""
    return QuietSite(Root(Page(static), factory), reactor=reactor, timeout=IDLE_TIMEOUT)
