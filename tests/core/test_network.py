import pytest

from roulette.core.network import network, network_of


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("0.0.0.1", "::1:0:0:0:0", False),
    ],
)
def test_what_counts_as_one_network(one: str, other: str, same: bool) -> None:
    assert (network(one) == network(other)) is same


@pytest.mark.parametrize("host", [None, "", "not an address", "192.0.2.256", "/run/socket"])
def test_what_is_no_address_is_in_no_network(host: str | None) -> None:
    assert network_of(host) is None
