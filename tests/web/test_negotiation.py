import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.web.negotiation import gzip_wanted, is_among

OTHERS = ["br", "deflate", "zstd", "compress"]

codings = st.sampled_from(["gzip", "identity", "*", *OTHERS])
weights = st.integers(0, 1000).map(lambda thousandths: f"{thousandths / 1000:.3f}")
headers = st.dictionaries(codings, weights)


def written(header: dict[str, str]) -> str:
    return ", ".join(f"{coding};q={weight}" for coding, weight in header.items())


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        # RFC 9110, section 12.5.3, has these.
        ("compress, gzip", True),
        ("", False),
        ("*", True),
        ("compress;q=0.5, gzip;q=1.0", True),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", True),
        # What browsers send, and tools.
        ("gzip, deflate, br, zstd", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("gzip, *;q=0", True),
        ("br", False),
        ("identity", False),
        ("identity, gzip;q=0.5", False),
        ("gzip;q=0.5, *", False),
        ("identity, gzip", True),
        ("GZip;Q=1", True),
        ("x-gzip", True),
        (" gzip\t; q=0.1 , ,", True),
        # No weight, so not said.
        ("gzip;q=2", False),
        ("gzip;q=-1", False),
        ("gzip;q=", False),
        ("gzip;q=0.0001", False),
        ("gzip;q=nan", False),
        ("gzip;level=9", False),
        ("gzipped", False),
        ("not gzip", False),
    ],
)
def test_gzip_is_sent_to_whom_it_suits(header: str, wanted: bool) -> None:
    assert gzip_wanted(header) is wanted


@given(headers)
def test_what_is_excluded_is_never_sent(header: dict[str, str]) -> None:
    assert not gzip_wanted(written({**header, "gzip": "0"}))
    assert not gzip_wanted(written({c: w for c, w in header.items() if c not in {"gzip", "*"}}))


@given(headers, weights, weights)
def test_the_heavier_is_sent(header: dict[str, str], gzip: str, identity: str) -> None:
    both = {**header, "gzip": gzip, "identity": identity}
    assert gzip_wanted(written(both)) == (float(gzip) > 0 and float(gzip) >= float(identity))


@given(headers, st.data())
def test_order_case_space_and_other_codings_make_no_difference(
    header: dict[str, str], data: st.DataObject
) -> None:
    wanted = gzip_wanted(written(header))
    shuffled = data.draw(st.permutations(list(header.items())))
    assert gzip_wanted(written(dict(shuffled))) is wanted
    assert gzip_wanted(written(header).upper()) is wanted
    assert gzip_wanted(written(header).replace(";", "\t; ").replace(",", " ,,")) is wanted
    assert gzip_wanted(written({c: w for c, w in header.items() if c not in OTHERS})) is wanted


@given(st.text() | st.text("gzipq=;,*.01 \t"))
def test_any_header_is_understood_somehow(header: str) -> None:
    assert gzip_wanted(header) in (True, False)
    assert is_among('"0"', header) in (True, False)


def test_a_long_header_takes_no_long_time() -> None:
    for header in ("gzip" + " " * 16000 + "x", "gzip;" + "q=0." * 4000, '"' * 16000, "W/" * 8000):
        assert not gzip_wanted(header)
        assert not is_among('"0"', header)


@pytest.mark.parametrize(
    ("header", "among"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b",W/"a" , "c"', True),
        ('"x,y", "a"', True),
        ("*", True),
        (" * ", True),
        ("", False),
        ("a", False),
        ('"b"', False),
        ('"b*"', False),
        ('"A"', False),
        ('"aa"', False),
    ],
)
def test_an_entity_tag_is_looked_for(header: str, among: bool) -> None:
    assert is_among('"a"', header) is among
