"""The keys of the admin shell: the host's own, and those that may log in.

Ed25519 only: there is nothing to choose wrongly, and every OpenSSH since 6.5 has it.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twisted.conch.ssh.keys import FingerprintFormats, Key

from roulette.reading import BadFile, naming, read

KEY_TYPE = b"ssh-ed25519"


def fingerprint(key: Key) -> str:
    """Return the fingerprint of a key as ``ssh-keygen -l`` prints it."""
    encoded: str = key.fingerprint(FingerprintFormats.SHA256_BASE64)
    return "SHA256:" + encoded.rstrip("=")


def authorized_keys(path: Path) -> list[Key]:
    """Return the keys in a file in OpenSSH's format (sshd(8), AUTHORIZED_KEYS FILE FORMAT).

    Raise :exc:`BadFile` if it has none, or a line that would be taken for less than it says:
    a key of another type, or one with options.
    """
    keys = []
    for number, line in enumerate(read(path).splitlines(), 1):
        if (line := line.strip()) and not line.startswith(b"#"):
            try:
                keys.append(_public_key(line))
            except ValueError as error:
                raise BadFile(f"{path}: line {number} {error}") from None
    if not keys:
        raise BadFile(f"{path}: there is no key in it")
    return keys


def host_key(path: Path) -> Key:
    """Return the private key in a file, which is made if it is not there.

    Raise :exc:`BadFile` if it can't be, or holds something else, or others may read it.
    """
    with naming(path):
        if not path.exists():
            _make_host_key(path)
        content, mode = read(path), path.stat().st_mode
    if mode & 0o077:
        raise BadFile(f"{path}: others may read or write it: chmod 600")
    key = _key(content)
    if key is None or key.isPublic():
        raise BadFile(f"{path}: this is no Ed25519 private key without a passphrase")
    return key


def _make_host_key(path: Path) -> None:
    if not path.parent.is_dir():
        raise BadFile(f"{path}: there is no folder {path.parent}")
    key = Key(Ed25519PrivateKey.generate())
    # Complete before it has its name, and never readable by others: mode 600 from the start.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:
        file.write(key.toString("OPENSSH", subtype="v1"))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)


def _public_key(line: bytes) -> Key:
    kind, *rest = line.split(maxsplit=2)
    if kind != KEY_TYPE:
        shown = kind.decode("ascii", "backslashreplace")[:40]
        raise ValueError(f"begins with {shown!r}: only plain {KEY_TYPE.decode()} keys are taken")
    key = _key(b" ".join([kind, *rest[:1]]))
    if key is None:
        raise ValueError("is no complete key")
    return key


def _key(content: bytes) -> Key | None:
    try:
        key: Key = Key.fromString(content)
    except Exception:
        # The decoders raise whatever they like.
        return None
    return key if key.sshType() == KEY_TYPE else None
