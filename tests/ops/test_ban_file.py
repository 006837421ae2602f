import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from stat import S_IMODE

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roulette.ops import ban_file
from roulette.ops.ban_file import FILE, MARKER, BadState, Ban, BanFile
from roulette.ops.pseudonyms import Pseudonyms
from tests.processes import PATIENCE

ADDING = Path(__file__).with_name("adding.py")
REASON = "a reason, pøwód 👋"


def some(key: bytes, count: int = 3) -> list[Ban]:
    """Return bans of each kind."""
    of = Pseudonyms(key).of_text
    networks = [(), (of("192.0.2.7"), of("2001:db8::1")), (of("198.51.100.0/22"),)]
    return [
        Ban(
            ["a guest", "another", None][n % 3],
            networks[n % 3],
            REASON,
            n + 0.25,
            [None, 9.0][n % 2],
        )
        for n in range(count)
    ]


@pytest.fixture
def kept(tmp_path: Path) -> dict[int, Ban]:
    """Keep some bans in a folder; return them by their numbers."""
    with closing(BanFile(tmp_path)) as file:
        return {file.add(ban): ban for ban in some(file.key)}


def reads(folder: Path) -> dict[int, Ban]:
    with closing(BanFile(folder)) as file:
        return file.load()


def complaint(folder: Path) -> str:
    """Return what is wrong with the file in a folder, which must be one line that names it."""
    with pytest.raises(BadState) as refused:
        reads(folder)
    said = str(refused.value)
    assert said.startswith(f"{folder}/")
    assert "\n" not in said
    return said.partition(": ")[2]


def test_in_an_empty_folder_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with closing(BanFile(tmp_path)) as file:
        assert file.load() == {}
        assert {S_IMODE(each.stat().st_mode) for each in tmp_path.glob(f"{FILE}*")} == {0o600}
        key = file.key
    assert {each.name for each in tmp_path.iterdir()} == {FILE, MARKER}
    with closing(BanFile(tmp_path)) as file:
        assert file.key == key


def test_what_was_added_is_there_and_what_was_removed_is_not(
    tmp_path: Path, kept: dict[int, Ban]
) -> None:
    assert reads(tmp_path) == kept
    with closing(BanFile(tmp_path)) as file:
        file.remove(3)
        # A number is never given again.
        (ban,) = some(file.key, 1)
        assert file.add(ban) == 4
    assert reads(tmp_path) == {1: kept[1], 2: kept[2], 4: ban}


def test_the_settings_are_those_of_a_log_that_loses_nothing(tmp_path: Path) -> None:
    with closing(BanFile(tmp_path)) as file:
        asked = ("journal_mode", "synchronous", "locking_mode")
        assert [file._pragma(name) for name in asked] == ["wal", 2, "exclusive"]


def test_no_address_is_in_it(tmp_path: Path, kept: dict[int, Ban]) -> None:
    content = (tmp_path / FILE).read_bytes()
    assert REASON.encode() in content
    for secret in (b"192.0.2", bytes([192, 0, 2, 7]), b"2001:db8", bytes.fromhex("20010db8")):
        assert secret not in content


def test_what_was_removed_is_wiped(tmp_path: Path, kept: dict[int, Ban]) -> None:
    with closing(BanFile(tmp_path)) as file:
        for number in kept:
            file.remove(number)
    assert REASON.encode() not in (tmp_path / FILE).read_bytes()


def test_the_file_alone_has_what_was_acknowledged(tmp_path: Path) -> None:
    (folder := tmp_path / "copy").mkdir()
    with closing(BanFile(tmp_path)) as file:
        kept = {file.add(ban): ban for ban in some(file.key)}
        # As after a crash, and with the log lost.
        shutil.copy(tmp_path / FILE, folder)
    assert reads(folder) == kept


