import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE, S_ISSOCK

import pytest
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock

from roulette.ops.callers import AdminSocket
from roulette.ops.seat import Seats
from roulette.ops.unix import Port
from tests.ops.house import House


class Listener:
    """Somebody who listens at a path."""

    def __init__(self, path: Path) -> None:
        self.reactor = MemoryReactorClock()
        self.port = Port(path, Factory(), self.reactor)
        self.port.startListening()

    def stop(self) -> None:
        self.port.stopListening()
        self.reactor.advance(0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "admin.sock"


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_it_is_for_its_owner_alone_and_never_was_for_others(
    path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []

    def chmod(name: bytes, mode: int) -> None:
        modes.append(S_IMODE(os.stat(name).st_mode))
        modes.append(mode)

    monkeypatch.setattr(os, "chmod", chmod)
    listener = Listener(path)
    assert modes == [0o600, 0o600]
    assert os.umask(umask) == umask
    listener.stop()
    assert not path.exists()


def test_one_that_was_left_over_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as died:
        died.bind(str(path))
    listener = Listener(path)
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.connect(str(path))
    listener.stop()


def test_one_where_somebody_listens_is_left_to_them(path: Path) -> None:
    first = Listener(path)
    with pytest.raises(OSError, match="another process listens there"):
        Listener(path)
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.connect(str(path))
    first.stop()


def test_what_is_no_socket_is_left_alone(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(OSError, match="there is something else than a socket"):
        Listener(path)
    assert path.read_text() == "precious"


def test_a_link_is_not_followed(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(OSError, match="there is something else than a socket"):
        Listener(path)
    assert path.is_symlink()


def test_what_was_put_in_its_place_is_not_removed_at_the_end(path: Path) -> None:
    first = Listener(path)
    path.unlink()
    second = Listener(path)
    first.stop()
    assert S_ISSOCK(path.stat().st_mode)
    second.stop()
    assert not path.exists()
    # Nor does it fail if there is nothing at all.
    third = Listener(path)
    path.unlink()
    third.stop()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere/admin.sock", "{}: No such file or directory"),
        ("x" * 120, "{}: a socket's path has at most 107 bytes"),
        (".", "{}: there is something else than a socket"),
    ],
)
def test_where_it_cannot_be_is_told_in_one_line(
    tmp_path: Path, house: House, name: str, complaint: str
) -> None:
    path = tmp_path / name
    listening = AdminSocket(path, Seats(house.admin, {}), MemoryReactorClock())
    with pytest.raises(OSError, match=f"^{re.escape(complaint.format(path))}$"):
        listening.startService()
