from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.logger import LogEvent
from websockets.sync.client import ClientConnection, connect

from roulette.ops.seat import Seat
from roulette.ops.verbs import Verbs
from tests.ops.house import House
from tests.ops.shell import Operator, log_to, serving
from tests.processes import PATIENCE
from tests.service import Service


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[LogEvent]:
    """What is written down about what operators do."""
    events: list[LogEvent] = []
    for writer in (Verbs, Seat):
        monkeypatch.setattr(writer, "_log", log_to(events))
    return events


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
