import json
import re
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

import pytest
from twisted.conch.ssh.service import SSHService
from twisted.cred.credentials import SSHPrivateKey
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import LogEvent, formatEvent
from twisted.python.failure import Failure

from roulette.ops.keys import authorized_keys, fingerprint, host_key
from roulette.ops.seat import Seats
from roulette.tap import CannotStart, Options, makeService
from tests.openssh import ssh_keygen
from tests.ops.house import House
from tests.ops.shell import OPTIONS, UNSPEAKABLE, Operator, log_to, serving
from tests.processes import PATIENCE
from tests.service import Service


def test_only_keys_are_asked_for(office: tuple[Operator, Service]) -> None:
    operator, service = office
    for method in ("password", "keyboard-interactive", "hostbased,gssapi-with-mic"):
        refused = operator.ssh(service, "-o", f"PreferredAuthentications={method}", "1")
        assert refused.returncode == 255
        assert refused.stderr.endswith("Permission denied (publickey).\n")


def test_keys_come_and_go_without_a_restart(operator: Operator) -> None:
    own, other = (operator.folder / "id.pub").read_text(), ssh_keygen(operator.folder / "other")
    keys = operator.folder / "keys"
    with serving(operator.folder) as service:
        refused = operator.ssh(service, "1", key="other")
        assert refused.returncode == 255
        assert "Permission denied (publickey)" in refused.stderr
        keys.write_text(other)
        assert operator.ssh(service, "1", key="other").returncode == 0
        assert operator.ssh(service, "1").returncode == 255
        keys.write_text(f"{own}rubbish\n")
        assert operator.ssh(service, "1").returncode == 255
        keys.unlink()
        assert operator.ssh(service, "1").returncode == 255
    complaints = [line for line in service.log.splitlines() if "Nobody can log in: " in line]
    assert len(complaints) == 2
    assert f"{keys}: line 2 begins with 'rubbish'" in complaints[0]
    assert f"{keys}: No such file or directory" in complaints[1]


def test_logins_and_logouts_are_logged(operator: Operator) -> None:
    (key,) = authorized_keys(operator.folder / "keys")
    ssh_keygen(operator.folder / "other")
    with serving(operator.folder) as service:
        assert operator.ssh(service, f"admin.announce({UNSPEAKABLE!r})").returncode == 0
        assert operator.ssh(service, "1", key="other").returncode == 255
    for line in (
        f"#info] Login of b'somebody' with {fingerprint(key)}\n",
        f"#info] Logout of b'somebody' with {fingerprint(key)}\n",
        "#info] Announced something; guests told: 0\n",
        "#info] No login of b'somebody' with SHA256:",
    ):
        assert service.log.count(line) == 1, service.log


def test_the_host_key_survives_a_restart(operator: Operator) -> None:
    own_key = operator.folder / "own_key"
    with serving(operator.folder) as service:
        assert operator.ssh(service, "1").returncode == 0
    made = own_key.read_bytes()
    assert S_IMODE(own_key.stat().st_mode) == 0o600
    with serving(operator.folder) as service:
        known = operator.ssh(service, "-o", "StrictHostKeyChecking=yes", "1")
        assert known.returncode == 0, known.stderr
    assert own_key.read_bytes() == made
    assert S_IMODE(own_key.stat().st_mode) == 0o600


