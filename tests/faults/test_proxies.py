"""Behind real proxies: who is told to call is who calls, whatever they say of themselves."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.promises import Promises
from tests.needs import needs
from tests.processes import free_port, running
from tests.service import running as service_running
from tests.test_deploy import NAME, nginx_before

ONE_EACH = ("--per-address", "1", "--connect-rate", "0")
PATIENCE = 20.0

REAL, OTHER = "127.0.0.2", "127.0.0.3"

SPOOFS = [
    b"X-Forwarded-For: 6.6.6.6",
    b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 6.6.6.7",
    b"X-Forwarded-For: 6.6.6.6, 6.6.6.7,",
    b"X-Forwarded-For:",
    b"X-Forwarded-For: ,",
    b"X-Forwarded-For: unknown",
    b"X-Forwarded-For: [::1]:80",
    b"x-forwarded-for: 6.6.6.6",
    b"X_Forwarded_For: 6.6.6.6",
    b"X-Forwarded-For : 6.6.6.6",
    b"X-Real-IP: 6.6.6.6",
    b"Forwarded: for=6.6.6.6",
    b"X-Foo: a\r\n X-Forwarded-For: 6.6.6.6",
    b"X-Foo: a\nX-Forwarded-For: 6.6.6.6",
    b"X-Foo: a\rX-Forwarded-For: 6.6.6.6",
    *(
        b"X-Foo: a%cX-Forwarded-For: 6.6.6.6" % byte
        for byte in (0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x1F, 0x85, 0x00, 0x7F)
    ),
    b"X-Foo: a\xc2\x85X-Forwarded-For: 6.6.6.6",
    b"X-Foo: a\xe2\x80\xa8X-Forwarded-For: 6.6.6.6",
    b"Connection: X-Forwarded-For",
    b"PROXY TCP4 6.6.6.6 127.0.0.1 1 2",
]


def handshake(host: str, extra: bytes = b"") -> bytes:
    lines = [
        b"GET /ws HTTP/1.1",
        b"Host: " + host.encode(),
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *([extra] if extra else []),
    ]
    return b"\r\n".join([*lines, b"", b""])


@contextmanager
def calling(port: int, source: str, trust: ssl.SSLContext | None = None) -> Iterator[socket.socket]:
    """Connect from an address of this machine."""
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))
    with plain if trust is None else trust.wrap_socket(plain, server_hostname=NAME) as connection:
        yield connection


def status(connection: socket.socket, request: bytes) -> int:
    connection.sendall(request)
    try:
        return int(connection.recv(4096)[9:12] or b"0")
    except ConnectionError:
        return 0


def test_nobody_is_somebody_else_behind_nginx(tmp_path: Path, promises: Promises) -> None:
    with (
        service_running(*ONE_EACH, "--trusted-proxies", "1") as behind,
        nginx_before(behind.port, tmp_path) as site,
        calling(site.https, REAL, site.trust) as first,
    ):
        assert status(first, handshake(NAME)) == 101
        fooled = []
        for spoof in SPOOFS:
            with calling(site.https, REAL, site.trust) as again:
                told = status(again, handshake(NAME, spoof))
            # Either nginx or the service finds fault with it, or knows who it is.
            assert told in (101, 400, 429), spoof
            if told == 101:
                fooled.append(spoof)
        with calling(site.https, OTHER, site.trust) as somebody_else:
            assert status(somebody_else, handshake(NAME)) == 101
    promises.at_most(12, f"{len(SPOOFS)} forged addresses that are believed", len(fooled), 0)


@contextmanager
def haproxy_before(port: int, folder: Path) -> Iterator[tuple[int, int]]:
    """Run haproxy in front of the service at a port: with version 1 of the protocol, and 2."""
    first, second = free_port(), free_port()
    text = "defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n"
    for own, how in ((first, "send-proxy"), (second, "send-proxy-v2")):
        text += f"listen {how}\n bind 127.0.0.1:{own}\n server it 127.0.0.1:{port} {how}\n"
    (folder / "haproxy.cfg").write_text(text)
    with running([needs("haproxy"), "-W", "-f", str(folder / "haproxy.cfg")], "Loading success"):
        yield first, second


def test_the_proxy_protocol_tells_who_calls(tmp_path: Path) -> None:
    port = free_port()
    endpoint = f"haproxy:tcp:{port}:interface=127.0.0.1"
    with (
        service_running(*ONE_EACH, "--port", endpoint) as behind,
        haproxy_before(port, tmp_path) as fronts,
    ):
        assert "(PROXY) starting on" in behind.log
        for front in fronts:
            with calling(front, REAL) as first, calling(front, REAL) as second:
                assert status(first, handshake("localhost")) == 101
                assert status(second, handshake("localhost", SPOOFS[0])) == 429
                with calling(front, OTHER) as somebody_else:
                    assert status(somebody_else, handshake("localhost")) == 101
            with calling(front, OTHER) as page:
                assert status(page, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == 200
        with calling(port, REAL) as around_it:
            assert status(around_it, handshake("localhost")) == 0
