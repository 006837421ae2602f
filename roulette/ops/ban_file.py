"""The file of the bans: SQLite, in the folder of what outlives the service.

The laws:

1. What was added or removed stays so, whatever becomes of the process or the machine after that.
   Each change is synced in the write-ahead log, then brought into the file itself, synced as well,
   and the log emptied: so the file alone has everything, and a copy of it put in its place does not
   meet the log of another.
2. A file that is gone, damaged, somebody else's or in use is an error, and never an empty list.
   A marker beside the file says that there must be one; each row has a digest.
3. There is no address in it, but pseudonyms (``pseudonyms.py``), and their key: whoever can read it
   could find out addresses by trying all there are. So it is for the service's user alone.
"""

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from stat import S_IMODE
from tempfile import NamedTemporaryFile
from typing import Any

from roulette.ops.pseudonyms import KEY_BYTES, Pseudonym

FILE = "bans.sqlite3"
MARKER = "bans.marker"

APPLICATION = int.from_bytes(b"roul")
"""By this SQLite tells whose file it is."""

SCHEMA = 1
"""The version of the tables; a newer one is not touched."""

TABLES = f"""
    PRAGMA application_id = {APPLICATION};
    PRAGMA user_version = {SCHEMA};
    CREATE TABLE secret (key BLOB NOT NULL, digest BLOB NOT NULL);
    CREATE TABLE bans (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        guest TEXT,
        networks BLOB NOT NULL,
        reason TEXT NOT NULL,
        since REAL NOT NULL,
        expires REAL,
        digest BLOB NOT NULL
    );
"""

SETTINGS = "journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"
"""Every change is synced when it returns, and what is removed is overwritten."""

LOCKED_FOR = 2.0
"""Seconds to wait for a process that has the file open: it may be about to end."""

_NETWORK = struct.Struct(">BBQ")


class BadState(ValueError):
    """What outlives the service cannot be read or written; says why, in one line."""


@dataclass(frozen=True, slots=True)
class Ban:
    """Who may not come in, and why; the times are Unix seconds.

    :param guest: the id of the guest that it was given to, None if to a network.
    :param networks: where it holds.
    :param expires: when it ends; None for never.
    """

    guest: str | None
    networks: tuple[Pseudonym, ...]
    reason: str
    since: float
    expires: float | None


