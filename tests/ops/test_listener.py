"""What the admin listener answers, and to whom."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from roulette.ops.history import COLUMNS, EVERY
from roulette.ops.listener import HEADERS, Listener
from roulette.ops.local import host_is_local
from roulette.ops.passwords import Passwords, matches
from roulette.web.site import admin_site
from tests.memory import World, ask, world
from tests.ops.test_passwords import HASHED, WORD, header
from tests.web.caller import Caller, asking

PATHS = ["/", "/metrics", "/stats.json", "/dashboard.js", "/uPlot.esm.js", "/uPlot.min.css"]


@pytest.fixture(scope="module")
def watched() -> Iterator[World]:
    with world("--admin", "9464") as watched:
        watched.reactor.run()
        yield watched


@pytest.mark.parametrize("path", PATHS)
def test_everything_is_there_and_carries_the_headers(watched: World, path: str) -> None:
    status, headers, body = ask(watched.others[0], path)
    assert (status, len(body)) == (200, int(headers["Content-Length"]))
    for name, value in HEADERS.items():
        assert headers[name] == value
    assert "Server" not in headers


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["gzip", "deflate, GZIP;q=0.5", "br,gzip ;q=1"])
def test_it_is_packed_for_who_can_unpack(watched: World, path: str, coding: str) -> None:
    _, headers, body = ask(watched.others[0], path, Accept_Encoding=coding)
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body)[:40] == ask(watched.others[0], path)[2][:40]


@pytest.mark.parametrize("coding", ["identity", "gzip;q=0", "gzip;q=0.000, br", "xgzip"])
def test_and_not_for_who_cannot(watched: World, coding: str) -> None:
    assert "Content-Encoding" not in ask(watched.others[0], "/", Accept_Encoding=coding)[1]


@pytest.mark.parametrize("path", PATHS)
def test_head_has_no_body(watched: World, path: str) -> None:
    status, headers, body = ask(watched.others[0], path, "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 100


@pytest.mark.parametrize("path", ["/nothing", "/metrics/", "/dashboard", "/index.html", "/../x"])
def test_there_is_nothing_else(watched: World, path: str) -> None:
    status, headers, _ = ask(watched.others[0], path)
    assert status == 404
    assert headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_is_only_looked_at(watched: World, method: str) -> None:
    assert ask(watched.others[0], "/metrics", method)[0] == 405


def test_the_chat_is_not_here_nor_the_metrics_there(watched: World) -> None:
    assert ask(watched.others[0], "/ws")[0] == 404
    assert ask(watched.site, "/metrics")[0] == ask(watched.site, "/stats.json")[0] == 404


def test_the_stats_say_what_was_since(watched: World) -> None:
    assert "history" not in json.loads(ask(watched.others[0], "/stats.json")[2])
    watched.advance(EVERY)
    watched.advance(EVERY)
    history = json.loads(ask(watched.others[0], "/stats.json?since=0")[2])["history"]
    assert history["columns"] == list(COLUMNS)
    first, second = history["rows"]
    assert second[0] - first[0] == pytest.approx(EVERY)
    later = json.loads(ask(watched.others[0], f"/stats.json?since={first[0]}")[2])
    assert later["history"]["rows"] == [second]
    for nonsense in ("x", "", "nan"):
        assert ask(watched.others[0], f"/stats.json?since={nonsense}")[0] == 200


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:9464", "127.0.0.1:80", "127.1.2.3", "[::1]:9"]
)
def test_who_asks_for_this_machine_is_answered(watched: World, host: str) -> None:
    assert host_is_local(host)
    assert ask(watched.others[0], "/metrics", Host=host)[0] == 200


def test_what_has_no_limit_is_null(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched.lobby, "max_guests", float("inf"))
    told = json.loads(ask(watched.others[0], "/stats.json")[2])
    assert told["metrics"]["roulette_guests_max"] is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example:9464",
        "127.0.0.1.evil.example",
        "192.0.2.1",
        "",
        "::",
    ],
)
def test_a_page_that_has_its_name_lead_here_is_not(watched: World, host: str) -> None:
    assert not host_is_local(host)
    status, _, body = ask(watched.others[0], "/stats.json", Host=host)
    assert (status, body) == (421, b"Ask for localhost.\n")


class Guarded:
    """A listener behind passwords, which are tried when it is said."""

    def __init__(self, world: World, folder: Path) -> None:
        path = folder / "passwords"
        path.write_text(f"anna:{HASHED}\n")
        path.chmod(0o600)
        self.trying: list[Callable[[], None]] = []
        listener: Any = world.others[0].resource
        passwords = Passwords(path, world.reactor.seconds, self._try)
        self.listener = Listener(listener._house, listener._history, passwords)
        self._site = admin_site(self.listener, HEADERS, world.site.refused, world.reactor)

    def call(self) -> Caller:
        return Caller(self._site)

    def try_all(self) -> None:
        trying, self.trying = self.trying, []
        for each in trying:
            each()

    def _try(self, password: bytes, hashed: bytes) -> "Deferred[bool]":
        tried: Deferred[bool] = Deferred()

        def go_on() -> None:
            if not tried.called:
                tried.callback(matches(password, hashed))

        self.trying.append(go_on)
        return tried


@pytest.fixture
def guarded(watched: World, tmp_path: Path) -> Guarded:
    return Guarded(watched, tmp_path)


def request(**headers: str) -> bytes:
    return asking("/metrics", Host="metrics.example.org", **headers)


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
def test_who_says_no_password_is_asked_for_it(guarded: Guarded, path: str) -> None:
    answer = guarded.call().say(asking(path, Host="localhost"))
    assert answer.startswith("HTTP/1.1 401 ")
    assert 'WWW-Authenticate: Basic realm="roulette"' in answer
    assert "Content-Security-Policy" in answer
    assert not guarded.trying


def test_who_knows_it_may_look_under_any_name(guarded: Guarded) -> None:
    caller = guarded.call()
    assert caller.say(request(Authorization=header())) == ""
    guarded.try_all()
    assert caller.transport.value().startswith(b"HTTP/1.1 200 ")
    assert guarded.call().say(request(Authorization=header())).startswith("HTTP/1.1 200 ")


def test_who_does_not_may_not_and_is_told_when_to_try_again(guarded: Guarded) -> None:
    caller = guarded.call()
    caller.say(request(Authorization=header(password="wrong")))
    guarded.try_all()
    answer = caller.transport.value()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"Retry-After: 2\r\n" in answer
    assert b"roulette_" not in answer


def test_who_has_hung_up_meanwhile_is_forgotten(guarded: Guarded) -> None:
    caller = guarded.call()
    caller.say(request(Authorization=header()))
    caller.lose()
    guarded.try_all()
    assert caller.transport.value() == b""


def test_nothing_of_a_password_is_kept_or_logged(guarded: Guarded) -> None:
    caller = guarded.call()
    caller.say(request(Authorization=header()))
    guarded.try_all()
    assert WORD not in repr(vars(guarded.listener._passwords)).encode()
