import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from twisted.internet import endpoints
from twisted.internet.base import ReactorBase
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.testing import MemoryReactorClock
from twisted.python.systemd import ListenFDs

from roulette.ops.drain import CLOSE_WITHIN, DRAIN_TIMEOUT, Drain
from roulette.tap import CannotStart, makeService
from tests.memory import options


@pytest.mark.parametrize(
    ("port", "why"),
    [
        ("foo:1", "Unknown endpoint type: 'foo'"),
        ("tcp:eighty", "tcp:eighty: invalid literal for int() with base 10: 'eighty'"),
        ("tcp:80:colour=red", "colour"),
        ("tcp:80:interface=::1", r"a colon within a value is written \:"),
        ("ssl:443", "No such file or directory"),
        ("ssl:0:privateKey=none.pem:certKey=none.pem", "No such file or directory"),
        (
            "ssl:0:privateKey=bad.pem:certKey=bad.pem",
            "no key or no certificate in such a file, or the key has a passphrase",
        ),
    ],
)
def test_an_endpoint_that_is_none_is_one_clear_line(
    port: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.pem").write_text("no key\n")
    with pytest.raises(CannotStart, match=rf"roulette: .*{re.escape(why)}") as raised:
        makeService(options("--port", port), MemoryReactorClock())
    assert "\n" not in str(raised.value)


def test_a_line_ends_somewhere_whatever_the_endpoint() -> None:
    with pytest.raises(CannotStart) as raised:
        makeService(options("--port", f"{'x' * 10_000}:1"), MemoryReactorClock())
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("which", ["name=nothing", "index=7"])
def test_a_socket_that_systemd_did_not_open_is_one_clear_line(which: str) -> None:
    with pytest.raises(CannotStart, match="systemd has handed over no such socket"):
        makeService(options("--port", f"systemd:domain=INET:{which}"), MemoryReactorClock())


@pytest.mark.parametrize(("option", "pairs_have"), [("--port", 0.0), ("--admin", DRAIN_TIMEOUT)])
def test_pairs_go_at_once_only_if_guests_wait_on_the_socket(
    option: str, pairs_have: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The endpoint closes it, as it makes its own.
    held = socket.socket().detach()
    monkeypatch.setattr(endpoints._SystemdParser, "_sddaemon", ListenFDs([held], ["held"]))
    (tmp_path / "passwords").touch(0o600)
    (tmp_path / "passwords").write_text(f"anna:$2b$04${'a' * 53}")
    passwords = ("--admin-passwords", str(tmp_path / "passwords")) if option == "--admin" else ()
    where = options(option, "systemd:domain=INET:name=held", *passwords)
    service = makeService(where, MemoryReactorClock())
    service.startService()
    (drain,) = (each for each in service if isinstance(each, Drain))
    drain.signalled()
    assert drain.stops_within == pairs_have + CLOSE_WITHIN
    service.stopService()


def test_every_port_is_served() -> None:
    reactor = MemoryReactorClock()
    service = makeService(options("--port", "8001", "--port", "tcp:8002"), reactor)
    service.startService()
    assert [server[0] for server in reactor.tcpServers] == [8001, 8002]
    assert {server[2] for server in reactor.tcpServers} == {1024}


def test_twisteds_own_reactors_are_given_monotonic_time() -> None:
    reactor = EPollReactor()
    assert reactor.seconds() == pytest.approx(time.time(), abs=60)
    makeService(options(), reactor)
    assert reactor.seconds is time.monotonic
    assert ReactorBase.seconds is not time.monotonic


def test_metrics_that_nobody_asks_for_are_not_loaded() -> None:
    code = "import sys, roulette.tap; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert "prometheus_client" not in loaded.stdout.split()
