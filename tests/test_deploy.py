import json
import os
import re
import signal
import ssl
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection
from threading import Thread
from time import monotonic, sleep
from typing import NamedTuple

import pytest
import trustme
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from roulette import config
from roulette.ops.command import DEFAULT
from roulette.options import GROUPS, IN_FILE, OPTIONS
from roulette.wire.v1 import SUBPROTOCOL
from tests import service
from tests.manager import hearing
from tests.memory import options
from tests.needs import needs
from tests.processes import PATIENCE, free_port, outlived, running
from tests.trust import trusting

DEPLOY = Path(__file__).parent.parent / "deploy"
NAME = "chat.example.org"


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """Copy the units, with the programs of this environment in the place of /opt/roulette's."""
    copies = []
    for unit in ("roulette.service", "roulette.socket"):
        copy = tmp_path / unit
        text = (DEPLOY / unit).read_text()
        copy.write_text(text.replace("/opt/roulette/bin", str(service.BIN)))
        copies.append(str(copy))
    return copies


def test_systemd_understands_every_line_of_the_units(units: list[str]) -> None:
    verify = subprocess.run(
        [needs("systemd-analyze"), "verify", *units], capture_output=True, text=True
    )
    assert [line for line in verify.stderr.splitlines() if "roulette" in line] == []
    assert verify.returncode == 0, verify.stderr


def test_the_service_is_exposed_no_more_than_1_5_of_10(units: list[str]) -> None:
    security = subprocess.run(
        [needs("systemd-analyze"), "security", "--offline=true", "--threshold=15", units[0]],
        capture_output=True,
        text=True,
    )
    assert security.returncode == 0, security.stdout[-200:] + security.stderr


@pytest.mark.parametrize("reactor", service.REACTORS)
def test_the_service_takes_the_socket_that_systemd_opened(reactor: str, tmp_path: Path) -> None:
    (started,) = re.findall(
        r"^ExecStart=\S+ (.+)$", (DEPLOY / "roulette.service").read_text(), re.M
    )
    (name,) = re.findall(
        r"^FileDescriptorName=(.+)$", (DEPLOY / "roulette.socket").read_text(), re.M
    )
    said = (DEPLOY / "roulette.toml").read_text()
    assert f'"{DEFAULT}"' in said
    (tmp_path / "roulette.toml").write_text(said.replace(str(Path(DEFAULT).parent), str(tmp_path)))
    started = started.replace("/etc/roulette.toml", str(tmp_path / "roulette.toml"))
    started = started.replace("${STATE_DIRECTORY}", str(tmp_path))
    port = free_port()
    activate = [needs("systemd-socket-activate"), "-l", f"127.0.0.1:{port}", f"--fdname={name}"]
    with hearing(tmp_path) as manager:
        activate += ["-E", f"NOTIFY_SOCKET={manager.address}"]
        command = [*activate, *service.twistd(reactor), *started.split()]
        with (
            running(command, "Listening on") as process,
            connect(
                f"ws://127.0.0.1:{port}/ws",
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                open_timeout=20,
            ) as guest,
        ):
            assert manager.until("READY")["STATUS"].startswith("0 guests")
            guest.send('{"type": "hello"}')
            assert json.loads(guest.recv(timeout=10))["type"] == "welcome"
            process.popen.terminate()
            with pytest.raises(ConnectionClosed) as closed:
                guest.recv(timeout=10)
            # Not 1001: the socket is still there, and whoever calls it starts the service again.
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            manager.until("STOPPING")
    assert "Traceback" not in process.log
    assert "<6>[twisted.scripts._twistd_unix.UnixAppLogger#info] Server Shut Down" in process.log


