"""What may be said on the command line."""

from pathlib import Path

import pytest
from twisted.python import usage

from roulette.core.pool import SameAddress
from roulette.options import CannotStart, endpoint_description
from roulette.web.brand import Brand
from tests.memory import options


def test_the_defaults() -> None:
    parsed = options()
    assert parsed["port"] == ["tcp:8080:backlog=1024"]
    assert parsed["static"] is None
    assert parsed["brand"] == Brand(title="roulette", motd="", rules="")
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
        (["--static", "/nowhere"], "roulette: --static: '/nowhere' is no folder"),
        (["--static", __file__], f"roulette: --static: '{__file__}' is no folder"),
        (["--static", ""], "roulette: --static: '' is no folder"),
        (["--title", ""], "roulette: --title: a title is one line of text"),
        (["--title", "two\nlines"], "roulette: --title: a title is one line of text"),
        (["--title", "x" * 41], "roulette: --title: a title has at most 40 characters, not 41"),
        (["--motd", "/nowhere"], "roulette: --motd: /nowhere: No such file or directory"),
        (["--motd", "/"], "roulette: --motd: /: this is no file"),
        (["--rules", "/nowhere"], "roulette: --rules: /nowhere: No such file or directory"),
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


def test_a_folder_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page").mkdir()
    # A daemon may be in another folder when it serves it.
    assert options("--static", "page")["static"] == tmp_path / "page"


def test_the_brand_is_read_again_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "motd").write_text("today")
    (tmp_path / "rules").write_text("Be kind")
    monkeypatch.chdir(tmp_path)
    parsed = options("--title", "Tea", "--motd", "motd", "--rules", "rules")
    monkeypatch.chdir("/")
    assert parsed["brand"] == Brand("Tea", "today", "Be kind")
    (tmp_path / "motd").write_text("tomorrow")
    assert parsed.read_brand() == Brand("Tea", "tomorrow", "Be kind")
    (tmp_path / "rules").write_text("")
    with pytest.raises(usage.UsageError, match=r"--rules: .*: there is no rule in it"):
        parsed.read_brand()
