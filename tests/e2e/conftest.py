"""What the end-to-end tests may use."""

from collections.abc import Iterator

import pytest

from tests.e2e.guests import Door, door
from tests.e2e.wire_rows import covered_by
from tests.service import REACTORS, Service, running


@pytest.fixture(scope="session", params=REACTORS)
def server(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Have one service that all tests share, on one reactor after the other.

    Nobody must be left waiting in it.
    """
    with running(reactor=request.param) as server:
        yield server


@pytest.fixture
def entrance(server: Service, request: pytest.FixtureRequest) -> Iterator[Door]:
    """Have a door to the shared service."""
    with door(server.ws, covered_by(request.function)) as opened:
        yield opened
