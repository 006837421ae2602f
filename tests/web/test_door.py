"""Who is let in: the laws of the door, searched for counter-examples."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from roulette.core.network import network_of
from roulette.web import door as door_module
from roulette.web import refusals
from roulette.web.door import BURST_SECONDS, Door, Visit
from roulette.web.network import KEY_FOR
from roulette.web.refusals import Refusal

HOSTS = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
PLACE = {host: network_of(host) for host in HOSTS}


@given(
    max_guests=st.integers(1, 8),
    per_address=st.integers(0, 4),
    rate=st.sampled_from([0.0, 0.5, 3.0]),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["come", "go", "wait", "day"]), st.integers(0, 9), st.floats(0, 30)
        ),
        max_size=60,
    ),
)
def test_nobody_is_ever_one_too_many_and_who_leaves_makes_room(
    max_guests: int, per_address: int, rate: float, steps: list[tuple[str, int, float]]
) -> None:
    now = 0.0
    door = Door(now, max_guests, per_address, rate)
    here: list[tuple[str, Visit]] = []
    for what, n, seconds in steps:
        match what:
            case "wait":
                now += seconds
            case "day":
                # Within two days nobody has a second share.
                now = min(now + KEY_FOR, 1.9 * KEY_FOR)
            case "go" if here:
                host, visit = here.pop(n % len(here))
                visit.end()
                visit.end()
            case "come":
                host = HOSTS[n % len(HOSTS)]
                answer = door.enter(host, now)
                places = Counter(PLACE[other] for other, _ in here)
                crowd = per_address and places[PLACE[host]] >= per_address
                if isinstance(answer, Visit):
                    assert not crowd
                    assert len(here) < max_guests
                    here.append((host, answer))
                elif answer is refusals.FULL:
                    assert len(here) == max_guests
                elif answer is refusals.PER_ADDRESS:
                    assert crowd
                else:
                    assert answer.reason == "connect_rate"
                    assert rate
        assert door.inside == len(here)
        assert door.ready is (len(here) < max_guests)
        networks = {visit.network for _, visit in here}
        assert len(networks) == len({PLACE[host] for host, _ in here})


@given(rate=st.floats(0.1, 100), gaps=st.lists(st.floats(0, 2), min_size=1, max_size=80))
def test_no_address_comes_faster_than_the_rate(rate: float, gaps: list[float]) -> None:
    door = Door(0.0, 1_000, per_address=0, connect_rate=rate)
    burst = max(1.0, rate * BURST_SECONDS)
    came: list[float] = []
    now = 0.0
    for gap in gaps:
        now += gap
        answer = door.enter("192.0.2.1", now)
        if isinstance(answer, Visit):
            came.append(now)
        else:
            # Whoever waits as long as it is told is let in.
            now += float(answer.headers["Retry-After"]) + 1e-6
            assert isinstance(door.enter("192.0.2.1", now), Visit)
            came.append(now)
        assert len(came) <= burst + rate * now + 1e-6


def test_one_address_does_not_use_up_what_another_has() -> None:
    door = Door(0.0, 1_000, per_address=2, connect_rate=1.0)
    assert [type(door.enter("192.0.2.1", 0.0)) for _ in range(3)] == [Visit, Visit, Refusal]
    assert isinstance(door.enter("192.0.2.2", 0.0), Visit)
    assert [type(door.enter("2001:db8::1", 0.0)) for _ in range(2)] == [Visit, Visit]
    # A /64 is one household.
    assert door.enter("2001:db8::2", 0.0) is refusals.PER_ADDRESS
    assert isinstance(door.enter("2001:db8:0:1::1", 0.0), Visit)


def test_what_is_no_address_is_not_limited_by_address() -> None:
    door = Door(0.0, 100, per_address=1, connect_rate=0.1)
    assert all(isinstance(door.enter(None, 0.0), Visit) for _ in range(100))
    assert door.enter(None, 0.0) is refusals.FULL


def test_a_new_key_gives_nobody_a_second_share() -> None:
    door = Door(0.0, 100, per_address=1, connect_rate=0)
    first = door.enter("192.0.2.1", KEY_FOR - 1)
    assert isinstance(first, Visit)
    assert door.enter("192.0.2.1", KEY_FOR + 1) is refusals.PER_ADDRESS
    first.end()
    second = door.enter("192.0.2.1", KEY_FOR + 2)
    assert isinstance(second, Visit)
    assert second.network != first.network


def test_nothing_is_kept_of_who_is_long_gone() -> None:
    door = Door(0.0, 1_000, connect_rate=5.0)
    for n in range(100):
        visit = door.enter(f"192.0.2.{n}", n / 100)
        assert isinstance(visit, Visit)
        visit.end()
    assert not door._here
    assert len(door._buckets) == 100
    door.enter("198.51.100.1", 1.0 + BURST_SECONDS)
    assert len(door._buckets) == 1


def test_no_more_than_so_many_networks_are_known() -> None:
    door = Door(0.0, 1 << 30, connect_rate=5.0)
    size = door_module.BUCKETS
    for n in range(size + 1_000):
        door.enter(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", 0.0)
    assert len(door._buckets) == size
