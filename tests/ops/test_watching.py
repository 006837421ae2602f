"""The admin listener of a real service, while people talk."""

import base64
import json
from http.client import HTTPConnection
from pathlib import Path
from socket import AF_UNIX, socket
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.faults.talk import SECRET, talking
from tests.ops.test_metrics import samples
from tests.ops.test_passwords import HASHED, WORD, header
from tests.processes import PATIENCE
from tests.service import Service, running

PAIRS, MESSAGES = 10, 400


def ask(service: Service, path: str, authorization: str = "") -> str:
    """Return what the listener answers."""
    url = f"http://127.0.0.1:{service.port_of('AdminSite')}{path}"
    headers = {"Authorization": authorization} if authorization else {}
    with urlopen(Request(url, headers=headers), timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
        return text


def test_the_counters_say_what_was_done(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(f"anna:{HASHED}\n")
    passwords.chmod(0o600)
    options = ("--admin", "0", "--admin-passwords", "passwords")
    with running(*options, cwd=tmp_path, last="AdminSite", complains=True) as service:
        for wrong in ("", header(password="wrong")):
            with pytest.raises(HTTPError, match="401"):
                ask(service, "/metrics", wrong)
        with talking(service.port, pairs=PAIRS, rate=20.0, messages=MESSAGES) as talk:
            found = samples(ask(service, "/metrics", header()))
            assert found["roulette_pairs", ""] == PAIRS
            assert found["roulette_guests", ""] == 2 * PAIRS
            assert found["process_open_fds", ""] > 2 * PAIRS
        assert talk.report.disturbed == 0
        found = samples(ask(service, "/metrics", header()))
        stats = json.loads(ask(service, "/stats.json?since=0", header()))
    assert found["roulette_messages_total", ""] == talk.report.sent == MESSAGES
    assert found["roulette_guests_arrived_total", ""] == 2 * PAIRS
    met = [found["roulette_wait_seconds_count", stage] for stage in ("topics", "languages")]
    assert met == [2 * PAIRS, 0]
    assert found["roulette_reactor_lag_seconds_count", ""] > 0
    assert found["roulette_log_events_total", "critical"] == 0
    assert found["roulette_log_events_total", "warn"] == 1, "the wrong password"
    assert stats["metrics"]["roulette_messages_total"] == MESSAGES
    for secret in (SECRET, WORD.decode(), base64.b64encode(WORD).decode(), "anna"):
        assert secret not in service.log


def test_a_unix_socket_needs_no_password(tmp_path: Path) -> None:
    with running("--admin", "unix:admin", cwd=tmp_path, last="AdminSite") as service:
        # Twisted logs that it listens before it does; when anything is answered, it does.
        urlopen(f"{service.url}/healthz", timeout=PATIENCE).close()
        connection = HTTPConnection("metrics.example.org")
        connection.sock = socket(AF_UNIX)
        connection.sock.connect(str(tmp_path / "admin"))
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert samples(answer.read().decode())["roulette_guests", ""] == 0
        connection.close()
