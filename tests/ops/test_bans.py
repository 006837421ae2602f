"""The bans, whatever is done to them, against what a plain list of them says."""

import shutil
from contextlib import suppress
from ipaddress import ip_address, ip_network
from math import inf
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from twisted.internet.testing import MemoryReactorClock

from roulette.core.network import network_of
from roulette.ops.ban_file import FILE, BadState
from roulette.ops.bans import PURGE_EVERY, Bans

HOSTS = ["192.0.2.1", "192.0.2.2", "192.0.3.1", "10.0.0.1", "2001:db8::1", "2001:db8:0:1::1"]
NETWORKS = [
    *("192.0.2.1/32", "192.0.2.0/24", "192.0.2.0/23", "192.0.0.0/16", "10.0.0.0/8"),
    *("2001:db8::/64", "2001:db8::/32"),
]


class Keeping(RuleBasedStateMachine):
    """Bans in a folder, or in none."""

    folder: Path | None

    def __init__(self) -> None:
        super().__init__()
        self.folder = self.choose_folder()
        self.now = 1e9
        self.model: dict[int, tuple[list[str], float]] = {}
        self.last = 0
        self.begin()

    def choose_folder(self) -> Path | None:
        return Path(mkdtemp())

    def begin(self) -> None:
        self.reactor = MemoryReactorClock()
        self.bans = Bans(self.folder, lambda: self.now, self.reactor)
        self.bans.startService()

    @rule(
        networks=st.lists(st.sampled_from(NETWORKS), max_size=2, unique=True),
        lasts=st.sampled_from([None, 0.5, 60.0, 3600.0]),
    )
    def ban(self, networks: list[str], lasts: float | None) -> None:
        known = tuple(map(self.bans.network, networks))
        number, _ = self.bans.add("guest", known, "why", lasts)
        assert number > self.last
        self.last = number
        self.model[number] = networks, inf if lasts is None else self.now + lasts

    @rule(number=st.integers(0, 20))
    def unban(self, number: int) -> None:
        if number in self.bans.current():
            self.bans.remove(number)
            del self.model[number]
        elif number not in self.model:
            with pytest.raises(KeyError):
                self.bans.remove(number)

    @rule(seconds=st.sampled_from([0.4, 50.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def clear(self) -> None:
        self.reactor.advance(PURGE_EVERY)

    @rule()
    def read_again(self) -> None:
        self.bans.reload()

    @rule()
    def restart(self) -> None:
        if self.folder is not None:
            self.bans.stopService()
            self.begin()

    @invariant()
    def they_are_those_that_were_given(self) -> None:
        self.model = {
            number: (networks, ends)
            for number, (networks, ends) in self.model.items()
            if ends > self.now
        }
        assert self.bans.current().keys() == self.model.keys()
        for host in HOSTS:
            ends = [
                ends
                for networks, ends in self.model.values()
                for network in networks
                if ip_address(host) in ip_network(network)
            ]
            left = self.bans.left(self.bans.pseudonym(network_of(host)))
            assert left == pytest.approx(max(ends, default=self.now) - self.now)

    def teardown(self) -> None:
        self.bans.stopService()
        if self.folder is not None:
            shutil.rmtree(self.folder)


class Forgetting(Keeping):
    """Bans in no folder."""

    def choose_folder(self) -> None:
        return None


@pytest.mark.parametrize(("machine", "examples"), [(Keeping, 10), (Forgetting, 30)])
def test_they_hold_until_they_end_or_are_taken_back(machine: type[Keeping], examples: int) -> None:
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=25)
    )


class Kept:
    """Bans in a folder; the time is the test's."""

    def __init__(self, folder: Path) -> None:
        self.now = 1e9
        self.reactor = MemoryReactorClock()
        self.path = folder / FILE
        self.bans = Bans(folder, lambda: self.now, self.reactor)
        self.bans.startService()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_what_has_expired_leaves_the_file_within_an_hour(kept: Kept) -> None:
    kept.bans.add("guest", (), "a reason that must go", 60.0)
    kept.now += 60
    assert kept.bans.current() == {}
    assert b"that must go" in kept.path.read_bytes()
    kept.reactor.advance(PURGE_EVERY)
    assert b"that must go" not in kept.path.read_bytes()
    kept.bans.stopService()
    assert not kept.reactor.getDelayedCalls()


def test_without_a_file_they_are_forgotten() -> None:
    bans = Bans(None, lambda: 1e9, MemoryReactorClock())
    bans.startService()
    assert not bans.lasting
    assert bans.left(None) == 0
    network = bans.network("192.0.2.1")
    bans.add(None, (network,), "", None)
    bans.reload()
    assert bans.left(network) == inf
    bans.stopService()


def test_a_file_that_cannot_be_read_again_changes_nothing(kept: Kept) -> None:
    bans = kept.bans
    network = bans.network("192.0.2.1")
    number, _ = bans.add(None, (network,), "", None)
    good = kept.path.read_bytes()
    kept.path.write_bytes(b"no database" * 500)
    with pytest.raises(BadState, match="it is damaged"):
        bans.reload()
    assert bans.left(network) == inf
    for change in (lambda: bans.add(None, (), "", None), lambda: bans.remove(number)):
        with pytest.raises(BadState, match="cannot be changed until a reload has read them"):
            change()
    assert bans.current().keys() == {number}
    kept.path.write_bytes(good)
    bans.reload()
    bans.remove(number)
    assert bans.left(network) == 0
    bans.stopService()


def test_another_file_may_be_put_in_its_place(kept: Kept, tmp_path: Path) -> None:
    network = kept.bans.network("192.0.2.1")
    kept.bans.add(None, (network,), "", None)
    copy = kept.path.read_bytes()
    kept.bans.remove(1)
    other = tmp_path / "copy"
    other.write_bytes(copy)
    other.chmod(0o600)
    other.rename(kept.path)
    kept.bans.reload()
    assert kept.bans.left(network) == inf
    kept.bans.stopService()


def test_a_file_that_is_gone_is_no_empty_list_while_it_runs_either(kept: Kept) -> None:
    bans, folder = kept.bans, kept.path.parent
    network = bans.network("192.0.2.1")
    number, _ = bans.add(None, (network,), "", None)
    good = kept.path.read_bytes()
    for each in folder.iterdir():
        each.unlink()
    with pytest.raises(BadState, match="No such file"):
        bans.add(None, (), "", None)
    for _ in range(2):
        with pytest.raises(BadState, match="it is gone; put it back"):
            bans.reload()
    assert bans.left(network) == inf
    assert not any(folder.iterdir())
    kept.path.touch(0o600)
    kept.path.write_bytes(good)
    bans.reload()
    assert bans.current().keys() == {number}
    bans.stopService()


def test_a_ban_is_not_kept_in_a_file_that_another_has_replaced(kept: Kept, tmp_path: Path) -> None:
    bans = kept.bans
    number, _ = bans.add(None, (bans.network("192.0.2.1"),), "", None)
    other = tmp_path / "copy"
    other.touch(0o600)
    other.write_bytes(kept.path.read_bytes())
    other.rename(kept.path)
    for change in (lambda: bans.add(None, (), "", None), lambda: bans.remove(number)):
        with pytest.raises(BadState, match="another file is in its place: reload"):
            change()
    assert bans.current().keys() == {number}
    bans.reload()
    bans.remove(number)
    bans.stopService()


def test_a_disk_that_is_full_bans_nobody(kept: Kept) -> None:
    file = kept.bans._file
    assert file is not None
    file._db.execute("PRAGMA max_page_count = 1")
    network = kept.bans.network("192.0.2.1")
    added = []
    with suppress(BadState):
        while True:
            added.append(kept.bans.add(None, (network,), "x" * 200, None)[0])
    with pytest.raises(BadState, match="database or disk is full"):
        kept.bans.add(None, (network,), "x" * 200, None)
    assert [*kept.bans.current()] == added
    kept.bans.reload()
    assert [*kept.bans.current()] == added
    kept.bans.stopService()
