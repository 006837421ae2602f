"""A file of options: the same names, the same checks, and all its mistakes at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roulette import checks, config
from roulette.checks import Kind, as_said
from roulette.commandline import CannotStart
from roulette.config import FILE_BYTES, Mistakes
from roulette.options import IN_FILE, OPTIONS
from roulette.web.capacity import connections_for, open_files
from tests.memory import options

MISTAKES = """\
prot = 8080
max_guests = 100
colour = "red"
config = "more.toml"
port = [8080, 70000]
title = ""
motd = "nowhere"
rules = "empty"
static = "empty"
per-address = 1.5
connect-rate = -1
trusted-proxies = "1"
allowed-origin = ["https://a.example", "b.example"]
same-address = "perhaps"
message-rate = nan
skip-rate = true
frame-rate = 2026-01-01
grace = {seconds = 30}
drain-timeout = [10]
authorized-keys = "empty"

[guests]
max-guests = 100
"""

COMPLAINTS = """\
prot: there is no such option: did you mean port?
max_guests: there is no such option: did you mean max-guests?
colour: there is no such option
config: only the command line names a file of options
port: 70000 is no port: the highest is 65535
title: a title is one line of text
motd: {folder}/nowhere: No such file or directory
rules: {folder}/empty: there is no rule in it
static: {folder}/empty: Not a directory
per-address: this is a number with a fraction, not a whole number
connect-rate: -1 is neither 0 nor from 0.001 to 1000000 times a second
trusted-proxies: this is a text, not a whole number
allowed-origin: 'b.example' is no origin such as https://chat.example.org
same-address: perhaps is not one of allow, delay, deny
message-rate: nan is neither 0 nor from 0.001 to 1000000 times a second
skip-rate: this is true or false, not a number
frame-rate: this is a date or a time, not a number
grace: this is a table, not a number
drain-timeout: this is a list, not a number
authorized-keys: {folder}/empty: there is no key in it
guests: this is a table, and there are none: write each option as in grace = 30
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roulette.toml"


def complaints(*arguments: str) -> list[str]:
    with pytest.raises(CannotStart) as raised:
        options(*arguments)
    assert raised.value.code == str(raised.value)  # which Python prints, and exits with 1
    return str(raised.value).splitlines()


def test_more_than_twenty_mistakes_are_as_many_clear_lines(file: Path) -> None:
    file.write_text(MISTAKES)
    (file.parent / "empty").touch()
    expected = COMPLAINTS.format(folder=file.parent).splitlines()
    assert len(expected) == 21
    assert complaints("--config", str(file)) == [f"roulette: {file}: {line}" for line in expected]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"grace = \n", "Invalid value (at line 1, column 9)"),
        (b"title = 'a'\nport = 80 80", "Expected newline or end of document after a statement"),
        (b"grace = 1\ngrace = 2", "Cannot overwrite a value (at end of document)"),
        (b"port = " + b"[" * 5000, "lists within lists within lists"),
        (b"per-address = " + b"9" * 5000, "a number with thousands of digits"),
        (b"title = '\xff'", "this is not UTF-8"),
        (b"#" * (FILE_BYTES + 1), f"more than {FILE_BYTES} bytes"),
    ],
)
def test_what_is_no_toml_is_one_clear_line(file: Path, content: bytes, complaint: str) -> None:
    file.write_bytes(content)
    (line,) = complaints("--config", str(file))
    assert line.startswith(f"roulette: {file}: {complaint}")


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    for path, complaint in [
        (tmp_path / "nowhere", "No such file or directory"),
        (tmp_path, "this is no file"),
        (Path("/dev/zero"), "this is no file"),
    ]:
        assert complaints("--config", str(path)) == [f"roulette: {path}: {complaint}"]


def test_the_command_line_wins_and_both_are_checked(file: Path) -> None:
    file.write_text("grace = 40\nport = [8081, 'tcp:8082']\nallowed-origin = []")
    parsed = options("--config", str(file), "--grace", "50")
    assert (parsed["grace"], parsed["allowed-origin"]) == (50.0, [])
    assert parsed["port"] == ["tcp:8081:backlog=1024", "tcp:8082:backlog=1024"]
    assert options("--config", str(file), "--port", "80")["port"] == ["tcp:80:backlog=1024"]
    file.write_text("grace = -1\nprot = 80")
    assert complaints("--grace", "soon", "--config", str(file)) == [
        f"roulette: {file}: grace: -1 is no number of seconds",
        f"roulette: {file}: prot: there is no such option: did you mean port?",
        "roulette: --grace: soon is no number of seconds",
    ]


