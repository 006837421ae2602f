"""The files of the page: which are found, and what is sent of them."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roulette.options import packaged_page
from roulette.web.brand import Brand
from roulette.web.files import KEPT, LARGEST, TYPES, Files
from tests.memory import Answer, Make, ask

SECRET = b"nobody may read this"
WORDS = "one and the same again, " * 20
Ask = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Have a folder of our own files, and beside it what nobody may read."""
    (tmp_path / "secret.txt").write_bytes(SECRET)
    (tmp_path / "page-beside").mkdir()
    (tmp_path / "page-beside/secret.txt").write_bytes(SECRET)
    folder = tmp_path / "page"
    (folder / "deep").mkdir(parents=True)
    (folder / "logo.svg").write_text(f"<svg>{WORDS}</svg>")
    (folder / "deep/index.html").write_text("deep")
    (folder / ".hidden").write_bytes(SECRET)
    (folder / ".git").mkdir()
    (folder / ".git/config").write_bytes(SECRET)
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path)
    (folder / "beside").symlink_to(tmp_path / "page-beside")
    (folder / "in.svg").symlink_to("logo.svg")
    (folder / "circle").symlink_to("circle")
    (folder / "deep/again").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture
def asking(bring_up: Make, folder: Path) -> Ask:
    """Return what asks a service with those files."""
    site = bring_up("--static", str(folder)).reactor.tcpServers[0][1]
    return lambda *args, **headers: ask(site, *args, **headers)


def found(files: Files, path: str) -> bytes | None:
    file = files.find(path.encode().split(b"/"))
    return None if file is None else file.plain.content


def test_a_folder_is_laid_over_the_page(asking: Ask, folder: Path) -> None:
    packaged = packaged_page()
    assert asking("/style.css")[2] == (packaged / "style.css").read_bytes()
    assert asking("/logo.svg")[2] == (folder / "logo.svg").read_bytes()
    assert asking("/")[2].lower().startswith(b"<!doctype html>")
    (folder / "index.html").write_text("ours")
    (folder / "style.css").write_text("ours too")
    assert [asking(path)[2] for path in ("/", "/index.html", "/style.css")] == [
        b"ours",
        b"ours",
        b"ours too",
    ]
    (folder / "index.html").unlink()
    assert asking("/")[2].lower().startswith(b"<!doctype html>")


def test_an_index_stands_for_its_folder_and_nothing_is_listed(asking: Ask) -> None:
    assert asking("/deep/")[::2] == (200, b"deep")
    for path in ("/deep", "/deep/again", "/out/", "//", "/deep//"):
        assert asking(path)[0] == 404


@pytest.mark.parametrize("name", ["/out.txt", "/out/secret.txt", "/beside/secret.txt", "/circle"])
def test_a_link_that_leads_out_is_not_followed(asking: Ask, name: str) -> None:
    status, _, body = asking(name)
    assert status == 404
    assert SECRET not in body


def test_a_link_that_stays_is_followed(asking: Ask, folder: Path) -> None:
    logo = asking("/logo.svg")[2]
    assert asking("/in.svg")[2] == asking("/deep/again/logo.svg")[2] == logo
    # As in a release that is switched over: the folder itself may be a link.
    (folder.parent / "current").symlink_to(folder)
    assert found(Files([folder.parent / "current"], Brand()), "logo.svg") == logo


@pytest.mark.parametrize(
    "name",
    [".hidden", ".git/config", "deep/../.hidden", "deep%2f..%2f.hidden", "deep/again/.hidden"],
)
def test_what_is_hidden_is_not_served(asking: Ask, name: str) -> None:
    status, _, body = asking(f"/{name}")
    assert status == 404
    assert SECRET not in body


def test_a_pipe_is_not_waited_for(asking: Ask) -> None:
    assert asking("/pipe")[0] == 404


HOSTILE = [
    *("", ".", "..", "%2e", "%2e%2e", "..%2f", "%2f", "%2fetc%2fpasswd", "%00", "%ff", "%", "\\"),
    *("..%5c", "secret.txt", ".hidden", ".git", "config", "deep", "again", "index.html", "pipe"),
    *("logo.svg", "out", "out.txt", "beside", "circle", "x" * 300, "index.html%00", "C:", "~root"),
]
paths = st.lists(st.sampled_from(HOSTILE) | st.binary(max_size=8).map(quote), max_size=6)


def test_no_path_reads_outside_the_folders(bring_up: Make, folder: Path) -> None:
    brand = Brand()
    # What is there beside files.
    allowed = {b"ok\n"} | {
        brand.fill(file.name, file.read_bytes())
        for file in [*packaged_page().rglob("*"), folder / "logo.svg", folder / "deep/index.html"]
        if file.is_file()
    }
    files = Files([folder, packaged_page()], brand)

    @given(st.lists(st.sampled_from([os.fsencode(name) for name in HOSTILE]) | st.binary()))
    def no_name(names: list[bytes]) -> None:
        file = files.find(names)
        assert file is None or file.plain.content in allowed

    site = bring_up("--static", str(folder)).site

    # The way to the chat is no file: without an upgrade it is answered with 426.
    @given(paths)
    @example(["ws"])
    def no_path(parts: list[str]) -> None:
        status, _, body = ask(site, "/" + "/".join(parts))
        refused = status in (404, 426) and SECRET not in body
        assert refused or (status == 200 and body in allowed)

    no_name()
    no_path()


@pytest.mark.parametrize("name", ["x" * 300, "x/" * 3000, "żółw", "\ud800", "\0", "a\0b", "COM1"])
def test_a_name_that_no_file_has_is_not_found(folder: Path, name: str) -> None:
    parts = name.encode(errors="surrogatepass").split(b"/")
    assert Files([folder], Brand()).find(parts) is None
    assert Files([folder / "nothing"], Brand()).find(parts) is None


