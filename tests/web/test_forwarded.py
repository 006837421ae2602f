"""Whom a list of forwarded addresses can make somebody be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.web.forwarded import client_host

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        (["192.0.2.1"], 0, PROXY),
        (["192.0.2.1"], 1, "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1"], 1, "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1"], 1, "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1, 10.0.0.2"], 2, "192.0.2.1"),
        (["6.6.6.6,192.0.2.1", "10.0.0.2"], 2, "192.0.2.1"),
        (["192.0.2.1:50007"], 1, "192.0.2.1"),
        (["2001:db8::1"], 1, "2001:db8::1"),
        (["[2001:db8::1]"], 1, "2001:db8::1"),
        (["[2001:db8::1]:50007"], 1, "2001:db8::1"),
        (["2001:DB8:0::1"], 1, "2001:db8::1"),
        # Too short: this did not come through all of them.
        ([], 1, PROXY),
        (["192.0.2.1"], 2, PROXY),
        # No address.
        ([""], 1, PROXY),
        (["192.0.2.1,"], 1, PROXY),
        (["unknown"], 1, PROXY),
        (["192.0.2.1 6.6.6.6"], 1, PROXY),
        (["192.0.2.999"], 1, PROXY),
        (["192.0.2.1:"], 1, PROXY),
        (["192.0.2.1:x"], 1, PROXY),
        (["[2001:db8::1"], 1, PROXY),
        (["[2001:db8::1]x"], 1, PROXY),
        (["[]"], 1, PROXY),
        (['for="192.0.2.1"'], 1, PROXY),
    ],
)
def test_who_calls(forwarded: list[str], proxies: int, client: str) -> None:
    assert client_host(PROXY, forwarded, proxies) == client


LINES = st.lists(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)), max_size=5)


@given(said=LINES, others=st.lists(st.ip_addresses().map(str), max_size=3))
def test_what_a_client_says_makes_no_difference(said: list[str], others: list[str]) -> None:
    """Each proxy appends; whether in a line of its own or not does not matter."""
    written = ["192.0.2.1", *others]
    for appended in ([*said, *written], [", ".join([*said, *written])]):
        assert client_host(PROXY, appended, len(written)) == "192.0.2.1"


@given(said=LINES, proxies=st.integers(0, 4))
def test_it_is_always_an_address_and_never_a_failure(said: list[str], proxies: int) -> None:
    client_host(None, said, proxies)
    assert client_host(PROXY, said, proxies)


def test_behind_a_unix_socket_there_is_an_address_only_if_a_proxy_tells_it() -> None:
    assert client_host(None, [], 1) is None
    assert client_host(None, ["192.0.2.1"], 0) is None
    assert client_host(None, ["192.0.2.1"], 1) == "192.0.2.1"
