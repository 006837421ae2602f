"""A service that is killed in the middle of 1,000 bans, and its operator."""

import subprocess
from http import HTTPStatus
from time import monotonic, sleep

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.ops.shell import Operator, serving
from tests.processes import PATIENCE
from tests.service import TWISTD, on

OPTIONS = "--trusted-proxies", "1", "--state", "."
BAN_A_THOUSAND = "; ".join(
    [
        'import os; notes = os.open("notes", os.O_WRONLY)',
        'bans = (admin.ban(f"192.0.{n >> 8}.{n & 255}") for n in range(1000))',
        'count = sum(os.write(notes, b"%d\\n" % ban["ban"]) for ban in bans)',
    ]
)
"""The operator notes the number of each ban once it was told."""


def test_every_ban_that_was_told_of_holds_after_a_kill(operator: Operator) -> None:
    folder = operator.folder
    notes = folder / "notes"
    notes.touch()
    with serving(folder, *OPTIONS) as service:
        ssh = subprocess.Popen(
            operator.command(service, BAN_A_THOUSAND), cwd=folder, stderr=subprocess.DEVNULL
        )
        until = monotonic() + 2 * PATIENCE
        while notes.read_text().count("\n") < 200 and monotonic() < until:
            sleep(0.01)
        service.process.kill()
        ssh.wait(PATIENCE)
    told = list(map(int, notes.read_text().split()))
    assert 200 <= len(told) < 1000

    with serving(folder, *OPTIONS) as service:
        bans = operator.ask(service, "admin.bans()")
        assert [ban["ban"] for ban in bans][: len(told)] == told
        assert len(bans) <= len(told) + 1
        for host, banned in (("192.0.0.0", True), ("192.0.0.199", True), ("192.0.9.9", False)):
            assert is_refused(service.ws, host) is banned
        # Only one process may have them.
        other = subprocess.run(
            [TWISTD, "-n", "--pidfile=", "roulette", *on(), *OPTIONS],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert other.returncode == 1
        path = folder / "bans.sqlite3"
        assert other.stderr == f"roulette: --state: {path}: another process uses it\n"
    assert "192.0" not in service.log


def is_refused(url: str, host: str) -> bool:
    """Say whether a handshake from an address is answered that it is banned."""
    try:
        with connect(url, additional_headers={"X-Forwarded-For": host}, proxy=None):
            return False
    except InvalidStatus as refused:
        return refused.response.status_code == HTTPStatus.FORBIDDEN
