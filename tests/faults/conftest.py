"""What the tests of promises may use."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.faults.promises import Kept, Promises, write_down
from tests.faults.watched import Watched, watching


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Return the seed of this run: given by --seed, or drawn."""
    given: int | None = pytestconfig.getoption("--seed")
    return Random().randrange(1 << 32) if given is None else given


@pytest.fixture
def chance(seed: int) -> Random:
    """Return where a test's chance comes from."""
    return Random(seed)


@pytest.fixture(scope="session")
def kept(pytestconfig: pytest.Config) -> Iterator[list[Kept]]:
    """Gather the promises that are kept; in the end write them where --record says."""
    gathered: list[Kept] = []
    yield gathered
    file: Path | None = pytestconfig.getoption("--record")
    if file is not None:
        write_down(file, gathered)


@pytest.fixture
def promises(request: pytest.FixtureRequest, seed: int, kept: list[Kept]) -> Promises:
    """Have the means to assert figures, and to write them down."""
    return Promises(request.node.name, seed, kept.append)


@pytest.fixture
def house() -> Iterator[Watched]:
    """Have a service of one's own, as it runs without any options."""
    with watching() as watched:
        yield watched
