from hypothesis import given
from hypothesis import strategies as st

from roulette.web.capacity import connections_for, guests_for, open_files


@given(st.integers(35, 1 << 20))
def test_there_is_room_for_the_page_beside_the_guests(files: int) -> None:
    guests, connections = guests_for(files), connections_for(files)
    assert 1 <= guests <= files * 9 // 10
    assert guests + 2 <= connections <= files - 32


def test_of_the_usual_limits_nine_tenths_are_guests() -> None:
    assert [guests_for(files) for files in (200, 1024, 65536)] == [166, 921, 58982]


def test_there_is_a_limit() -> None:
    assert 0 < open_files() <= 1 << 20