def test_types_go_by_the_suffix(asking: Ask, folder: Path) -> None:
    for suffix, kind in [*TYPES.items(), (".SVG", "image/svg+xml"), (".exe", None), ("", None)]:
        (folder / f"file{suffix}").write_text("hi")
        headers = asking(f"/file{suffix}")[1]
        assert headers["Content-Type"] == (kind or "application/octet-stream")


def test_text_is_compressed_for_who_can_read_it(asking: Ask, folder: Path) -> None:
    status, plain, body = asking("/logo.svg")
    assert (status, plain["Content-Encoding"]) == (200, None)
    status, packed, compressed = asking("/logo.svg", Accept_Encoding="gzip, br")
    assert (status, packed["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(compressed) == body == (folder / "logo.svg").read_bytes()
    assert int(packed["Content-Length"]) == len(compressed) < len(body)
    assert plain["Content-Type"] == packed["Content-Type"]
    assert plain["Vary"] == packed["Vary"] == "Accept-Encoding"
    assert plain["ETag"] != packed["ETag"]
    # No time in it (RFC 1952, section 2.3): a restart leaves the tag as it was.
    assert compressed[4:8] == bytes(4)


def test_what_would_not_be_smaller_is_not_compressed(asking: Ask, folder: Path) -> None:
    (folder / "photo.png").write_text(WORDS)
    (folder / "file.bin").write_text(WORDS)
    (folder / "short.js").write_text("hi")
    (folder / "empty.js").touch()
    for name in ("photo.png", "file.bin", "short.js", "empty.js"):
        status, headers, body = asking(f"/{name}", Accept_Encoding="gzip")
        assert (status, headers["Content-Encoding"]) == (200, None)
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["Content-Length"] == str(len(body))
        assert body == (folder / name).read_bytes()


@pytest.mark.parametrize("coding", ["gzip", "identity"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_is_told_so(asking: Ask, coding: str, method: str) -> None:
    got = asking("/logo.svg", Accept_Encoding=coding)[1]
    for known in (got["ETag"], f'"other", W/{got["ETag"]}', "*"):
        status, headers, body = asking(
            "/logo.svg", method, Accept_Encoding=coding, If_None_Match=known
        )
        assert (status, body) == (304, b"")
        # RFC 9110, section 15.4.5: what a 200 would have said to caches, and no more.
        for name in ("ETag", "Vary", "Cache-Control"):
            assert headers[name] == got[name]
        assert "Date" in headers
        assert not {"Content-Length", "Content-Type", "Content-Encoding"} & set(headers)
        assert "Transfer-Encoding" not in headers
    other = asking("/logo.svg", Accept_Encoding={"gzip": "identity", "identity": "gzip"}[coding])
    again = asking("/logo.svg", method, Accept_Encoding=coding, If_None_Match=other[1]["ETag"])
    assert again[0] == 200


def test_head_says_what_get_would(asking: Ask) -> None:
    for path in ("/", "/logo.svg", "/style.css", "/nothing"):
        for coding in ("gzip", "identity"):
            got = asking(path, Accept_Encoding=coding)
            head = asking(path, "HEAD", Accept_Encoding=coding)
            assert (head[0], head[2]) == (got[0], b"")
            for name in set(got[1]) - {"Date", "Transfer-Encoding"}:
                assert head[1][name] == got[1][name]


def test_a_range_is_ignored(asking: Ask) -> None:
    for asked in ("bytes=0-3", "bytes=-1", "bytes=9-1", "bytes=0-0,2-2", "x" * 5000):
        status, headers, body = asking("/deep/", Range=asked)
        assert (status, headers["Accept-Ranges"], body) == (200, None, b"deep")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
@pytest.mark.parametrize("path", ["/", "/logo.svg", "/nothing"])
def test_another_method_is_not_allowed(asking: Ask, method: str, path: str) -> None:
    status, headers, _ = asking(path, method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_a_change_shows_at_once(asking: Ask, folder: Path) -> None:
    file = folder / "app.js"
    file.write_text("one")
    before = asking("/app.js")[1]["ETag"]
    os.utime(file, (1, 1))
    assert asking("/app.js")[1]["ETag"] == before
    file.write_text("two")
    status, headers, body = asking("/app.js", If_None_Match=before)
    assert (status, body) == (200, b"two")
    assert headers["ETag"] != before
    file.unlink()
    assert asking("/app.js")[0] == 404


def test_a_file_is_read_once(folder: Path) -> None:
    files = Files([folder], Brand())
    once = files.find([b"logo.svg"])
    assert files.find([b"logo.svg"]) is once
    # The same size and time: nothing says that it has changed.
    facts = (folder / "logo.svg").stat()
    (folder / "logo.svg").write_bytes(bytes(facts.st_size))
    os.utime(folder / "logo.svg", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert files.find([b"logo.svg"]) is once


def test_what_is_kept_is_bounded(folder: Path) -> None:
    files = Files([folder], Brand())
    once = files.find([b"logo.svg"])
    for number in range(KEPT):
        (folder / f"{number}.js").touch()
        assert found(files, f"{number}.js") == b""
    assert files.find([b"logo.svg"]) is not once
    assert files.find([b"logo.svg"]) == once


def test_a_file_that_is_too_large_is_not_read(folder: Path) -> None:
    files = Files([folder], Brand())
    for size, there in ((LARGEST, True), (LARGEST + 1, False)):
        with (folder / "large.bin").open("wb") as large:
            large.truncate(size)
        assert (files.find([b"large.bin"]) is not None) is there
