import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.web.network import network_of

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
