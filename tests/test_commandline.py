"""What may be said on the command line."""

from pathlib import Path

import pytest

from roulette.commandline import CannotStart
from roulette.config import Mistakes
from roulette.core.limits import Limits
from roulette.core.pool import SameAddress
from roulette.options import GROUPS, OPTIONS
from roulette.web.brand import Brand
from roulette.web.capacity import guests_for, open_files
from tests.memory import options


def test_the_defaults() -> None:
    parsed = options()
    assert parsed["port"] == ["tcp:8080:backlog=1024"]
    assert parsed["static"] is None
    assert parsed.brand() == Brand(title="roulette", motd="", rules="")
    assert parsed["grace"] == 30.0
    assert parsed["same-address"] is SameAddress.ALLOW
    assert parsed["max-guests"] == guests_for(open_files())
    assert (parsed["per-address"], parsed["connect-rate"]) == (20, 5.0)
    assert (parsed["trusted-proxies"], parsed["allowed-origin"]) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--port", "80800"], "roulette: --port: 80800 is no port: the highest is 65535"),
        (["--port", "-1"], "roulette: --port: '-1' is neither a port number nor"),
        (["--port", "http"], "roulette: --port: 'http' is neither a port number nor"),
        (["--port", "٨٠٨٠"], "roulette: --port: '٨٠٨٠' is neither a port number nor"),
        (["--port", "127.0.0.1:80"], "roulette: --port: say tcp:80:interface=127.0.0.1 instead of"),
        (["--port", "localhost:80"], "roulette: --port: say tcp:80:interface=localhost instead of"),
        (["--port", "[::1]:80"], r"roulette: --port: say tcp:80:interface=\:\:1 instead of"),
        (["--port", ""], "roulette: --port: '' is neither a port number nor"),
        (["--port"], "roulette: option --port requires argument"),
        (["--prot", "80"], "roulette: option --prot not recognized"),
        (["--static", "/nowhere"], "roulette: --static: /nowhere: No such file or directory"),
        (["--static", __file__], f"roulette: --static: {__file__}: Not a directory"),
        (["--static", ""], "roulette: --static: a name is missing"),
        (["--state", "/nowhere"], "roulette: --state: /nowhere: No such file or directory"),
        (["--title", ""], "roulette: --title: a title is one line of text"),
        (["--title", "two\nlines"], "roulette: --title: a title is one line of text"),
        (["--title", "x" * 41], "roulette: --title: a title has at most 40 characters, not 41"),
        (["--motd", "/nowhere"], "roulette: --motd: /nowhere: No such file or directory"),
        (["--motd", ""], "roulette: --motd: a name is missing"),
        (["--motd", "/"], "roulette: --motd: /: this is no file"),
        (["--rules", "/nowhere"], "roulette: --rules: /nowhere: No such file or directory"),
        (["--rules", "/dev/null"], "roulette: --rules: /dev/null: this is no file"),
        (["--grace", "soon"], "roulette: --grace: soon is no number of seconds"),
        (["--grace", "-1"], "roulette: --grace: -1 is no number of seconds"),
        (["--grace", "nan"], "roulette: --grace: nan is no number of seconds"),
        (["--grace", "inf"], "roulette: --grace: inf is no number of seconds"),
        (["--same-address", "maybe"], "roulette: --same-address: maybe is not one of allow"),
        (["--max-guests", "0"], "roulette: --max-guests: 0 is not between 1 and "),
        (["--max-guests", "all"], "roulette: --max-guests: all is no whole number"),
        (["--max-guests", "999999999"], "roulette: --max-guests: 999999999 is not between 1 and "),
        (["--per-address", "-1"], "roulette: --per-address: -1 is no whole number from 0"),
        (["--per-address", "1.5"], "roulette: --per-address: 1.5 is no whole number"),
        (["--connect-rate", "-1"], "roulette: --connect-rate: -1 is neither 0 nor from 0.001"),
        (["--connect-rate", "nan"], "roulette: --connect-rate: nan is neither 0 nor from 0.001"),
        (["--connect-rate", "inf"], "roulette: --connect-rate: inf is neither 0 nor from 0.001"),
        (["--trusted-proxies", "nginx"], "roulette: --trusted-proxies: nginx is no whole number"),
        (["--allowed-origin", "a.example"], "roulette: --allowed-origin: 'a.example' is no origin"),
        (["--allowed-origin", "null"], "roulette: --allowed-origin: 'null' is no origin"),
        (["--allowed-origin", "*"], "roulette: --allowed-origin: '*' is no origin"),
        (["--log-format", "xml"], "roulette: --log-format: xml is not one of text, json, journal"),
        (["--admin", "metrics"], "roulette: --admin: 'metrics' is neither a port number nor"),
        (["--admin", "tcp:9464"], "roulette: --admin: tcp:9464 can be reached from"),
        (["--admin", "systemd:domain=INET:index=1"], "roulette: --admin: systemd:domain=INET:"),
        (["--admin-passwords", "/nowhere"], "roulette: --admin-passwords: /nowhere: No such file"),
        (["surplus"], "roulette: 'surplus' is no option: is it part of a value that needs"),
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


