import os
import re
import signal
import subprocess
import termios

from websockets.sync.client import ClientConnection, connect

from roulette.ops.keys import authorized_keys, fingerprint
from roulette.ops.verbs import verbs
from tests.ops.every_verb import EVERY, GUEST
from tests.ops.shell import UNSPEAKABLE, Operator, serving
from tests.processes import PATIENCE
from tests.service import Service


def heard(guest: ClientConnection, text: str) -> bool:
    """Say whether a guest is told ``text`` before long."""
    while guest.recv(PATIENCE) != text:
        pass
    return True


def test_a_key_opens_and_the_pairs_are_shown(
    operator: Operator, service: Service, pair: tuple[ClientConnection, ClientConnection]
) -> None:
    pair[0].send(UNSPEAKABLE)
    assert heard(pair[1], UNSPEAKABLE)
    shown = operator.ssh(service, "admin.pairs()")
    assert (shown.returncode, shown.stderr.count("\n")) == (0, 1), shown.stderr
    head, row, count = shown.stdout.splitlines()
    assert head.split() == ["one", "other", "messages", "absent", "chat"]
    assert count == "(1)"
    (data,) = operator.ask(service, "admin.pairs()")
    assert row.split() == [data["one"], data["other"], "1", "no", data["chat"]]
    assert data["messages"] == 1


def test_every_verb_is_given(operator: Operator) -> None:
    assert set(EVERY) == set(verbs()), "a verb without a test"
    with (
        serving(operator.folder) as service,
        connect(service.ws),
        connect(service.ws),
    ):
        guest = operator.ask(service, "admin.guests()")[0]["guest"]
        lines = [given.line(verb, guest) for verb, given in EVERY.items()]
        shown = operator.ssh(service, "-tt", "", typed="".join(f"{line}\r" for line in lines))
    assert shown.returncode == 0
    (key,) = authorized_keys(operator.folder / "keys")
    for line, given in zip(lines, EVERY.values(), strict=True):
        _, _, answer = shown.stdout.partition(f"{line}\n")
        assert given.shows.replace(GUEST, guest) in answer.partition(">>> ")[0], shown.stdout
        who = f"b'somebody' with {fingerprint(key)}"
        assert f"{who} gives {given.logs.replace(GUEST, guest)}\n" in service.log


