"""The certificates of ``ssl:`` endpoints, which may be replaced while the port is open."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from OpenSSL import SSL, crypto
from twisted.internet.endpoints import SSL4ServerEndpoint, serverFromString
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.ssl import CertificateOptions
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer


class BadEndpoint(ValueError):
    """An endpoint cannot be made; the message says which, and why, in one line."""


@contextmanager
def naming(description: str) -> Iterator[None]:
    """Make a BadEndpoint of whatever is wrong with an endpoint."""
    try:
        yield
    except crypto.Error:
        why: object = "no key or no certificate in such a file, or the key has a passphrase"
    except LookupError:
        why = "systemd has handed over no such socket"
    except TypeError as error:
        # Of an address like ::1 each part is taken for an argument.
        why = rf"{error}; a colon within a value is written \:"
    except Exception as error:
        # An endpoint parser raises whatever its plugin likes.
        why = error
    else:
        return
    raise BadEndpoint(f"{description}: {why}")


@implementer(IOpenSSLServerConnectionCreator)
class Certificate:
    """The key and the certificate of an endpoint; :meth:`replace` puts it there.

    New connections have what was read last. Those that are open keep what they began with.

    :param description: the endpoint, for Twisted.
    """

    def __init__(self, description: str, endpoint: SSL4ServerEndpoint, reactor: Any) -> None:
        self._description = description
        self._reactor = reactor
        self._options: CertificateOptions = endpoint._sslContextFactory
        endpoint._sslContextFactory = self

    def serverConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Begin a connection."""
        return self._options.serverConnectionForTLS(protocol)

    def read(self) -> Callable[[], Iterable[str]]:
        """Read the files again, as :class:`roulette.ops.reload.Prepared` says."""
        with naming(self._description):
            endpoint: Any = serverFromString(self._reactor, self._description)
            options: CertificateOptions = endpoint._sslContextFactory

        def put() -> Iterator[str]:
            if _chain(options) != _chain(self._options):
                kind, port, *_ = self._description.split(":")
                yield f"certificate of {kind}:{port}"
            self._options = options

        return put


def _chain(options: CertificateOptions) -> list[bytes]:
    certificates = [options.certificate, *options.extraCertChain]
    return [crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in certificates if each]
