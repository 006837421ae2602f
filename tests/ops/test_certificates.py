"""Certificates that are replaced while the port is open."""

from pathlib import Path
from typing import Any

import pytest
import trustme
from twisted.internet.endpoints import serverFromString
from twisted.internet.testing import MemoryReactorClock

from roulette.ops.certificates import BadEndpoint, Certificate


def issue(folder: Path, certificate: str = "cert.pem", key: str = "key.pem") -> None:
    """Write the files of a new certificate."""
    authority = trustme.CA()
    issued = authority.issue_cert("roulette.example")
    issued.private_key_pem.write_to_path(folder / key)
    issued.cert_chain_pems[0].write_to_path(folder / certificate)
    authority.cert_pem.write_to_path(folder / "chain.pem")


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    issue(tmp_path)
    description = f"ssl:443:privateKey={tmp_path}/key.pem:certKey={tmp_path}/cert.pem"
    reactor = MemoryReactorClock()
    endpoint: Any = serverFromString(reactor, description)
    made = Certificate(description, endpoint, reactor)
    put: object = endpoint._sslContextFactory
    assert put is made
    return made


def test_it_says_whether_it_is_another_one(tmp_path: Path, certificate: Certificate) -> None:
    assert list(certificate.read()()) == []
    issue(tmp_path)
    put = certificate.read()
    assert list(put()) == ["certificate of ssl:443"]
    assert list(certificate.read()()) == []


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda folder: issue(folder, key="other.pem"), "do not match"),
        (lambda folder: (folder / "key.pem").write_text("no key"), "no key or no certificate"),
        (lambda folder: (folder / "cert.pem").unlink(), "No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    tmp_path: Path, certificate: Certificate, spoil: Any, why: str
) -> None:
    spoil(tmp_path)
    with pytest.raises(BadEndpoint) as raised:
        certificate.read()
    assert str(raised.value).startswith("ssl:443:")
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)
