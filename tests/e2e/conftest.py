"""What the end-to-end tests may use."""

from collections.abc import Iterator

import pytest

from tests.e2e.guests import Door, door
from tests.e2e.wire_rows import covered_by
from tests.service import Service, running


@pytest.fixture(scope="session")
def server() -> Iterator[Service]:
    """Have one service that all tests share: nobody must be left waiting in it."""
    with running() as server:
        yield server


@pytest.fixture
def entrance(server: Service, request: pytest.FixtureRequest) -> Iterator[Door]:
    """Have a door to the shared service."""
    with door(server.ws, covered_by(request.function)) as opened:
        yield opened
