"""What every test may use."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

from tests import memory

# How long an example takes says more about the machine than about the code.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="table to write the figures that were kept to")
    parser.addoption("--seed", type=int, help="where the chance of tests/faults comes from")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of few tests, which take long, so that no worker is left with one."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: tests[item.path])


@pytest.fixture(autouse=True)
def no_logged_failure() -> Iterator[None]:
    """Fail a test in which a failure was logged, wherever it was swallowed."""
    failures: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if "log_failure" in event:
            failures.append(event)

    globalLogPublisher.addObserver(observe)
    yield
    globalLogPublisher.removeObserver(observe)
    assert not [event["log_failure"].getTraceback() for event in failures]


@pytest.fixture
def bring_up() -> Iterator[memory.Make]:
    """Return a function that brings up a world in memory with the given options."""
    with ExitStack() as worlds:
        yield lambda *options: worlds.enter_context(memory.world(*options))
