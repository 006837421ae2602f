"""Who may look at the admin listener."""

import base64
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from twisted.internet.defer import Deferred

from roulette.ops.passwords import (
    BURST,
    RATE,
    Passwords,
    basic,
    matches,
    read_passwords,
)
from roulette.reading import BadFile

WORD = b"correct horse"
# Always the same, since they are part of the names of tests.
SALT = b"$2b$04$abcdefghijklmnopqrstuu"
HASHED = bcrypt.hashpw(WORD, SALT).decode()
OTHER = bcrypt.hashpw(b"other", SALT).decode()


def header(name: str = "anna", password: str = WORD.decode()) -> str:
    """Return an Authorization header."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


class Door:
    """Passwords in a file, tried at once; how many were tried is counted."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.tried = 0
        self.path = folder / "passwords"
        self.write(f"anna:{HASHED}\nben:{OTHER}\n")
        self.passwords = Passwords(self.path, lambda: self.now, self._try)

    def write(self, text: str) -> None:
        self.path.write_text(text)
        self.path.chmod(0o600)

    def check(self, header: str) -> float:
        results: list[float] = []
        Deferred.fromCoroutine(self.passwords.check(header)).addCallback(results.append)
        return results[0]

    async def _try(self, password: bytes, hashed: bytes) -> bool:
        self.tried += 1
        return matches(password, hashed)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_who_was_let_in_is_known_again_without_another_try(door: Door) -> None:
    assert not door.passwords.knows(header())
    assert door.check(header()) == 0
    assert door.passwords.knows(header())
    assert not door.passwords.knows(header("ben"))
    assert not door.passwords.knows(header(password="wrong"))
    assert door.tried == 1


@pytest.mark.parametrize(
    "wrong",
    [
        header(password="wrong"),
        header("ben"),
        header("nobody"),
        header(password="x" * 100),
        header(password="nul\0"),
        "Basic !",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Bearer " + base64.b64encode(b"anna:" + WORD).decode(),
        "Basic żółw",
        "Basic",
    ],
)
def test_nobody_else_is(door: Door, wrong: str) -> None:
    assert door.check(wrong) > 0
    assert not door.passwords.knows(wrong)


def test_a_password_that_is_changed_counts_no_longer(door: Door) -> None:
    assert door.check(header()) == 0
    door.write(f"anna:{OTHER}\n")
    assert not door.passwords.knows(header())
    assert door.check(header()) > 0
    assert door.check(header(password="other")) == 0


def test_only_so_many_are_tried(door: Door) -> None:
    for _ in range(int(BURST) + 3):
        assert door.check(header(password="wrong")) > 0
    assert door.tried == BURST
    assert door.check(header()) > 0, "one more try is one too many, also of the right one"
    door.now += 1 / RATE
    assert door.check(header()) == 0
    assert door.passwords.knows(header()), "who is known is not kept out by others"


def test_nobody_learns_which_names_there_are(door: Door) -> None:
    door.check(header("nobody"))
    assert door.tried == 1


def test_with_a_broken_file_nobody_is_let_in(door: Door) -> None:
    assert door.check(header()) == 0
    door.write("anna:secret\n")
    assert not door.passwords.knows(header())
    assert door.check(header()) > 0


def test_a_name_and_a_password_may_hold_colons_and_any_bytes() -> None:
    assert basic(header("żółw", "a:b")) == ("żółw".encode(), b"a:b")


def test_comments_and_empty_lines_are_passed_over(door: Door) -> None:
    door.write(f"# people\n\n  anna:{HASHED}  \n")
    assert read_passwords(door.path) == {b"anna": HASHED.encode()}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "there is no password in it"),
        ("# nobody\n", "there is no password in it"),
        ("anna\n", "line 1 is no name:hash with a bcrypt hash"),
        (f":{HASHED}\n", "line 1 is no name:hash"),
        (f"anna:{HASHED}\nben:secret\n", "line 2 is no name:hash"),
        ("anna:$apr1$abcdefgh$0123456789abcdefghijkl\n", "htpasswd -B writes one"),
        (f"anna:{HASHED.replace('$04$', '$31$')}\n", "of cost 4 to 15"),
        (f"anna:{HASHED}\nanna:{OTHER}\n", "line 2 names somebody for the second time"),
    ],
)
def test_a_bad_file_is_one_clear_line(door: Door, text: str, complaint: str) -> None:
    door.write(text)
    with pytest.raises(BadFile) as raised:
        read_passwords(door.path)
    assert str(raised.value).startswith(f"{door.path}: ")
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_so_is_one_that_is_not_there_or_open_to_everybody(door: Door, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        read_passwords(tmp_path / "nowhere")
    door.path.chmod(0o604)
    with pytest.raises(BadFile, match="everybody may read or write it: chmod o="):
        read_passwords(door.path)


def test_what_htpasswd_calls_its_hashes_is_understood() -> None:
    y: Any = HASHED.replace("$2b$", "$2y$").encode()
    assert matches(WORD, y)
