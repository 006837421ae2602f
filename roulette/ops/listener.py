"""What the admin listener serves: metrics for Prometheus, the same as JSON, and a dashboard.

Only who is on this machine may look, or who knows a password. A browser on this machine is no
proof: a page from elsewhere may have its name resolved to 127.0.0.1, so without passwords the
``Host`` must be one that nobody else can have.
"""

import gzip
import re
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client.exposition import choose_encoder
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from roulette.ops.exposition import plain, registry
from roulette.ops.history import COLUMNS, History
from roulette.ops.local import host_is_local
from roulette.ops.metrics import House
from roulette.ops.passwords import Passwords

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""What every answer carries."""

DASHBOARD = Path(__file__).with_name("dashboard")

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

GZIP = re.compile(r"(?:^|[\s,])gzip\s*(?:$|,|;\s*q=(?:1|0\.0*[1-9]))", re.IGNORECASE)
"""An Accept-Encoding that allows it (RFC 9110, section 12.5.3)."""


@dataclass(frozen=True)
class Answer:
    """Something to send; in gzip, too, if that is made already."""

    kind: str
    content: bytes
    packed: bytes = b""


class Listener(Resource):
    """Answers for every path.

    :param house: what is measured.
    :param history: what it was like lately.
    :param passwords: say who may look; None if everybody may who can reach it.
    :param any_host: whether to look for any ``Host``, as a UNIX socket may.
    """

    isLeaf = True
    _log = Logger()

    def __init__(
        self,
        house: House,
        history: History,
        passwords: Passwords | None = None,
        *,
        any_host: bool = False,
    ) -> None:
        super().__init__()
        self._house = house
        self._history = history
        self._passwords = passwords
        self._any_host = any_host or passwords is not None
        self._registry = registry(house)
        self._files = {
            "/" if file.name == "index.html" else f"/{file.name}": Answer(
                TYPES[file.suffix], content := file.read_bytes(), gzip.compress(content, mtime=0)
            )
            for file in DASHBOARD.iterdir()
            if file.suffix in TYPES
        }

    def render(self, request: Request) -> int:
        """Answer, at once if no password is to be tried first."""
        request.responseHeaders.removeHeader("Server")
        for name, value in HEADERS.items():
            request.setHeader(name, value)
        authorization = _header(request, "Authorization")
        if not self._any_host and not host_is_local(_header(request, "Host")):
            _refuse(request, HTTPStatus.MISDIRECTED_REQUEST, "Ask for localhost.")
        elif self._passwords is None or self._passwords.knows(authorization):
            self._answer(request)
        elif not authorization:
            _ask(request)
        else:
            trying = Deferred.fromCoroutine(self._try(self._passwords, request, authorization))
            # Whoever does not wait for the answer is let go.
            request.notifyFinish().addErrback(lambda _: trying.cancel())
            trying.addErrback(self._failed)
        return NOT_DONE_YET

    def _failed(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self._log.failure("A password could not be tried", failure)

    async def _try(self, passwords: Passwords, request: Request, authorization: str) -> None:
        wait = await passwords.check(authorization)
        if not wait:
            self._answer(request)
        else:
            request.setHeader("Retry-After", str(ceil(wait)))
            _ask(request)

    def _answer(self, request: Request) -> None:
        path = (request.path or b"").decode("latin-1")
        if path == "/metrics":
            answer = self._metrics(request)
        elif path == "/stats.json":
            answer = self._stats(request)
        elif path in self._files:
            answer = self._files[path]
        else:
            _refuse(request, HTTPStatus.NOT_FOUND, "There is nothing here.")
            return
        request.setHeader("Vary", "Accept-Encoding")
        if GZIP.search(_header(request, "Accept-Encoding")):
            request.setHeader("Content-Encoding", "gzip")
            # Fast: most often it goes no further than this machine.
            _send(request, answer.kind, answer.packed or gzip.compress(answer.content, 1))
        else:
            _send(request, answer.kind, answer.content)

    def _metrics(self, request: Request) -> Answer:
        try:
            encode, kind = choose_encoder(_header(request, "Accept"))
        except Exception:
            # It stumbles over a version that is none.
            encode, kind = choose_encoder("")
        return Answer(kind, encode(self._registry))

    def _stats(self, request: Request) -> Answer:
        stats: dict[str, Any] = {"metrics": plain(self._house)}
        if (since := _since(request)) is not None:
            stats["history"] = {"columns": COLUMNS, "rows": self._history.since(since)}
        # Infinity is null here.
        return Answer("application/json", msgspec.json.encode(stats))


def _since(request: Request) -> float | None:
    try:
        return float((request.args or {})[b"since"][0])
    except (KeyError, ValueError):
        return None


def _ask(request: Request) -> None:
    request.setHeader("WWW-Authenticate", 'Basic realm="roulette", charset="UTF-8"')
    _refuse(request, HTTPStatus.UNAUTHORIZED, "A name and a password, please.")


def _refuse(request: Request, status: HTTPStatus, why: str) -> None:
    request.setResponseCode(status.value, status.phrase.encode())
    _send(request, "text/plain; charset=utf-8", f"{why}\n".encode())


def _send(request: Request, kind: str, content: bytes) -> None:
    request.setHeader("Content-Type", kind)
    request.setHeader("Content-Length", str(len(content)))
    request.write(content)
    request.finish()


def _header(request: Request, name: str) -> str:
    return b",".join(request.requestHeaders.getRawHeaders(name.encode()) or ()).decode("latin-1")
