import pytest

from roulette.core import events
from roulette.wire.closing import BY_EVENT, Closing


@pytest.mark.parametrize("closing", Closing)
def test_a_close_frame_can_say_it(closing: Closing) -> None:
    # RFC 6455, sections 5.5 (125 bytes, two of them the code), 7.4.1 and 7.4.2.
    assert len(closing.reason.encode("ascii")) <= 123
    assert closing.code in {1001, 1003, 1008, 1011, 1012, 1013} or 4000 <= closing.code < 5000


def test_what_ends_a_connection() -> None:
    assert BY_EVENT[events.Replaced].code == 4001
    assert BY_EVENT[events.Kicked].code == 1008
    assert BY_EVENT[events.Banned].code == 4003


def test_every_reason_is_its_own() -> None:
    # An Enum takes two members of equal value for one.
    assert len({(closing.code, closing.reason) for closing in Closing}) == len(Closing.__members__)
