import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.web.network import KEY_FOR, Networks, network_of

SALT = b"salt"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        (None, None, True),
        (None, "192.0.2.1", False),
        ("not an address", "nor this", False),
    ],
)
def test_what_counts_as_one_network(one: str | None, other: str | None, same: bool) -> None:
    assert (network_of(one, SALT) == network_of(other, SALT)) is same


@given(st.ip_addresses().map(str))
def test_nothing_of_the_address_is_left(address: str) -> None:
    digest = network_of(address, SALT)
    assert len(digest) == 16
    assert digest != network_of(address, b"pepper")


def test_a_name_changes_daily_but_not_for_who_is_there() -> None:
    networks = Networks(0.0)
    host = "192.0.2.1"
    first = networks.name(host, (), 0.0)
    assert networks.name(host, (), KEY_FOR - 1) == first
    assert networks.name(host, {first}, KEY_FOR) == first
    second = networks.name(host, (), KEY_FOR)
    assert second != first
    # The key of the day before yesterday is gone.
    assert networks.name(host, {first}, 2 * KEY_FOR) not in (first, second)
    assert networks.name(host, {second}, 2 * KEY_FOR) == second
    assert networks.name(host, {second}, 9 * KEY_FOR) != second
