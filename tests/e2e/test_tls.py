"""TLS is an endpoint: clients that verify the certificate reach the page and the chat."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

import pytest
import trustme

from tests.e2e.guests import PATIENCE, door
from tests.service import REACTORS, started, twistd
from tests.trust import trusting

NAME = "roulette.example"
VERIFYING = Path(__file__).with_name("verifying.py")


@dataclass
class Secure:
    """A service that speaks TLS, the authority that vouches for it, and one that does not."""

    port: int
    ca: Path
    other_ca: Path


@pytest.fixture(scope="module", params=REACTORS)
def secure(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("tls")
    ca, other_ca = folder / "ca.pem", folder / "other.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca)
    trustme.CA().cert_pem.write_to_path(other_ca)
    issued = authority.issue_cert(NAME)
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    endpoint = "ssl:0:interface=127.0.0.1:privateKey=key.pem:certKey=cert.pem"
    command = [*twistd(request.param), "-n", "--pidfile=", "roulette", "--port", endpoint]
    with started(command, folder, last="QuietSite (TLS)") as server:
        yield Secure(server.port, ca, other_ca)


def asked(secure: Secure, name: str, ca: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(VERIFYING), str(secure.port), name, str(ca)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_client_that_verifies_the_name_is_served(secure: Secure) -> None:
    assert asked(secure, NAME, secure.ca) == "200"


def test_the_wrong_name_is_refused(secure: Secure) -> None:
    assert asked(secure, f"not.{NAME}", secure.ca) == "VerificationError"


def test_the_wrong_authority_is_refused(secure: Secure) -> None:
    assert asked(secure, NAME, secure.other_ca) == "Error"


@pytest.mark.parametrize("nonsense", [b"nonsense\r\n", b"GET / HTTP/2.0\r\n"])
def test_who_goes_on_with_nonsense_is_no_failure(secure: Secure, nonsense: bytes) -> None:
    with (
        create_connection(("127.0.0.1", secure.port)) as plain,
        trusting(secure.ca).wrap_socket(plain, server_hostname=NAME) as client,
    ):
        client.sendall(nonsense)
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")
        client.sendall(b"\r\n")
        assert client.recv(100) == b""
    # That nothing has failed is seen in the log, in the end.


def test_two_talk_over_wss(secure: Secure) -> None:
    url = f"wss://{NAME}:{secure.port}/ws"
    with door(url, set(), ssl=trusting(secure.ca), address=("127.0.0.1", secure.port)) as entrance:
        ada, bob, chat = entrance.pair()
        ada.tell(chat, "🔒")
        assert bob.told("gotMessage")["text"] == "🔒"
