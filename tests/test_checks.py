"""What a value of an option must be."""

from pathlib import Path

import pytest

from roulette.checks import PORT, endpoint_description


@pytest.mark.parametrize(
    ("port", "interface", "description"),
    [
        ("8080", None, "tcp:8080:backlog=1024"),
        ("0", None, "tcp:0:backlog=1024"),
        ("8080", "127.0.0.1", "tcp:8080:interface=127.0.0.1:backlog=1024"),
        ("tcp:80:interface=::1", None, "tcp:80:interface=::1:backlog=1024"),
        ("tcp:80:backlog=7", None, "tcp:80:backlog=7"),
        ("tcp6:80", None, "tcp6:80:backlog=1024"),
        ("ssl:443:certKey=a", None, "ssl:443:certKey=a:backlog=1024"),
        ("haproxy:tcp:80", None, "haproxy:tcp:80:backlog=1024"),
        ("unix:/run/roulette", "127.0.0.1", "unix:/run/roulette"),
        ("systemd:domain=INET:name=http", None, "systemd:domain=INET:name=http"),
    ],
)
def test_a_port_is_a_number_or_an_endpoint(
    port: str, interface: str | None, description: str
) -> None:
    assert endpoint_description(port, interface) == description


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("8080", "8080"),
        ("tcp:80:interface=::1", "tcp:80:interface=::1"),
        ("unix:run/http", "unix:/et\\:c/run/http"),
        ("unix:address=run/http", "unix:address=/et\\:c/run/http"),
        ("unix:/run/http:mode=600", "unix:/run/http:mode=600"),
        (
            "ssl:443:privateKey=key.pem:certKey=/b.pem",
            "ssl:443:privateKey=/et\\:c/key.pem:certKey=/b.pem",
        ),
        (
            "ssl:443:extraCertChain=a.pem:dhParameters=b",
            "ssl:443:extraCertChain=/et\\:c/a.pem:dhParameters=/et\\:c/b",
        ),
    ],
)
def test_an_endpoint_names_files_from_where_it_is_written(said: str, meant: str) -> None:
    assert PORT.absolute(said, Path("/et:c")) == meant