def test_who_is_killed_in_the_middle_of_1000_has_lost_no_ban(tmp_path: Path) -> None:
    command = [sys.executable, str(ADDING), str(tmp_path), "1000"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as adding:
        assert adding.stdout is not None
        told = [int(adding.stdout.readline()) for _ in range(250)]
        adding.kill()
        told += [int(line) for line in adding.stdout.read().splitlines() if line != "done"]
    assert adding.returncode == -9
    assert (tmp_path / f"{FILE}-wal").exists(), "it was closed in good order"
    with closing(BanFile(tmp_path)) as file:
        bans, of = file.load(), Pseudonyms(file.key).of_text
    # At most the one that was about to be told.
    assert told == list(range(1, len(told) + 1))
    assert len(told) <= len(bans) <= len(told) + 1
    for number, ban in bans.items():
        n = number - 1
        network = of(f"192.0.{n >> 8}.{n & 255}")
        assert ban == Ban(None, (network,), f"ban {n}", float(n), None)


def test_a_file_that_is_gone_is_no_empty_list(tmp_path: Path, kept: dict[int, Ban]) -> None:
    (tmp_path / FILE).rename(tmp_path / "elsewhere")
    assert complaint(tmp_path) == (
        f"it is gone, though {MARKER} is there; put it back, or remove {MARKER} to begin without"
        " any bans"
    )
    assert not (tmp_path / FILE).exists()
    (tmp_path / "elsewhere").rename(tmp_path / FILE)
    assert reads(tmp_path) == kept
    (tmp_path / FILE).unlink()
    (tmp_path / MARKER).unlink()
    assert reads(tmp_path) == {}


def test_its_log_alone_is_no_empty_list(tmp_path: Path) -> None:
    (tmp_path / f"{FILE}-wal").touch()
    assert complaint(tmp_path).startswith(f"it is gone, though {FILE}-wal is there")


def test_a_file_that_was_put_back_alone_will_do(tmp_path: Path, kept: dict[int, Ban]) -> None:
    (tmp_path / MARKER).unlink()
    assert reads(tmp_path) == kept
    assert (tmp_path / MARKER).exists()


def test_what_is_no_file_of_bans_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.touch(0o600)
    assert complaint(tmp_path) == "this is no file of bans"
    path.write_text("a shopping list, " * 100)
    assert complaint(tmp_path) == "it is damaged (file is not a database); put a copy of it back"
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bans (id)")
    path.chmod(0o600)
    before = path.read_bytes()
    assert complaint(tmp_path) == "this is no file of bans"
    assert path.read_bytes() == before
    path.unlink()
    path.mkdir(0o700)
    assert complaint(tmp_path) == "unable to open database file"


def test_a_damaged_text_is_not_shown(tmp_path: Path, kept: dict[int, Ban]) -> None:
    path = tmp_path / FILE
    path.write_bytes(
        path.read_bytes().replace(REASON.encode(), b"a\n\x1b\xff" + REASON.encode()[4:])
    )
    assert complaint(tmp_path) == "it is damaged (no UTF-8); put a copy of it back"


def test_a_newer_file_is_left_alone(tmp_path: Path, kept: dict[int, Ban]) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("PRAGMA user_version = 2")
    assert complaint(tmp_path) == "written by a newer version, as schema 2; this one knows 1"


def test_a_file_that_others_may_read_is_refused(tmp_path: Path, kept: dict[int, Ban]) -> None:
    (tmp_path / FILE).chmod(0o640)
    assert complaint(tmp_path) == "others may read or write it: chmod 600"


def test_only_one_process_has_it(
    tmp_path: Path, kept: dict[int, Ban], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ban_file, "LOCKED_FOR", 0.1)
    command = [sys.executable, str(ADDING), str(tmp_path), "0"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "done\n"
        assert complaint(tmp_path) == "another process uses it"
        other.communicate("", PATIENCE)
    assert reads(tmp_path) == kept


@pytest.mark.skipif(not os.path.isdir("/sys/kernel"), reason="there is no read-only folder")
def test_a_folder_that_cannot_be_written_is_an_error() -> None:
    with pytest.raises(
        BadState, match=r"^/sys/kernel/\S+: (Permission denied|Read-only file system)"
    ):
        BanFile(Path("/sys/kernel"))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadState, match="No such file or directory"):
        BanFile(tmp_path / "nowhere")


class Damaged:
    """A folder whose file may be damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with closing(BanFile(folder)) as file:
            self.bans = {file.add(ban): ban for ban in some(file.key, 40)}
            file.remove(7)
            del self.bans[7]
        self.content = (folder / FILE).read_bytes()

    def tells_or_has_all(self, content: bytes) -> None:
        """Check that bans that are not read as they were are complained of."""
        (self.folder / FILE).write_bytes(content)
        with suppress(BadState):
            assert reads(self.folder) == self.bans
        for left in self.folder.glob(f"{FILE}-*"):
            left.unlink()


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Damaged:
    return Damaged(tmp_path_factory.mktemp("damaged"))


@settings(max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_damaged_byte_loses_a_ban_in_silence(damaged: Damaged, place: float, flip: int) -> None:
    content = bytearray(damaged.content)
    content[int(place * len(content))] ^= flip
    damaged.tells_or_has_all(bytes(content))


@given(length=st.floats(0, 1, exclude_max=True))
def test_no_missing_end_loses_a_ban_in_silence(damaged: Damaged, length: float) -> None:
    damaged.tells_or_has_all(damaged.content[: int(length * len(damaged.content))])
