"""SIGHUP: the service reads its options again and goes on; only a lost terminal ends it."""

import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
import trustme
from websockets.sync.client import ClientConnection, connect

from tests.processes import PATIENCE
from tests.service import TWIST, TWISTD, Service, on, started
from tests.trust import trusting

NAME = "roulette.example"

ON_A_TERMINAL = """\
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command that has the terminal at its input for its own (tty_ioctl(4))."""


def certify(folder: Path) -> ssl.SSLContext:
    """Write the files of a new certificate; return what trusts it alone."""
    authority = trustme.CA()
    issued = authority.issue_cert(NAME)
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return trusting(folder / "ca.pem")


def guest(port: int, trust: ssl.SSLContext) -> ClientConnection:
    return connect(
        f"wss://{NAME}:{port}/ws", ssl=trust, address=("127.0.0.1", port), open_timeout=PATIENCE
    )


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def hang_up(server: Service, until_logged: str) -> None:
    before = server.log.count(until_logged)
    server.process.popen.send_signal(signal.SIGHUP)
    wait_for(lambda: server.log.count(until_logged) > before)


def test_texts_limits_and_certificates_are_replaced_while_guests_talk(tmp_path: Path) -> None:
    config = tmp_path / "roulette.toml"
    endpoint = "ssl:0:interface=127.0.0.1:privateKey=key.pem:certKey=cert.pem"
    config.write_text(f'port = "{endpoint}"\ntitle = "Tea"\n')
    old = certify(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    command = [TWISTD, "-n", "--pidfile=", "roulette", "--config", "../roulette.toml"]
    listening = "QuietSite (TLS)"
    with (
        started(command, tmp_path / "elsewhere", last=listening, complains=True) as server,
        guest(server.port, old) as ada,
        guest(server.port, old) as bob,
    ):
        new = certify(tmp_path)
        config.write_text(f'port = "{endpoint}"\ntitle = "Coffee"\nsame-address = "deny"\n')
        hang_up(server, "after a restart: same-address")
        assert "changed: title, certificate of ssl:0;" in server.log
        with guest(server.port, new):
            pass
        with pytest.raises(ssl.SSLCertVerificationError):
            guest(server.port, old)
        ada.send("still here")
        while bob.recv(PATIENCE) != "still here":
            pass
        config.write_text('title = ""\nprot = 80\n')
        hang_up(server, "roulette.toml: prot: there is no such option: did you mean port?")
        assert "roulette.toml: title: a title is one line of text" in server.log
        with guest(server.port, new):
            pass


def test_under_twist_too(tmp_path: Path) -> None:
    config = tmp_path / "roulette.toml"
    config.write_text('title = "Tea"')
    command = [TWIST, "--log-format=text", "roulette", *on(), "--config", str(config)]
    with started(command) as server:
        config.write_text('title = "Coffee"')
        hang_up(server, "Read again; changed: title; after a restart: nothing")
        with urlopen(server.url, timeout=PATIENCE) as answer:
            assert b"<title>Coffee</title>" in answer.read()


def test_a_terminal_that_is_closed_stops_what_runs_in_it(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    log = tmp_path / "log"
    command = [sys.executable, "-c", ON_A_TERMINAL, TWISTD, "-n", "--pidfile=", f"-l{log}"]
    with subprocess.Popen([*command, "roulette", *on()], stdin=theirs) as service:
        try:
            os.close(theirs)
            wait_for(lambda: log.exists() and "QuietSite starting" in log.read_text())
            service.send_signal(signal.SIGHUP)
            wait_for(lambda: "Read again" in log.read_text())
            os.close(ours)
            assert service.wait(PATIENCE) == 0
        finally:
            service.kill()
    assert "Server Shut Down" in log.read_text()


def test_under_nohup_a_hang_up_stays_ignored() -> None:
    with started(["nohup", TWISTD, "-n", "--pidfile=", "roulette", *on()]) as server:
        status = Path(f"/proc/{server.process.popen.pid}/status").read_text()
        (ignored,) = re.findall(r"^SigIgn:\t(\w+)$", status, re.M)
        assert int(ignored, 16) >> signal.SIGHUP - 1 & 1