def test_the_file_of_options_has_each_with_what_counts_if_nothing_is_said(tmp_path: Path) -> None:
    text = (DEPLOY / "roulette.toml").read_text()
    # It can be used as it is.
    assert options("--config", str(DEPLOY / "roulette.toml"))["trusted-proxies"] == 1
    said = tomllib.loads(re.sub(r"^# (?=[a-z-]+ = )", "", text, flags=re.M))
    assert list(said) == IN_FILE
    for name, value in said.items():
        option = OPTIONS[name]
        assert config.texts(option.kind, value, many=option.many)
        if not option.unsaid and name != "trusted-proxies":
            assert str(value) == option.default_shown
    headings = [heading for heading in GROUPS if f"\n# {heading}\n" in text]
    assert headings == list(GROUPS)
    for paragraph in text.split("\n\n"):
        *comment, last = paragraph.splitlines()
        name = last.removeprefix("# ").partition(" = ")[0]
        if name in OPTIONS:
            assert ("(restart)" in " ".join(comment)) is not OPTIONS[name].live


def test_logrotate_takes_the_log_away_and_not_a_line_is_lost(tmp_path: Path) -> None:
    rules, log, pidfile = tmp_path / "rules", tmp_path / "roulette.log", tmp_path / "pid"
    text = (DEPLOY / "roulette.logrotate").read_text()
    for old, new in {
        "/var/log/roulette/": f"{tmp_path}/",
        "/run/roulette.pid": str(pidfile),
    }.items():
        assert old in text
        text = text.replace(old, new)
    rules.write_text(text)
    rules.chmod(0o644)
    rotate = [needs("logrotate"), "--force", "--state", str(tmp_path / "state"), str(rules)]
    where = [f"--pidfile={pidfile}", f"--logfile={log}"]
    json_lines = ["--port", "tcp:0:interface=127.0.0.1", "--log-format", "json"]
    with outlived() as kept:
        subprocess.run(
            [service.TWISTD, *where, "roulette", *json_lines], check=True, pass_fds=[kept]
        )
        pid = int(pidfile.read_text())
        try:
            rotated = subprocess.run(rotate, capture_output=True, text=True)
            assert (rotated.returncode, rotated.stderr) == (0, "")
            opened(log, pid)
        finally:
            os.kill(pid, signal.SIGTERM)
    before, after = (
        [json.loads(line)["message"] for line in each.read_text().splitlines()]
        for each in (tmp_path / "roulette.log.1", log)
    )
    assert "starting up" in before[2]
    assert "Draining; guests here: 0" in after
    assert after[-1] == "Server Shut Down."
    # By now the pidfile is gone, as the service is.
    rotated = subprocess.run(rotate, capture_output=True, text=True)
    assert (rotated.returncode, rotated.stderr) == (0, "")


def opened(file: Path, pid: int) -> None:
    """Return when a process has a file open at its path; raise TimeoutError if it never has."""
    deadline = monotonic() + PATIENCE
    while not _has_open(file, pid):
        if monotonic() > deadline:
            raise TimeoutError(file)
        sleep(0.05)  # there is no event to wait for: only the other process knows


def _has_open(file: Path, pid: int) -> bool:
    # One may be closed between the list and the look.
    with suppress(FileNotFoundError):
        return any(each.readlink() == file for each in Path(f"/proc/{pid}/fd").iterdir())
    return False


class Site(NamedTuple):
    """Where the deployed site answers, and how its certificate is verified."""

    http: int
    https: int
    trust: ssl.SSLContext


