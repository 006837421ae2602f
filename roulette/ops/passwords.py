"""The passwords of the admin listener: a file as ``htpasswd -B`` writes it, and who knows one.

bcrypt is slow on purpose, so it runs in a thread, and only so often. Who was let in once is known
again by a keyed hash, as a browser sends its password with every request.
"""

import hmac
import re
from base64 import b64decode
from binascii import Error
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes

import bcrypt
from twisted.logger import Logger

from roulette.core.limits import TokenBucket
from roulette.reading import BadFile, naming, read

A_HASH = re.compile(rb"\$2[aby]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}")
"""What bcrypt makes; beyond cost 15 a login would take many seconds."""

RATE, BURST = 0.5, 5.0
"""Passwords that are tried a second, and at once: by everybody together."""


def read_passwords(path: Path) -> dict[bytes, bytes]:
    """Return the hash of each name in a file of ``name:hash`` lines.

    Raise :exc:`BadFile` if there are none, or if others may read it, or if a line is
    anything else: nobody shall believe in a password that does not count.
    """
    with naming(path):
        content, mode = read(path), path.stat().st_mode
    if mode & 0o007:
        raise BadFile(f"{path}: everybody may read or write it: chmod o=")
    found: dict[bytes, bytes] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if (line := line.strip()) and not line.startswith(b"#"):
            name, _, hashed = line.partition(b":")
            if not name or not A_HASH.fullmatch(hashed):
                raise BadFile(
                    f"{path}: line {number} is no name:hash with a bcrypt hash of cost 4 to 15: "
                    "htpasswd -B writes one"
                )
            if name in found:
                raise BadFile(f"{path}: line {number} names somebody for the second time")
            found[name] = hashed
    if not found:
        raise BadFile(f"{path}: there is no password in it")
    return found


def basic(header: str) -> tuple[bytes, bytes] | None:
    """Return the name and the password in an Authorization header (RFC 7617, section 2)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = b64decode(encoded.strip(), validate=True).partition(b":")
    except (Error, ValueError):
        return None
    return (name, password) if colon else None


def matches(password: bytes, hashed: bytes) -> bool:
    """Say whether a password is the one of a hash; that takes a while."""
    try:
        return bcrypt.checkpw(password, hashed)
    except ValueError:
        # It is longer than bcrypt looks at, or holds a NUL.
        return False


class Passwords:
    """Says who may look.

    :param path: the file; it is read anew each time.
    :param now: returns the monotonic time.
    :param try_one: calls :func:`matches` elsewhere, as in a thread.
    """

    _log = Logger()

    def __init__(
        self,
        path: Path,
        now: Callable[[], float],
        try_one: Callable[[bytes, bytes], Awaitable[bool]],
    ) -> None:
        self._path = path
        self._now = now
        self._try_one = try_one
        self._tries = TokenBucket(RATE, BURST)
        self._key = token_bytes(32)
        self._let_in: dict[bytes, tuple[bytes, bytes]] = {}
        self._complaint = ""

    def knows(self, header: str) -> bool:
        """Say whether the name and password in a header have been tried, and are right."""
        known, found = self._read(), basic(header)
        if found is None:
            return False
        name, password = found
        mark, hashed = self._let_in.get(name, (b"", b""))
        return known.get(name) == hashed and hmac.compare_digest(mark, self._mark(password))

    async def check(self, header: str) -> float:
        """Try the name and password in a header; return 0 if they are right.

        Otherwise return the seconds until something may be tried again.
        """
        known, found = self._read(), basic(header)
        if found is None or not known:
            return 1 / RATE
        if wait := self._tries.take(self._now()):
            return wait
        name, password = found
        # Also for a name that there is not, so that nobody learns which there are.
        hashed = known.get(name, next(iter(known.values())))
        if not await self._try_one(password, hashed) or name not in known:
            self._log.warn("A wrong password for the admin listener")
            return 1 / RATE
        self._let_in[name] = self._mark(password), hashed
        return 0.0

    def _read(self) -> dict[bytes, bytes]:
        try:
            return read_passwords(self._path)
        except BadFile as error:
            # Once, as a browser asks every two seconds.
            if self._complaint != (complaint := str(error)):
                self._complaint = complaint
                self._log.error("Nobody can look: {error}", error=complaint)
            return {}

    def _mark(self, password: bytes) -> bytes:
        return blake2b(password, key=self._key, digest_size=32).digest()