def test_options_that_go_together_may_be_said_in_different_places(file: Path) -> None:
    file.write_text("manhole = 2222")
    together = "roulette: --manhole, --authorized-keys, --host-key go together"
    assert complaints("--config", str(file)) == [together]


def test_paths_are_seen_from_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.joinpath("page").mkdir(parents=True)
    (there / "motd").write_text("Tea")
    (there / "roulette.toml").write_text(
        'static = "page"\nmotd = "motd"\nport = ["unix:http", "ssl:443:privateKey=both.pem"]'
    )
    monkeypatch.chdir(tmp_path)
    parsed = options("--config", "there/roulette.toml")
    assert (parsed["static"], parsed["motd"]) == (there / "page", "Tea")
    ports = [f"unix:{there}/http", f"ssl:443:privateKey={there}/both.pem"]
    assert list(map(as_said, parsed["port"])) == ports


PORTS = st.integers(0, 65535) | st.sampled_from(["tcp:80:interface=127.0.0.1", "unix:/a:b=c"])
ORIGINS = st.sampled_from(["https://a.example", "http://b.example:81"])
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    checks.GUESTS: st.integers(1, connections_for(open_files()) - 2),
    checks.HOW: st.sampled_from(["allow", "delay", "deny"]),
    checks.NUMBER: st.integers(0, 999_999_999),
    checks.ORIGIN: ORIGINS | st.lists(ORIGINS),
    checks.PORT: PORTS | st.lists(PORTS, min_size=1),
    checks.RATE: st.just(0) | st.integers(1, 1_000_000) | st.floats(0.001, 1e6),
    checks.SECONDS: st.integers(0, 10**30) | st.floats(0, allow_infinity=False),
    checks.TITLE: st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40),
}
"""Values that are valid and need no file, as TOML has them."""

SAYABLE = [name for name, option in OPTIONS.items() if option.kind in VALUES]


@settings(max_examples=50)
@given(st.data())
def test_the_file_and_the_command_line_mean_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.getbasetemp() / "same.toml"
    names = data.draw(st.lists(st.sampled_from(SAYABLE), unique=True))
    values = {name: data.draw(VALUES[OPTIONS[name].kind], name) for name in names}
    # Of these values JSON is TOML.
    file.write_text(
        "".join(
            f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items()
        )
    )
    said: list[str] = []
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            said += [f"--{name}", str(each)]
    written, typed = options("--config", str(file)), options(*said)
    assert {**written, "config": None} == {**typed, "config": None}


@settings(max_examples=50)
@given(
    st.binary(max_size=200)
    | st.dictionaries(
        st.sampled_from(IN_FILE) | st.text(max_size=5),
        st.recursive(
            st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
            st.lists,
            max_leaves=3,
        ),
    ).map(
        lambda said: "\n".join(f"{json.dumps(k)}={json.dumps(v)}" for k, v in said.items()).encode()
    )
)
def test_whatever_is_in_the_file_it_is_taken_or_complained_of(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    try:
        options("--config", str(file))
    except CannotStart as why:
        for line in str(why).split("\n"):
            assert line.startswith("roulette: ")
            assert line.isprintable()


def test_a_key_and_a_value_cannot_write_lines_of_their_own(file: Path) -> None:
    file.write_text('"a\\nb\\u001b" = 1\nsame-address = "c\\nd"\ntitle = "' + "x\u202e" * 900 + '"')
    key, value, long = complaints("--config", str(file))
    assert key.startswith(f"roulette: {file}: a\\nb\\x1b: there is no such option")
    assert value.endswith("c\\nd is not one of allow, delay, deny")
    assert "a title has at most 40 characters" in long


def test_a_nul_is_in_no_value(file: Path) -> None:
    # No file, socket or interface can have one in its name, and Python says so with a ValueError.
    for name, value in [
        ("port", "unix:a\\u0000"),
        ("host-key", "a\\u0000"),
        ("admin-socket", "a\\u0000"),
        ("title", "a\\u0000"),
    ]:
        file.write_text(f'{name} = "{value}"')
        complaint = f"roulette: {file}: {name}: there is a NUL character in it"
        assert complaints("--config", str(file)) == [complaint]


def test_a_message_ends_somewhere_and_says_what_is_wrong(file: Path) -> None:
    (line,) = Mistakes(["x" * 100_000]).lines
    assert len(line) == config.LINE
    file.write_text(f'port = "{"x" * 10_000}"')
    (complaint,) = complaints("--config", str(file))
    assert complaint.startswith(f"roulette: {file}: port: 'xxx")
    assert complaint.endswith("xxx' is neither a port number nor an endpoint such as tcp:8080")
