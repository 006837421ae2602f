from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.ops.pseudonyms import KEY_BYTES, Pseudonyms

REFERENCE = Pseudonyms(
    bytes.fromhex("1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202")
)
"""By the key of the authors' own example."""

PSEUDONYMS = Pseudonyms(bytes(range(KEY_BYTES)))


@pytest.mark.parametrize(
    ("address", "pseudonym"),
    [
        ("128.11.68.132", "135.242.180.132"),
        ("129.118.74.4", "134.136.186.123"),
        ("130.132.252.244", "133.68.164.234"),
        ("141.223.7.43", "141.167.8.160"),
        ("24.5.0.80", "100.9.15.210"),
    ],
)
def test_it_is_crypto_pan(address: str, pseudonym: str) -> None:
    assert REFERENCE.of_text(address).value == int(ip_address(pseudonym))


def common(one: int, other: int, bits: int) -> int:
    """Return how many first bits are the same."""
    return bits - (one ^ other).bit_length()


@given(st.ip_addresses(v=4), st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_two_pseudonyms_have_in_common_what_the_addresses_have(
    address: IPv4Address, noise: int, shift: int
) -> None:
    near = IPv4Address(int(address) ^ noise >> shift)
    one, other = PSEUDONYMS.of_text(str(address)), PSEUDONYMS.of_text(str(near))
    assert common(one.value, other.value, 32) == common(int(address), int(near), 32)


@given(st.ip_addresses(v=6), st.integers(0, 2**128 - 1), st.integers(0, 128))
def test_of_ipv6_the_first_half_counts(address: IPv6Address, noise: int, shift: int) -> None:
    near = IPv6Address(int(address) ^ noise >> shift)
    if address.ipv4_mapped or near.ipv4_mapped:
        return
    one, other = PSEUDONYMS.of_text(str(address)), PSEUDONYMS.of_text(str(near))
    same = common(int(address) >> 64, int(near) >> 64, 64)
    assert common(one.value, other.value, 64) == same


@given(st.ip_addresses(), st.ip_addresses(), st.data())
def test_who_is_in_a_prefix_is_found_by_it(
    inside: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address, data: st.DataObject
) -> None:
    least, most = (8, 32) if inside.version == 4 else (16, 64)
    bits = data.draw(st.integers(least, most))
    prefix = ip_network((inside, bits), strict=False)
    found = PSEUDONYMS.of_text(str(prefix))
    for address in (inside, other):
        mapped = getattr(address, "ipv4_mapped", None)
        known = PSEUDONYMS.of_text(str(address))
        hit = known.version == found.version and known.prefix(bits) == found
        assert hit is (mapped is None and address in prefix)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::2"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("192.0.2.7/32", "192.0.2.7"),
    ],
)
def test_what_counts_as_one(one: str, other: str) -> None:
    assert PSEUDONYMS.of_text(one) == PSEUDONYMS.of_text(other)


def test_it_takes_the_key_to_know_them() -> None:
    assert REFERENCE.of_text("192.0.2.1") != PSEUDONYMS.of_text("192.0.2.1")
    assert str(PSEUDONYMS.of_text("192.0.2.1")) == "IPv4/32"
    assert str(PSEUDONYMS.of_text("2001:db8::/32")) == "IPv6/32"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("192.0.2.300", "'192.0.2.300' does not appear to be an IPv4 or IPv6 address"),
        ("192.0.2.0/33", "'192.0.2.0/33' does not appear to be an IPv4 or IPv6 network"),
        ("10.0.0.0/7", "an IPv4 prefix has at least 8 bits"),
        ("::/0", "an IPv6 prefix has at least 16 bits"),
        ("2001:db8::1/128", "an IPv6 prefix has at most 64 bits: that is one household"),
    ],
)
def test_what_cannot_be_banned(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        PSEUDONYMS.of_text(text)
