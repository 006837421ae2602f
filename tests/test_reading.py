"""Whatever is at the path of a file: it is read, or one line says why not."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from roulette import config
from roulette.ops.keys import authorized_keys, host_key
from roulette.ops.passwords import read_passwords
from roulette.reading import FILE_BYTES, BadFile, read, read_text

READERS = [authorized_keys, host_key, read_passwords, config.read]


@pytest.mark.parametrize("reader", READERS)
def test_nothing_but_a_file_is_read_and_none_without_end(
    tmp_path: Path, reader: Callable[[Path], object]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(ValueError, match="this is no file") as refused:
            reader(path)
        assert str(refused.value) == f"{path}: this is no file"
    name = "x" * 300
    with pytest.raises(ValueError, match="File name too long") as refused:
        reader(tmp_path / name)
    assert str(refused.value) == f"{tmp_path / name}: File name too long"
    (tmp_path / "long").write_bytes(b"#" * (FILE_BYTES + 1))
    with pytest.raises(ValueError, match=r"more than \d+ bytes"):
        reader(tmp_path / "long")


@pytest.mark.parametrize("reader", [host_key, read_passwords])
def test_one_that_is_taken_away_meanwhile_is_not_there(
    tmp_path: Path, reader: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "file").touch(0o600)

    def take_away(path: Path) -> bytes:
        content = read(path)
        path.unlink()
        return content

    monkeypatch.setitem(vars(sys.modules[reader.__module__]), "read", take_away)
    with pytest.raises(BadFile, match="/file: No such file or directory"):
        reader(file)


def test_a_file_of_the_greatest_length_is_read(tmp_path: Path) -> None:
    (file := tmp_path / "file").write_bytes(b"12345")
    assert read(file, 5) == b"12345"
    with pytest.raises(BadFile, match=r"/file: more than 4 bytes$"):
        read(file, 4)


def test_a_text_is_in_utf_8_and_has_no_mark(tmp_path: Path) -> None:
    (file := tmp_path / "file").write_bytes("ü\n".encode("utf-8-sig"))
    assert read_text(file) == "ü\n"
    file.write_bytes(b"\xff")
    with pytest.raises(BadFile, match="/file: this is not UTF-8"):
        read_text(file)
