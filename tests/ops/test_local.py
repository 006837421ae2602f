import pytest

from roulette.ops.local import endpoint_is_local


@pytest.mark.parametrize(
    "description",
    [
        "tcp:9464:interface=127.0.0.1:backlog=1024",
        "tcp:9464:interface=127.8.8.8",
        r"tcp:9464:interface=\:\:1",
        r"tcp6:9464:interface=\:\:1",
        "ssl:9464:interface=127.0.0.1:privateKey=key",
        "unix:/run/roulette/admin",
        "systemd:domain=UNIX:name=admin",
    ],
)
def test_these_endpoints_are_local(description: str) -> None:
    assert endpoint_is_local(description)


@pytest.mark.parametrize(
    "description",
    [
        "tcp:9464",
        "tcp:9464:127.0.0.1",
        "tcp:9464:interface=0.0.0.0",
        "tcp:9464:interface=",
        "tcp:9464:interface=192.0.2.1",
        r"tcp:9464:interface=\:\:",
        "tcp:9464:backlog=5:interface=example.org",
        "systemd:domain=INET:name=admin",
        "haproxy:tcp:9464:interface=127.0.0.1",
        "onion:80",
    ],
)
def test_these_are_not_known_to_be(description: str) -> None:
    assert not endpoint_is_local(description)