@pytest.fixture
def echo() -> Iterator[int]:
    """Serve the headers of each request, to HTTP and WebSocket clients alike."""

    def plain(connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/ws":
            return None
        return connection.respond(HTTPStatus.OK, str(request.headers))

    def talk(connection: ServerConnection) -> None:
        assert connection.request is not None
        connection.send(str(connection.request.headers))

    with serve(talk, "127.0.0.1", 0, process_request=plain) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join()


@contextmanager
def nginx_before(port: int, folder: Path) -> Iterator[Site]:
    """Run the deployed site in front of the service at a port, on free ports."""
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "both.pem"))
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trust = trusting(folder / "ca.pem")
    http, https = free_port(), free_port()

    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in {
        r"listen 80;": f"listen 127.0.0.1:{http};",
        r"listen 443 ssl;": f"listen 127.0.0.1:{https} ssl;",
        r"listen \[::\].*;": "",
        r"127\.0\.0\.1:8080": f"127.0.0.1:{port}",
        r"/etc/letsencrypt/live/\S+\.pem": str(folder / "both.pem"),
        r"/var/log/nginx": str(folder),
    }.items():
        text, count = re.subn(old, new, text)
        assert count > 0, old
    (folder / "site.conf").write_text(text)
    spools = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr notice;"
        f"events {{}} http {{ access_log {folder}/access.log; {spools} include site.conf; }}"
    )
    nginx = [needs("nginx"), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    tried = subprocess.run([*nginx, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    assert "warn" not in tried.stderr
    with running(nginx, "event method"):
        yield Site(http, https, trust)


@pytest.fixture
def site(tmp_path: Path, echo: int) -> Iterator[Site]:
    """Run the deployed site in front of the echo."""
    with nginx_before(echo, tmp_path) as site:
        yield site


def test_nginx_sends_everybody_to_tls(site: Site) -> None:
    with closing(HTTPConnection("127.0.0.1", site.http, timeout=10)) as connection:
        connection.request("GET", "/a?b", headers={"Host": "elsewhere.example.net"})
        answer = connection.getresponse()
        assert answer.status == HTTPStatus.MOVED_PERMANENTLY
        assert answer.headers["Location"] == f"https://{NAME}/a?b"


def test_nginx_hands_on_who_really_calls(site: Site) -> None:
    sock = create_connection(("127.0.0.1", site.https), timeout=10)
    with site.trust.wrap_socket(sock, server_hostname=NAME) as secure:
        secure.sendall(
            f"GET / HTTP/1.1\r\nHost: {NAME}\r\nX-Forwarded-For: 6.6.6.6\r\n"
            "Upgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n".encode()
        )
        answer = secure.makefile("r").read()
    assert answer.startswith("HTTP/1.1 200")
    assert "Strict-Transport-Security: max-age=" in answer
    assert re.findall("X-Forwarded-For: (.*)", answer) == ["127.0.0.1"]
    assert re.findall("\nConnection: (.*)", answer.partition("\n\n")[2]) == ["close"]


def guest(site: Site, **headers: str) -> ClientConnection:
    """Return a connection to ``/ws`` of the site that sends these headers too."""
    sock = create_connection(("127.0.0.1", site.https), timeout=10)
    address = f"wss://{NAME}:{site.https}/ws"
    client: ClientConnection = connect(
        address, sock=sock, ssl=site.trust, additional_headers=headers
    )
    return client


def test_nginx_lets_a_websocket_through_and_logs_no_address(site: Site, tmp_path: Path) -> None:
    with guest(site, **{"X-Forwarded-For": "6.6.6.6"}) as client:
        headers = str(client.recv(timeout=10))
    assert re.findall("X-Forwarded-For: (.*)\r", headers) == ["127.0.0.1"]
    assert re.findall("X-Forwarded-Proto: (.*)\r", headers) == ["https"]
    assert re.findall("Host: (.*)\r", headers) == [f"{NAME}:{site.https}"]
    assert [log.read_text() for log in tmp_path.glob("*.log")] == ["", ""]


def test_two_guests_talk_through_nginx(tmp_path: Path) -> None:
    with service.running(cwd=tmp_path) as behind, nginx_before(behind.port, tmp_path) as site:
        origin = f"https://{NAME}:{site.https}"
        with guest(site, Origin=origin) as anna, guest(site, Origin=origin) as ben:
            anna.send("zażółć")
            told = [ben.recv(timeout=10)]
            while str(told[-1]).startswith("* "):
                told.append(ben.recv(timeout=10))
            assert told[-1] == "zażółć"
        with pytest.raises(InvalidStatus, match="403"):
            guest(site, Origin="https://elsewhere.example.net")