def test_a_trace_is_shown_as_it_happens(
    operator: Operator, service: Service, pair: tuple[ClientConnection, ClientConnection]
) -> None:
    guest = operator.ask(service, "admin.guests()")[0]["guest"]
    with subprocess.Popen(
        operator.command(service, f"admin.trace({guest!r})"),
        cwd=operator.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as client:
        assert client.stdout is not None
        assert "watched" in client.stdout.readline() + client.stdout.readline()
        pair[0].send(UNSPEAKABLE)
        assert "asks   message" in client.stdout.readline()
        pair[0].close()
        *_, left, count = client.stdout
        assert (left.split()[1:3], count[0]) == (["has", "left"], "(")
        assert client.wait(PATIENCE) == 0


def test_what_is_announced_arrives(
    operator: Operator, service: Service, pair: tuple[ClientConnection, ClientConnection]
) -> None:
    said = operator.ssh(service, f"admin.announce('Zażółć jaźń 🎉 {UNSPEAKABLE}')")
    assert said.stdout.split() == ["told", "2"]
    assert all(heard(guest, f"* Zażółć jaźń 🎉 {UNSPEAKABLE}") for guest in pair)


def test_who_is_kicked_is_gone(
    operator: Operator, service: Service, pair: tuple[ClientConnection, ClientConnection]
) -> None:
    one = operator.ask(service, "admin.guests()")[0]["guest"]
    assert operator.ssh(service, f"admin.kick({one[:12]!r})").stdout.split() == ["kicked", one]
    assert operator.ask(service, "admin.status()")["guests"] == 1
    again = operator.ssh(service, f"admin.kick({one!r})")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.endswith(f"there is no guest {one!r}\n")


def test_a_bad_line_is_told_without_a_traceback(office: tuple[Operator, Service]) -> None:
    operator, service = office
    for line, error in [
        ("admin.guest(7)", "a guest is named by its id, or by the beginning of it, in quotes"),
        (
            "admin.kick()",
            "kick: missing a required argument: 'guest_id'",
        ),
        ("1/0", "ZeroDivisionError: division by zero"),
        ("nonsense", "NameError: name 'nonsense' is not defined"),
        ("for guest in lobby.guests:", "the line is not complete"),
        ("two words", "SyntaxError: invalid syntax"),
    ]:
        answer = operator.ssh(service, line)
        assert answer.returncode == 1
        assert answer.stderr.splitlines()[-1] == error
        assert "Traceback" not in answer.stderr
    deeper = operator.ssh(service, "lobby.kick('nobody', 0)")
    assert "Traceback" in deeper.stderr


def test_help_names_every_verb(office: tuple[Operator, Service]) -> None:
    operator, service = office
    shown = operator.ssh(service, "help()").stdout
    named = [re.split(r"  +", line)[0] for line in shown.splitlines()]
    assert named[:3] == ["factory", "lobby", "admin"]
    assert {name.partition("(")[0] for name in named[3:-1]} == {f"admin.{verb}" for verb in EVERY}
    assert {"admin.kick(guest_id)", "admin.limits(changes)"} <= set(named)
    assert named[-1] == "help(thing)"
    assert all(re.search(r"  +[A-Z].*\.$", line) for line in shown.splitlines())
    assert operator.ssh(service, "help(admin)").stdout.splitlines() == shown.splitlines()[3:-1]
    assert "Send a guest away" in operator.ssh(service, "help(admin.kick)").stdout


def test_a_reload_says_what_has_changed_and_each_mistake(operator: Operator) -> None:
    config = operator.folder / "roulette.toml"
    config.write_text("grace = 30")
    with serving(operator.folder, "--config", "roulette.toml") as service:
        config.write_text('grace = 40\nsame-address = "deny"')
        facts = {"changed": ["grace"], "restart": ["same-address"]}
        assert operator.ask(service, "admin.reload()") == facts
        config.write_text("grace = -1\nprot = 80")
        refused = operator.ssh(service, "admin.reload()")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.splitlines()[-2:] == [
            f"{config}: grace: -1 is no number of seconds",
            f"{config}: prot: there is no such option: did you mean port?",
        ]


def test_a_prompt_on_a_terminal(
    operator: Operator, service: Service, pair: tuple[ClientConnection, ClientConnection]
) -> None:
    typed = (
        'admin.pairs()\rx = 1\rdef twice(n):\r    return 2 * n\r\rtwice(21)\radmin.kick("?")\r'
        'admin.announce("unspeakable ż")\r\x1b[A\x7f\x7f!")\r\x04 too late'
    )
    shown = operator.ssh(service, "-tt", "", typed=typed)
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    table = lines.index(">>> \x1b[4hadmin.pairs()")
    assert lines[table + 1].split() == ["one", "other", "messages", "absent", "chat"]
    assert lines[table + 3] == "(1)"
    assert lines[lines.index(">>> twice(21)") + 1] == "42"
    assert lines[lines.index('>>> admin.kick("?")') + 1] == "there is no guest '?'"
    # The history and the backspace know characters from bytes.
    assert all(
        heard(guest, "* unspeakable ż") and heard(guest, "* unspeakable ż!") for guest in pair
    )
    assert "too late" not in shown.stdout
    # A session has its own names.
    assert operator.ssh(service, "x").returncode == 1


def test_a_window_may_change_its_size(operator: Operator) -> None:
    screen, terminal = os.openpty()

    def shows(what: bytes) -> bool:
        seen = b""
        while what not in seen:
            seen += os.read(screen, 1024)
        return True

    with (
        serving(operator.folder) as service,
        subprocess.Popen(
            operator.command(service, ""),
            cwd=operator.folder,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        ) as client,
    ):
        os.close(terminal)
        assert shows(b">>> ")
        termios.tcsetwinsize(screen, (50, 132))
        client.send_signal(signal.SIGWINCH)
        os.write(screen, b"6 * 7\r")
        assert shows(b"42\r\n>>> ")
        os.write(screen, b"\x04")
        assert client.wait(PATIENCE) == 0
    os.close(screen)


def test_a_prompt_ends_without_ending_the_server(office: tuple[Operator, Service]) -> None:
    operator, service = office
    for end in ("", "\x04", "exit()\r", "quit()\r", "raise SystemExit\r"):
        shown = operator.ssh(service, "-tt", "", typed=f"6 * 7\r{end}")
        assert (shown.returncode, shown.stdout.splitlines()[2]) == (0, "42")
        assert operator.ask(service, "1") == 1


def test_a_prompt_needs_a_terminal(office: tuple[Operator, Service]) -> None:
    operator, service = office
    shown = operator.ssh(service, "", typed="6 * 7\n")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.endswith("a prompt needs a terminal: ssh -t; or give one line to run\n")


def test_nothing_is_forwarded(office: tuple[Operator, Service]) -> None:
    operator, service = office
    refused = operator.ssh(service, "-W", f"127.0.0.1:{service.port}", "")
    assert refused.returncode == 255
    assert "administratively prohibited: sessions only" in refused.stderr
    assert operator.ssh(service, "-s", "sftp").returncode == 255


def test_a_client_that_dies_and_a_server_that_stops_log_out(operator: Operator) -> None:
    def open_prompt(service: Service) -> "subprocess.Popen[bytes]":
        client = subprocess.Popen(
            operator.command(service, "-tt", ""),
            cwd=operator.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(b"6 * 7\r")
        client.stdin.flush()
        assert b"42\r\n" in client.stdout
        return client

    with serving(operator.folder) as service:
        with open_prompt(service) as dying:
            dying.kill()
        assert operator.ask(service, "1") == 1
        staying = open_prompt(service)
    with staying:
        assert staying.wait(PATIENCE) == 255
    assert re.findall("(Login|Logout) of", service.log) == ["Login", "Logout"] * 3
