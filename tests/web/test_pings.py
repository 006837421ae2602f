"""Who is there no longer, and has not said so, is found out by pings."""

from itertools import count

import pytest

from tests.memory import Make
from tests.web.test_service import pair

EVERY = 20
"""Seconds between two pings."""

FOUND_WITHIN = 45
"""Seconds, as promised."""


def deaf(payload: bytes) -> None:
    """Answer no ping."""


@pytest.mark.parametrize("answered_for", range(0, 2 * EVERY, 3))
def test_the_partner_of_who_answers_no_more_is_told_in_time(
    bring_up: Make, answered_for: int
) -> None:
    """However many others are pinged, at other times."""
    world = bring_up()
    pair(world)
    world.advance(1)
    silent, partner, _ = pair(world)
    for _ in range(answered_for):
        world.advance(1)
    silent.onPing = deaf  # type: ignore[method-assign]
    partner.take()
    for second in count(1):
        world.advance(1)
        if any(said["type"] == "strangerReconnecting" for said in partner.take()):
            break
        assert second < FOUND_WITHIN
