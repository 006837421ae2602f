"""A message through real servers with TLS."""

import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme

from benchmarks import relay, server
from benchmarks.rounds import side_by_side
from benchmarks.table import Row


def rows(rounds: int = 5, guests: int = 100, seconds: float = 0.4) -> Iterator[Row]:
    """Measure talks; the number of guests is even."""
    authority = trustme.CA()
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with TemporaryDirectory() as folder:
        certificate = Path(folder) / "certificate.pem"
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
        cases = ((guests, "32 B", 1),)
        measure = partial(relay.measure, cases=cases, seconds=seconds, context=context)
        yield from side_by_side("tls", server.tls(str(certificate)), rounds, measure)
