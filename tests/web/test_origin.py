"""Which pages may connect: none of another host, whatever its name ends with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.web.origin import Origin, may_connect

HERE = "chat.example.org"


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        (f"https://{HERE}", HERE, True),
        (f"http://{HERE}", HERE, True),
        (f"https://{HERE}:443", HERE, True),
        (f"https://{HERE}", f"{HERE}:443", True),
        (f"http://{HERE}", f"{HERE}:80", True),
        (f"HTTPS://{HERE.upper()}", HERE, True),
        (f"https://{HERE}", HERE.upper(), True),
        ("http://[::1]:8080", "[::1]:8080", True),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        (f"https://{HERE}:8443", HERE, False),
        (f"https://{HERE}", f"{HERE}:80", False),
        (f"http://{HERE}:443", HERE, False),
        (f"https://{HERE}.evil.example", HERE, False),
        (f"https://evil{HERE}", HERE, False),
        (f"https://evil.{HERE}", HERE, False),
        (f"https://{HERE}.", HERE, False),
        (f"https://{HERE}@evil.example", HERE, False),
        (f"https://evil.example@{HERE}", HERE, False),
        (f"https://evil.example#{HERE}", HERE, False),
        (f"https://evil.example/{HERE}", HERE, False),
        (f"https://{HERE}/", HERE, False),
        (f"https://{HERE}:", HERE, False),
        (f"https://{HERE}:x", HERE, False),
        (f"https://{HERE} https://evil.example", HERE, False),
        (f"//{HERE}", HERE, False),
        (HERE, HERE, False),
        ("null", HERE, False),
        ("null", "null", False),
        ("", HERE, False),
        ("", "", False),
        ("*", HERE, False),
        ("file://", HERE, False),
        ("http://[", HERE, False),
        ("https://other.example", HERE, True),
        ("https://other.example:443", HERE, True),
        ("http://other.example", HERE, False),
        ("https://other.example:444", HERE, False),
        ("https://other.example.evil.example", HERE, False),
        ("app://local", HERE, True),
        ("app://localhost", HERE, False),
    ],
)
def test_who_may_connect(origin: str, host: str, may: bool) -> None:
    allowed = {Origin.parse("https://other.example"), Origin.parse("app://local")}
    assert may_connect(origin, host, allowed) is may


NAMES = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){0,2}", fullmatch=True)


@given(page=NAMES, host=NAMES, scheme=st.sampled_from(["http", "https"]))
def test_only_the_same_name_is_the_same_host(page: str, host: str, scheme: str) -> None:
    assert may_connect(f"{scheme}://{page}", host, ()) is (page == host)


@given(origin=st.text(), host=st.text())
def test_nothing_that_is_said_is_a_failure(origin: str, host: str) -> None:
    may_connect(origin, host, ())


@pytest.mark.parametrize("text", ["other.example", "https://żółw.pl", "https://a.example/", "*"])
def test_what_is_no_origin_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no origin such as"):
        Origin.parse(text)