def test_the_texts_are_read_again_with_everything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "motd").write_text("today")
    (tmp_path / "rules").write_text("Be kind")
    (tmp_path / "roulette.toml").write_text("grace = 7")
    monkeypatch.chdir(tmp_path)
    parsed = options(
        *("--title", "Tea", "--motd", "motd", "--rules", "rules", "--config", "roulette.toml")
    )
    monkeypatch.chdir("/")
    assert parsed.brand() == Brand("Tea", "today", "Be kind")
    (tmp_path / "motd").write_text("tomorrow")
    (tmp_path / "roulette.toml").write_text("grace = 8")
    again = parsed.again()
    assert again.brand() == Brand("Tea", "tomorrow", "Be kind")
    assert (parsed["grace"], again["grace"]) == (7.0, 8.0)
    (tmp_path / "rules").write_text("")
    (tmp_path / "roulette.toml").unlink()
    with pytest.raises(Mistakes) as raised:
        again.again()
    assert raised.value.lines == [
        f"{tmp_path}/roulette.toml: No such file or directory",
        f"--rules: {tmp_path}/rules: there is no rule in it",
    ]


def test_how_fast_guests_may_be() -> None:
    assert options().limits() == Limits()
    given = options("--message-rate", "2.5", "--skip-rate", "0", "--frame-rate", "9").limits()
    assert given == Limits(messages=2.5, skips=0.0, frames=9.0)
    for name in ("message-rate", "skip-rate", "frame-rate"):
        with pytest.raises(CannotStart, match=f"--{name}: -1 is neither 0 nor from 0.001"):
            options(f"--{name}", "-1")


def test_the_last_counts_of_what_may_not_be_repeated() -> None:
    assert options("--grace", "1", "--grace", "2")["grace"] == 2.0


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(CannotStart) as raised:
        options("--grace", "soon", "--port", "http", "--title", "")
    assert str(raised.value).splitlines() == [
        "roulette: --grace: soon is no number of seconds",
        "roulette: --port: 'http' is neither a port number nor an endpoint such as tcp:8080",
        "roulette: --title: a title is one line of text",
    ]


def test_the_help_fits_on_a_screen() -> None:
    lines = str(options()).splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 79
    for heading, group in GROUPS.items():
        assert f"{heading}:" in lines
        for option in group:
            (line,) = (line for line in lines if line[2:].startswith(f"--{option.name} "))
            assert option.meaning in line
            assert line.endswith(f" [{option.default_shown}]")
            assert line.startswith("*") is option.live


def test_the_defaults_in_the_help_are_those_in_force() -> None:
    parsed = options()
    for name, option in OPTIONS.items():
        if not option.unsaid:
            again = options(f"--{name}", option.default_shown)
            assert again[name] == parsed[name] == option.default


def test_metrics_are_for_this_machine_unless_there_are_passwords(tmp_path: Path) -> None:
    assert options()["admin"] is None
    assert options("--admin", "9464")["admin"] == "tcp:9464:interface=127.0.0.1:backlog=1024"
    assert options("--admin", "unix:/run/admin")["admin"] == "unix:/run/admin"
    passwords = tmp_path / "passwords"
    passwords.write_text(f"anna:$2y$05${'a' * 53}\n")
    passwords.chmod(0o600)
    from_elsewhere = options("--admin", "tcp:9464", "--admin-passwords", str(passwords))
    assert from_elsewhere["admin-passwords"] == passwords
    with pytest.raises(CannotStart, match="--admin-passwords is for --admin, which is not given"):
        options("--admin-passwords", str(passwords))
    passwords.write_text("anna:secret\n")
    with pytest.raises(CannotStart, match="line 1 is no name:hash") as raised:
        options("--admin", "9464", "--admin-passwords", str(passwords))
    assert "secret" not in str(raised.value)
