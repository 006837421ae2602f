"""Twisted's own tests of reactors, run against ours."""

import gc
import unittest
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from twisted.trial.unittest import SynchronousTestCase

pytest.importorskip("uvloop")

from roulette.uvreactor import UvloopReactor

SUBJECTS = [
    "core",
    "fdset",
    "socket",
    "stdio",
    "tcp",
    "threads",
    "time",
    "tls",
    "udp",
    "unix",
]

CANNOT_PASS = {
    "AdoptStreamConnectionTestsBuilder.*": "takes the descriptor from under a server's connection",
    "TCPTransportTestsBuilder.test_serverAddressTCP?": "asks for attributes that tell the address",
    "TCPTransportTestsBuilder.test_writeSequenceWithUnicodeRaisesException": (
        "wants the words of Twisted's TypeError; uvloop's says the same in others"
    ),
    "TCPConnectionTestsBuilder.test_resumeProducing": (
        "looks for a server's connection among the descriptors that Twisted reads"
    ),
    "TestBindAddressBuilder.*": "looks for a free port and binds it later, when others may have it",
    "UNIXTestsBuilder.test_sendFileDescriptorTriggersPauseProducing": (
        "passes, but leaves a socket open, for which a later test would be blamed"
    ),
    "[TS]*Client*.test_logPrefix": "wants log lines to name the protocol they are about",
    "SSLClientTestsMixin.test_disconnectAfterWriteAfterStartTLS": (
        "calls startTLS on a server's connection; here TLS is an endpoint"
    ),
}
"""Twisted's tests that cannot pass, or not reliably, and why.

Those of processes are not tried at all: uvloop keeps SIGCHLD for itself, whatever reactor runs it.
"""

# What Twisted's tests do themselves.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Passing pyOpenSSL .* objects is deprecated"),
    pytest.mark.filterwarnings("ignore:.*does not explicitly provide any OpenSSL"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def no_logged_failure() -> None:
    """Leave it to these tests to say which failures may be logged; they fail for the others."""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module", autouse=True)
def no_sockets_left() -> Iterator[None]:
    """Collect the sockets that Twisted's tests leave open while nobody minds."""
    yield
    gc.collect()


def make(case: SynchronousTestCase) -> UvloopReactor:
    reactor = UvloopReactor()
    case.addCleanup(reactor.loop.close)
    return reactor


def builders() -> Iterator[type]:
    for subject in SUBJECTS:
        for name, case in vars(import_module(f"twisted.internet.test.test_{subject}")).items():
            # Twisted makes a case of each builder for each reactor; this reactor is everywhere.
            if name.endswith("_SelectReactorTests"):
                yield case.__bases__[0]


def methods_of(builder: type) -> Iterator[tuple[str, str | None]]:
    """Yield the tests of a builder, each with the reason why it cannot pass, if there is one."""
    for name in dir(builder):
        if name.startswith("test_"):
            reasons = [
                reason
                for pattern, reason in CANNOT_PASS.items()
                if fnmatch(f"{builder.__name__}.{name}", pattern)
            ]
            yield name, "; ".join(reasons) or None


def case_of(builder: type) -> type:
    body: dict[str, Any] = {"__module__": __name__, "reactorFactory": make, "timeout": 20.0}
    for name, reason in methods_of(builder):
        if reason is not None:
            body[name] = unittest.skip(reason)(getattr(builder, name))
    return type(builder.__name__, (builder, SynchronousTestCase), body)


globals().update({builder.__name__: case_of(builder) for builder in builders()})


def test_nothing_is_excused_that_is_not_there() -> None:
    all_tests = [
        f"{builder.__name__}.{name}" for builder in builders() for name, _ in methods_of(builder)
    ]
    assert [
        pattern for pattern in CANNOT_PASS if not any(fnmatch(test, pattern) for test in all_tests)
    ] == []
