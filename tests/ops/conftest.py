from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.ops.shell import Operator, serving
from tests.processes import PATIENCE
from tests.service import Service


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.fixture
def service(operator: Operator) -> Iterator[Service]:
    with serving(operator.folder) as service:
        yield service


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Operator, Service]]:
    """An operator and a service that tests share, since they leave nothing in it."""
    operator = Operator(tmp_path_factory.mktemp("office"))
    with serving(operator.folder) as service:
        yield operator, service


@pytest.fixture
def pair(service: Service) -> Iterator[tuple[ClientConnection, ClientConnection]]:
    """Two plain guests who have met."""
    with connect(service.ws) as one, connect(service.ws) as other:
        for guest in (one, other):
            while "has come" not in str(guest.recv(PATIENCE)):
                pass
        yield one, other
