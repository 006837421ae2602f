"""What the end-to-end tests may use."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.e2e.guests import Door, door
from tests.e2e.wire_rows import covered_by
from tests.service import REACTORS, Service, running


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Service]]:
    """Return the service on a reactor, which runs from when it is first asked for to the end."""
    with ExitStack() as stack:
        yield cache(lambda reactor: stack.enter_context(running(reactor=reactor)))


@pytest.fixture(scope="module", params=REACTORS)
def server(request: pytest.FixtureRequest, servers: Callable[[str], Service]) -> Service:
    """Have one service that all tests share, on one reactor after the other.

    Nobody must be left waiting in it.
    """
    return servers(request.param)


@pytest.fixture
def entrance(server: Service, request: pytest.FixtureRequest) -> Iterator[Door]:
    """Have a door to the shared service."""
    with door(server.ws, covered_by(request.function)) as opened:
        yield opened
