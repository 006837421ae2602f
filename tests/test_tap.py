import time
from pathlib import Path

import pytest
from twisted.internet.base import ReactorBase
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.testing import MemoryReactorClock

from roulette.core.pool import SameAddress
from roulette.tap import CannotStart, Options, endpoint_description, makeService, packaged_page


def options(*arguments: str) -> Options:
    parsed = Options()
    parsed.parseOptions(arguments)
    return parsed


def test_the_defaults() -> None:
    parsed = options()
    assert parsed["port"] == ["tcp:8080:backlog=1024"]
    assert parsed["static"] == packaged_page()
    assert parsed["grace"] == 30.0
    assert parsed["same-address"] is SameAddress.ALLOW


@pytest.mark.parametrize(
    ("port", "interface", "description"),
    [
        ("8080", None, "tcp:8080:backlog=1024"),
        ("0", None, "tcp:0:backlog=1024"),
        ("8080", "127.0.0.1", "tcp:8080:interface=127.0.0.1:backlog=1024"),
        ("tcp:80:interface=::1", None, "tcp:80:interface=::1:backlog=1024"),
        ("tcp:80:backlog=7", None, "tcp:80:backlog=7"),
        ("unix:/run/roulette", "127.0.0.1", "unix:/run/roulette"),
        ("systemd:domain=INET:name=http", None, "systemd:domain=INET:name=http"),
    ],
)
def test_a_port_is_a_number_or_an_endpoint(
    port: str, interface: str | None, description: str
) -> None:
    assert endpoint_description(port, interface) == description


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--port", "80800"], "roulette: --port: 80800 is no port: the highest is 65535"),
        (["--port", "-1"], "roulette: --port: '-1' is neither a port number nor"),
        (["--port", "http"], "roulette: --port: 'http' is neither a port number nor"),
        (["--port", "٨٠٨٠"], "roulette: --port: '٨٠٨٠' is neither a port number nor"),
        (["--port", ""], "roulette: --port: '' is neither a port number nor"),
        (["--port"], "roulette: option --port requires argument"),
        (["--prot", "80"], "roulette: option --prot not recognized"),
        (["--static", "/nowhere"], "roulette: --static: there is no index.html in /nowhere"),
        (["--grace", "soon"], "roulette: --grace: soon is no number of seconds"),
        (["--grace", "-1"], "roulette: --grace: -1 is no number of seconds"),
        (["--grace", "nan"], "roulette: --grace: nan is no number of seconds"),
        (["--grace", "inf"], "roulette: --grace: inf is no number of seconds"),
        (["--same-address", "maybe"], "roulette: --same-address: maybe is not one of allow"),
        (["surplus"], "roulette: Wrong number of arguments."),
    ],
)
def test_a_mistake_is_one_clear_line(arguments: list[str], complaint: str) -> None:
    with pytest.raises(CannotStart) as raised:
        options(*arguments)
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("port", ["foo:1", "tcp:eighty", "tcp:80:colour=red", "ssl:443"])
def test_an_endpoint_that_is_none_is_one_clear_line(port: str) -> None:
    with pytest.raises(CannotStart, match=r"roulette: .+") as raised:
        makeService(options("--port", port), MemoryReactorClock())
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("which", ["name=nothing", "index=7"])
def test_a_socket_that_systemd_did_not_open_is_one_clear_line(which: str) -> None:
    with pytest.raises(CannotStart, match="systemd has handed over no such socket"):
        makeService(options("--port", f"systemd:domain=INET:{which}"), MemoryReactorClock())


def test_every_port_is_served() -> None:
    reactor = MemoryReactorClock()
    service = makeService(options("--port", "8001", "--port", "tcp:8002"), reactor)
    service.startService()
    assert [server[0] for server in reactor.tcpServers] == [8001, 8002]
    assert {server[2] for server in reactor.tcpServers} == {1024}


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("ours")
    assert options("--static", str(tmp_path))["static"] == tmp_path


def test_twisteds_own_reactors_are_given_monotonic_time() -> None:
    reactor = EPollReactor()
    assert reactor.seconds() == pytest.approx(time.time(), abs=60)
    makeService(options(), reactor)
    assert reactor.seconds is time.monotonic
    assert ReactorBase.seconds is not time.monotonic