class BanFile:
    """The bans on disk, which this process alone has open.

    Changes are rare, so whoever makes one waits for the disk.

    :param folder: where the file is.
    :param new: whether it is made if there never was one.

    Every method raises :exc:`BadState` if the file cannot be used.
    """

    def __init__(self, folder: Path, *, new: bool = True) -> None:
        self._path = folder / FILE
        with self._one_line():
            _make(self._path, folder / MARKER, new=new)
            self._stat = self._path.stat()
            if S_IMODE(self._stat.st_mode) & 0o077:
                raise BadState(f"{self._path}: others may read or write it: chmod 600")
            self._db = sqlite3.connect(
                f"{self._path.as_uri()}?mode=rw", LOCKED_FOR, isolation_level=None, uri=True
            )
            try:
                self.key = self._open()
            except BaseException:
                self._db.close()
                raise

    def load(self) -> dict[int, Ban]:
        """Return all bans, by their number."""
        with self._one_line():
            rows = self._db.execute("SELECT * FROM bans ORDER BY id").fetchall()
            found = {}
            for *fields, digest in rows:
                number, guest, networks, *rest = fields
                if digest != self._digest(fields):
                    raise sqlite3.DatabaseError(f"ban {number} is not as it was written")
                found[number] = Ban(
                    guest, tuple(map(Pseudonym._make, _NETWORK.iter_unpack(networks))), *rest
                )
            return found

    def add(self, ban: Ban) -> int:
        """Keep a ban; return its number, which no other ever has."""
        networks = b"".join(_NETWORK.pack(*network) for network in ban.networks)
        expires = None if ban.expires is None else float(ban.expires)
        with self._one_line():
            last = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
            number: int = self._db.execute(last).fetchone()[0] + 1
            fields: list[object] = [
                number,
                ban.guest,
                networks,
                ban.reason,
                float(ban.since),
                expires,
            ]
            row = [*fields, self._digest(fields)]
            self._change("INSERT INTO bans VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return number

    def remove(self, number: int) -> None:
        """Keep a ban no longer."""
        with self._one_line():
            self._change("DELETE FROM bans WHERE id = ?", [number])

    def close(self) -> None:
        """Let the file go; another process may have it."""
        self._db.close()

    def _open(self) -> bytes:
        # Before the log is looked at: no other process gets in, and no memory is shared with one.
        self._pragma("locking_mode = EXCLUSIVE")
        if self._pragma("application_id") != APPLICATION:
            raise BadState(f"{self._path}: this is no file of bans")
        if (schema := self._pragma("user_version")) > SCHEMA:
            raise BadState(
                f"{self._path}: written by a newer version, as schema {schema};"
                f" this one knows {SCHEMA}"
            )
        if schema != SCHEMA:
            raise sqlite3.DatabaseError(f"there is no schema {schema}")
        for setting in SETTINGS:
            self._db.execute(f"PRAGMA {setting}").fetchall()
        if (check := self._pragma("quick_check")) != "ok":
            raise sqlite3.DatabaseError(check)
        ((key, digest),) = self._db.execute("SELECT key, digest FROM secret").fetchall()
        if digest != _digest(key):
            raise sqlite3.DatabaseError("the key is not as it was written")
        # Whether it can be written is asked now, and not when somebody is to be banned.
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("COMMIT")
        return bytes(key)

    def _change(self, statement: str, values: list[object]) -> None:
        if not os.path.samestat(self._stat, self._path.stat()):
            raise BadState(f"{self._path}: another file is in its place: reload")
        self._db.execute(statement, values)
        # It is done, whatever becomes of this: what stays in the log is found there.
        with suppress(sqlite3.Error):
            self._pragma("wal_checkpoint(TRUNCATE)")

    def _pragma(self, name: str) -> Any:
        return self._db.execute(f"PRAGMA {name}").fetchone()[0]

    def _digest(self, fields: list[object]) -> bytes:
        return blake2b(repr(fields).encode(), key=self.key, digest_size=16).digest()

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except BadState:
            raise
        except OSError as error:
            raise BadState(f"{self._path}: {error.strerror}") from None
        except (sqlite3.Error, ValueError, TypeError, struct.error) as error:
            raise BadState(f"{self._path}: {_why(error)}") from None


def _make(path: Path, marker: Path, *, new: bool) -> None:
    log = path.with_name(f"{path.name}-wal")
    if not path.exists():
        for left in (marker, log):
            if left.exists():
                raise BadState(
                    f"{path}: it is gone, though {left.name} is there; put it back, or remove"
                    f" {left.name} to begin without any bans"
                )
        if not new:
            raise BadState(f"{path}: it is gone; put it back")
        # Complete before it has its name, and never readable by others: mode 600 from the start.
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:
            key = token_bytes(KEY_BYTES)
            with closing(sqlite3.connect(file.name)) as db:
                db.executescript(TABLES)
                db.execute("INSERT INTO secret VALUES (?, ?)", [key, _digest(key)])
                db.commit()
            with suppress(FileExistsError):
                os.link(file.name, path)
        _sync(path.parent)
    if not marker.exists():
        marker.write_text(f"While this is here, {path.name} must be, too.\n")
        _sync(path.parent)


def _why(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF == sqlite3.SQLITE_BUSY:
        return "another process uses it"
    if code is not None and isinstance(error, sqlite3.OperationalError):
        return str(error)
    # What is no UTF-8 has no code, and is quoted.
    what = "no UTF-8" if isinstance(error, sqlite3.OperationalError) else str(error)
    return f"it is damaged ({' '.join(what.split())}); put a copy of it back"


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=16).digest()


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
