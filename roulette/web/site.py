"""What is served on the port: the page, its files, the WebSocket, and health."""

from collections.abc import Callable, Mapping

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from roulette.web.capacity import Connections
from roulette.web.channel import QuietSite
from roulette.web.entrance import Entrance
from roulette.web.files import Files, Page
from roulette.web.refusals import Refusals

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


ADMIN_CONNECTIONS = 32
"""How many may look at the same time, each of whom may hold an answer."""


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

    def __init__(self, files: Files, entrance: Entrance) -> None:
        super().__init__()
        self._page = Page(files)
        self.factory = entrance.factory
        self._entrance = entrance
        self.putChild(b"ws", entrance)
        self.putChild(b"healthz", Health(lambda: True))
        self.putChild(b"readyz", Health(entrance.ready))

    def getChildWithDefault(self, path: bytes, request: Request) -> IResource:
        """Find what is asked for, and set the headers that every answer carries."""
        child: IResource = super().getChildWithDefault(path, request)
        # The entrance itself answers past the request; below it nothing is found.
        if child is not self._entrance or request.postpath:
            request.responseHeaders.removeHeader("Server")
            for name, value in HEADERS.items():
                request.setHeader(name, value)
        return child

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Look among the files of the page."""
        return self._page


def chat_site(files: Files, entrance: Entrance, reactor: IReactorTime) -> QuietSite:
    """Return the site that serves some files, and the chat at ``/ws``."""
    root = Root(files, entrance)
    return QuietSite(root, entrance.connections, HEADERS, reactor, entrance.take)


class AdminSite(QuietSite):
    """The site for operators; what is careful with strangers does them no harm."""


def admin_site(
    resource: IResource, headers: Mapping[str, str], refused: Refusals, reactor: IReactorTime
) -> AdminSite:
    """Return the site that serves something to operators."""
    return AdminSite(resource, Connections(ADMIN_CONNECTIONS, refused), headers, reactor)
