"""Reading the files that an operator names, whatever may be at that path."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_BYTES = 1024 * 1024
"""The longest file, in bytes, where nothing else is said."""


class BadFile(ValueError):
    """A file cannot be used; the message says which, and why, in one line."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Make a :exc:`BadFile` of what the system has against a file."""
    try:
        yield
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None


def read(path: Path, most: int = FILE_BYTES) -> bytes:
    """Return what a file of at most so many bytes holds; raise :exc:`BadFile` if there is none."""
    with naming(path):
        if path.exists() and not path.is_file():
            # A pipe would be waited for.
            raise BadFile(f"{path}: this is no file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    if len(content) > most:
        raise BadFile(f"{path}: more than {most} bytes")
    return content


def read_text(path: Path, most: int = FILE_BYTES) -> str:
    """Return the text in such a file, which is in UTF-8; raise :exc:`BadFile` likewise."""
    try:
        # Some editors begin a file with a byte order mark.
        return read(path, most).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(f"{path}: this is not UTF-8") from None
