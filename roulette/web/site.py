"""What is served on the port: the page, its files, the WebSocket, and health."""

from collections.abc import Callable

from autobahn.twisted.resource import WebSocketResource
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogPublisher
from twisted.web import http
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site

from roulette.web.factory import ChatRouletteFactory
from roulette.web.files import Files, Page

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
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

IDLE_TIMEOUT = 20.0
"""Seconds after which an HTTP connection on which nothing happens is closed."""


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

    def __init__(self, files: Files, factory: ChatRouletteFactory) -> None:
        super().__init__()
        self._page = Page(files)
        self.factory = factory
        self.putChild(b"ws", WebSocketResource(factory))
        self.putChild(b"healthz", Health(lambda: True))
        self.putChild(b"readyz", Health(lambda: True))

    def getChildWithDefault(self, path: bytes, request: Request) -> IResource:
        """Find what is asked for, and set the headers that every answer carries."""
        request.responseHeaders.removeHeader("Server")
        for name, value in HEADERS.items():
            request.setHeader(name, value)
        child: IResource = super().getChildWithDefault(path, request)
        return child

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Look among the files of the page."""
        return self._page


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


def chat_site(files: Files, factory: ChatRouletteFactory, reactor: IReactorTime) -> QuietSite:
    """Return the site that serves some files, and the chat at ``/ws``."""
    return QuietSite(Root(files, factory), reactor=reactor, timeout=IDLE_TIMEOUT)
