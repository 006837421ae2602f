"""The files of the page: each is read once, compressed once, and comes from nowhere else."""

import gzip
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from stat import S_ISREG

from twisted.web.pages import notFound
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from roulette.web.brand import Brand
from roulette.web.negotiation import gzip_wanted, is_among
from roulette.web.sending import send

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Content types by suffix, so that they do not depend on the machine's own table."""

OTHER_TYPE = "application/octet-stream"
TEXT = re.compile(r"text/|.*(json|xml)")
"""The types that are worth compressing; a picture is compressed already."""

NAME = re.compile(r"[^./\\\0][^/\\\0]*")
"""A file or folder that may be asked for: none that is hidden, and no way up."""

LARGEST = 4 * 1024 * 1024
"""The largest file that is served, in bytes, since each is read whole."""

KEPT = 256
"""How many files are kept in memory."""


@dataclass(frozen=True)
class Representation:
    """The bytes of a file in one content coding (RFC 9110, section 8.4), if not in none."""

    content: bytes
    entity_tag: str
    coding: str | None = None

    @classmethod
    def of(cls, content: bytes, coding: str | None = None) -> "Representation":
        """Tag some bytes: strongly, and each coding otherwise (RFC 9110, section 8.8.3.3)."""
        return cls(content, f'"{blake2b(content, digest_size=12).hexdigest()}"', coding)


@dataclass(frozen=True)
class File:
    """A file in its type, and in each coding in which it may be sent."""

    kind: str
    plain: Representation
    gzipped: Representation | None


class Files:
    """The files of some folders; one of an earlier folder stands for that of a later.

    A link is followed within its folder only.
    """

    def __init__(self, folders: Sequence[Path], brand: Brand) -> None:
        self.show(folders, brand)
        # A file that has changed is another one.
        self._prepared = lru_cache(KEPT)(_prepared)

    def show(self, folders: Sequence[Path], brand: Brand) -> None:
        """Serve other files from now on, or with another brand in them."""
        self.folders = folders
        self.brand = brand

    def find(self, names: Sequence[bytes]) -> File | None:
        """Return the file of a path, given as its parts; None if it has none, or no readable one.

        An empty part at the end stands for the index of a folder.
        """
        try:
            parts = [name.decode() for name in names]
        except UnicodeDecodeError:
            return None
        if parts and not parts[-1]:
            parts[-1] = "index.html"
        if not all(map(NAME.fullmatch, parts)):
            return None
        for folder in self.folders:
            try:
                file = self._open(folder, "/".join(parts))
            except (OSError, UnicodeEncodeError):
                # It is not there, or its name is too long or impossible here.
                continue
            if file is not None:
                return file
        return None

    def _open(self, folder: Path, name: str) -> File | None:
        # Not Path.resolve: for links in a circle it raises whatever the version of Python likes.
        path = Path(os.path.realpath(folder / name, strict=True))
        if not path.is_relative_to(os.path.realpath(folder)):
            return None
        facts = path.stat()
        if not S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
            return None
        return self._prepared(name, path, (facts.st_mtime_ns, facts.st_size), self.brand)


def _prepared(name: str, path: Path, version: tuple[int, int], brand: Brand) -> File:
    content = brand.fill(name, path.read_bytes())
    kind = TYPES.get(os.path.splitext(name)[1].lower(), OTHER_TYPE)
    # Without the time, so that a restart makes the same bytes.
    packed = gzip.compress(content, 9, mtime=0) if TEXT.match(kind) else content
    smaller = len(packed) < len(content)
    return File(
        kind, Representation.of(content), Representation.of(packed, "gzip") if smaller else None
    )


class Page(Resource):
    """Serves files, whole, to who does not have them yet (RFC 9110, section 13.1.2)."""

    isLeaf = True

    def __init__(self, files: Files) -> None:
        super().__init__()
        self._files = files

    def render(self, request: Request) -> object:
        """Answer a request for any path, by GET or HEAD."""
        file = self._files.find(_parts(request))
        if file is None:
            return notFound().render(request)
        sent = file.plain
        if file.gzipped is not None and gzip_wanted(_header(request, b"accept-encoding")):
            sent = file.gzipped
        request.setHeader("ETag", sent.entity_tag)
        request.setHeader("Vary", "Accept-Encoding")
        if is_among(sent.entity_tag, _header(request, b"if-none-match")):
            request.setResponseCode(304)
        else:
            request.setHeader("Content-Type", file.kind)
            request.setHeader("Content-Length", str(len(sent.content)))
            if sent.coding is not None:
                request.setHeader("Content-Encoding", sent.coding)
        # Returned instead, a body that is empty would be given a length.
        send(request, b"" if request.code == 304 else sent.content)
        return NOT_DONE_YET


def _parts(request: Request) -> list[bytes]:
    # Twisted types both as None, which they are only before there is a path.
    return [*(request.prepath or ()), *(request.postpath or ())]


def _header(request: Request, name: bytes) -> str:
    # Given as text, Twisted would decode the values as UTF-8, which they need not be.
    return b",".join(request.requestHeaders.getRawHeaders(name) or ()).decode("latin-1")