def test_ssh_audit_finds_no_failure(office: tuple[Operator, Service]) -> None:
    _, service = office
    port = str(service.port_of("ManholeFactory"))
    program = str(Path(sys.executable).with_name("ssh-audit"))
    audit = subprocess.run(
        [program, "--skip-rate-test", "-j", "-p", port, "127.0.0.1"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    report = json.loads(audit.stdout)
    found = {kind: {row["algorithm"] for row in report[kind]} for kind in ("key", "enc", "mac")}
    assert found == {
        "key": {"ssh-ed25519"},
        "enc": {"aes256-ctr", "aes192-ctr", "aes128-ctr"},
        "mac": {"hmac-sha2-512", "hmac-sha2-256"},
    }
    rows = [row for kind in ("kex", "key", "enc", "mac") for row in report[kind]]
    assert "curve25519-sha256" in {row["algorithm"] for row in rows}
    assert [row for row in rows if row["notes"].get("fail")] == []
    assert report["cves"] == []


def test_a_number_means_this_machine_only(office: tuple[Operator, Service]) -> None:
    _, service = office
    port = service.port_of("ManholeFactory")
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as here:
        assert here.recv(4) == b"SSH-"
    # On 0.0.0.0 this would be accepted: all of 127/8 is this machine.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), PATIENCE)


def test_what_is_no_ssh_leaves_one_line_and_hurts_nobody(operator: Operator) -> None:
    no_packet = b"\x00\x00\x00\x0c\x0a\x14" + bytes(64)
    with serving(operator.folder) as service:
        port = service.port_of("ManholeFactory")
        for sent in (b"GET / HTTP/1.1\r\n\r\n" * 400, b"SSH-9\r\n", b"SSH-2.0-x\r\n" + no_packet):
            with (
                socket.create_connection(("127.0.0.1", port), PATIENCE) as stranger,
                suppress(ConnectionResetError),
            ):
                stranger.sendall(sent)
                while stranger.recv(4096):
                    pass
        assert operator.ask(service, "1") == 1
    assert service.log.count("Broken SSH before a login") == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--manhole", "0"], "--manhole, --authorized-keys, --host-key go together"),
        (["--host-key", "own_key"], "--manhole, --authorized-keys, --host-key go together"),
        (
            ["--manhole", "x", "--authorized-keys", "keys", "--host-key", "own_key"],
            "--manhole: 'x' is neither a port number nor an endpoint such as tcp:8080",
        ),
        (
            ["--manhole", "0", "--authorized-keys", "nowhere", "--host-key", "own_key"],
            "--authorized-keys: {}/nowhere: No such file or directory",
        ),
        (
            ["--manhole", "0", "--authorized-keys", "id", "--host-key", "own_key"],
            "--authorized-keys: {}/id: line 1 begins with '-----BEGIN'",
        ),
    ],
)
def test_a_mistake_in_the_options_is_one_line(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, options: list[str], complaint: str
) -> None:
    monkeypatch.chdir(operator.folder)
    with pytest.raises(CannotStart) as refused:
        Options().parseOptions(options)
    (said,) = str(refused.value).splitlines()
    assert said.startswith(f"roulette: {complaint.format(operator.folder)}")
    assert not (operator.folder / "own_key").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--host-key", "nowhere/key"), "--host-key: {}/nowhere/key: there is no folder"),
        (("--manhole", "nonsense:1"), "nonsense:1:"),
    ],
)
def test_what_cannot_be_made_is_one_line(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, options: tuple[str, str], complaint: str
) -> None:
    monkeypatch.chdir(operator.folder)
    parsed = Options()
    parsed.parseOptions([*OPTIONS, *options])
    with pytest.raises(CannotStart) as refused:
        makeService(parsed, MemoryReactorClock())
    (said,) = str(refused.value).splitlines()
    assert said.startswith(f"roulette: {complaint.format(operator.folder)}")


def test_what_cannot_start_ends_with_one_line(operator: Operator) -> None:
    with (
        pytest.raises(RuntimeError) as failed,
        serving(operator.folder, "--host-key", "nowhere/key"),
    ):
        pass
    printed = str(failed.value).splitlines()
    assert printed.pop(0).endswith("did not become ready:")
    (said,) = [line for line in printed if not re.match(r"[-\d]+T[:\d]+\+0000 \[", line)]
    assert said.startswith(f"roulette: --host-key: {operator.folder}/nowhere/key: there is no")


def test_the_reactor_is_installed_by_nothing_that_the_command_line_imports() -> None:
    code = "import roulette.tap, sys; sys.exit('twisted.internet.reactor' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_stranger_s_name_makes_no_long_line(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here, since it installs the reactor.
    from roulette.ops.manhole import KeyFile

    events: list[LogEvent] = []
    monkeypatch.setattr(KeyFile, "_log", log_to(events))
    stranger = host_key(operator.folder / "strangers_key").public()
    credentials = SSHPrivateKey(b"x" * 1_000_000, b"ssh-ed25519", stranger.blob(), None, None)
    refused = KeyFile(operator.folder / "keys").requestAvatarId(credentials)
    failures: list[Failure] = []
    refused.addErrback(failures.append)
    assert failures[0].check(UnauthorizedLogin)
    (line,) = map(formatEvent, events)
    assert line.startswith("No login of b'xxx")
    assert len(line) < 200


def test_strangers_are_few_and_must_hurry(operator: Operator, house: House) -> None:
    # Here, since it installs the reactor.
    from roulette.ops.manhole import LOGIN_WITHIN, STRANGERS, ManholeFactory, Transport

    clock = Clock()
    own_key = host_key(operator.folder / "own_key")
    factory = ManholeFactory(Seats(house.admin, {}), operator.folder / "keys", own_key, clock)
    factory.doStart()

    def come() -> tuple[Transport, StringTransport]:
        protocol, transport = factory.buildProtocol(None), StringTransport()
        protocol.makeConnection(transport)
        return protocol, transport

    strangers = [come() for _ in range(STRANGERS)]
    assert factory.buildProtocol(None) is None
    gone, _ = strangers.pop()
    gone.connectionLost()
    known, transport = strangers.pop()
    known.avatar = known.logoutFunction = lambda: None
    known.setService(SSHService())
    strangers += [come(), come()]
    assert factory.buildProtocol(None) is None
    clock.advance(LOGIN_WITHIN - 1)
    assert not any(transport.disconnected for _, transport in strangers)
    clock.advance(1)
    assert all(transport.disconnected for _, transport in strangers)
    assert not transport.disconnected
    for protocol, _ in [*strangers, (known, transport)]:
        protocol.connectionLost()
    assert clock.getDelayedCalls() == []
    factory.doStop()
