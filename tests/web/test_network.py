from hypothesis import given
from hypothesis import strategies as st

from roulette.core.network import Network, network_of
from roulette.web.network import KEY_FOR, Networks

HERE = Network(4, 32, 0xC0000201)


@given(one=st.ip_addresses().map(str), other=st.ip_addresses().map(str))
def test_it_names_networks_and_shows_nothing_of_them(one: str, other: str) -> None:
    networks = Networks(0.0)
    known = [network_of(one), network_of(other)]
    first, second = (networks.name(network, (), 0.0) for network in known)
    assert (first == second) is (known[0] == known[1])
    assert len(first) == 16
    assert Networks(0.0).name(known[0], (), 0.0) != first
    assert networks.name(None, (), 0.0) not in (first, second)


def test_a_name_changes_daily_but_not_for_who_is_there() -> None:
    networks = Networks(0.0)
    first = networks.name(HERE, (), 0.0)
    assert networks.name(HERE, (), KEY_FOR - 1) == first
    assert networks.name(HERE, {first}, KEY_FOR) == first
    second = networks.name(HERE, (), KEY_FOR)
    assert second != first
    # The key of the day before yesterday is gone.
    assert networks.name(HERE, {first}, 2 * KEY_FOR) not in (first, second)
    assert networks.name(HERE, {second}, 2 * KEY_FOR) == second
    assert networks.name(HERE, {second}, 9 * KEY_FOR) != second
