"""The page, its files, and what else is on the port, as any HTTP client finds them."""

import gzip
import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from roulette.web.site import HEADERS
from tests.e2e.guests import PATIENCE
from tests.service import Service, running

FILES = {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "site.webmanifest": "application/manifest+json",
    "icon.svg": "image/svg+xml",
    "folder/icon.png": "image/png",
}
SECRET = "nobody may read this"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have a page of our own, and a secret beside it."""
    beside = tmp_path_factory.mktemp("beside")
    (beside / "secret.txt").write_text(SECRET)
    folder = beside / "page"
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(f"this is {name}, żółw")
    return folder


@pytest.fixture(scope="module")
def own_page(folder: Path) -> Iterator[Service]:
    (folder.parent / "motd").write_text("Welcome, <stranger>.")
    (folder.parent / "rules").write_text("Be kind\nNo ads\n")
    (folder / "offline.html").write_text("{{title}} {{motd}} {{rules}}")
    options = ["--static", "page", "--title", "Tea & chat", "--motd", "motd", "--rules", "rules"]
    with running(*options, cwd=folder.parent) as server:
        yield server


def ask(
    server: Service, path: str, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, str]:
    """Return the answer to a request, headers and text; the path goes out as it is."""
    answer, body = fetch(server, path, method, **headers)
    return answer, body.decode()


def fetch(
    server: Service, path: str, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, bytes]:
    """Return the answer to a request, headers and bytes."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    with connection.getresponse() as answer:
        body = answer.read()
    connection.close()
    return answer, body


@pytest.mark.parametrize("name", FILES)
def test_the_files_of_the_page_are_served_with_their_types(own_page: Service, name: str) -> None:
    for path in (f"/{name}", f"/{name}?v=1"):
        answer, body = ask(own_page, path)
        assert (answer.status, body) == (200, f"this is {name}, żółw")
        assert answer.headers["Content-Type"] == FILES[name]
        assert answer.headers["Content-Length"] == str(len(body.encode()))


def test_the_page_is_at_the_root(own_page: Service, server: Service) -> None:
    assert ask(own_page, "/")[1] == "this is index.html, żółw"
    answer, body = ask(server, "/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.lower().startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["/", "/app.js", "/nothing", "/folder/", "/healthz", "/readyz"])
def test_every_answer_carries_the_headers_that_protect(own_page: Service, path: str) -> None:
    headers = ask(own_page, path)[0].headers
    for name, value in HEADERS.items():
        assert headers[name] == value
    # Nobody learns what is running, and nothing is remembered of a visitor.
    assert "Server" not in headers
    assert "Set-Cookie" not in headers


def test_scripts_and_styles_come_from_here_only(own_page: Service) -> None:
    policy = ask(own_page, "/")[0].headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/folder",
        "/folder/",
        "/folder/nothing",
        "/folder/..",
        "/..%2fsecret.txt",
        "/../secret.txt",
        "/folder/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/..%5csecret.txt",
        "//secret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/folder%00/icon.png",
        "/index.html%00",
        "/index.html/",
        "/index.html/more",
        "/%ff%fe",
        "/" + "x" * 4000,
    ],
)
def test_nothing_but_the_files_of_the_page_is_served(own_page: Service, path: str) -> None:
    answer, body = ask(own_page, path)
    assert answer.status == 404
    assert SECRET not in body
    assert "root:" not in body
    assert "icon.png" not in body


def test_what_was_asked_for_does_not_become_html(own_page: Service) -> None:
    for path in ("/<script>alert(1)</script>", "/%3Cscript%3Ealert(1)%3C/script%3E"):
        answer, body = ask(own_page, path)
        assert answer.status == 404
        assert "<script" not in body.lower()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told(own_page: Service, path: str) -> None:
    answer, body = ask(own_page, path)
    assert (answer.status, body) == (200, "ok\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert ask(own_page, path, "HEAD")[0].status == 200
    assert ask(own_page, path, "POST")[0].status == 405


@pytest.mark.parametrize("path", ["/", "/app.js", "/folder/icon.png", "/healthz"])
def test_head_is_get_without_the_body(own_page: Service, path: str) -> None:
    got, _ = ask(own_page, path)
    head, body = ask(own_page, path, "HEAD")
    assert (head.status, body) == (200, "")
    for name in ("Content-Type", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == got.headers[name]


def test_what_has_not_changed_is_not_sent_again(own_page: Service, folder: Path) -> None:
    got, _ = ask(own_page, "/app.js")
    assert got.headers["Cache-Control"] == "no-cache"
    answer, body = ask(own_page, "/app.js", If_None_Match=f"W/{got.headers['ETag']}")
    assert (answer.status, body) == (304, "")
    (folder / "new.js").write_text("before")
    before = ask(own_page, "/new.js")[0].headers["ETag"]
    (folder / "new.js").write_text("afterwards")
    answer, body = ask(own_page, "/new.js", If_None_Match=before)
    assert (answer.status, body) == (200, "afterwards")


def test_the_page_is_compressed(server: Service) -> None:
    for name in ("/", "/style.css", "/main.js"):
        plain, text = fetch(server, name)
        for accepted in ("gzip, deflate, br, zstd", "br;q=1.0, *;q=0.1"):
            packed, compressed = fetch(server, name, Accept_Encoding=accepted)
            assert packed.headers["Content-Encoding"] == "gzip"
            assert packed.headers["ETag"] != plain.headers["ETag"]
            assert gzip.decompress(compressed) == text
            assert len(compressed) < len(text) / 2


def test_a_folder_of_ones_own_is_laid_over_the_page(own_page: Service, server: Service) -> None:
    assert ask(own_page, "/main.js")[1] == ask(server, "/main.js")[1]
    assert ask(own_page, "/style.css")[1] != ask(server, "/style.css")[1]


def test_the_page_is_branded(own_page: Service) -> None:
    assert ask(own_page, "/offline.html")[1] == (
        "Tea &amp; chat <p>Welcome, &lt;stranger&gt;.</p> <li>Be kind</li><li>No ads</li>"
    )


def test_a_part_of_a_file_is_the_whole_of_it(own_page: Service) -> None:
    answer, body = ask(own_page, "/app.js", Range="bytes=0-3")
    assert (answer.status, body) == (200, "this is app.js, żółw")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
def test_what_makes_no_sense_is_refused(own_page: Service, method: str) -> None:
    answer, body = ask(own_page, "/", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert "Traceback" not in body


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/ws", {}),
        ("/ws?redirect=https://evil.example", {}),
        ("/ws?redirect=javascript:alert(1)&after=0", {}),
        ("/ws/", {}),
        ("/ws/more", {}),
        ("/ws", {"Upgrade": "h2c", "Connection": "Upgrade"}),
        ("/ws", {"Upgrade": "websocket", "Connection": "Upgrade"}),
        (
            "/ws",
            {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "12"},
        ),
    ],
)
def test_without_a_proper_upgrade_the_chat_refuses(
    own_page: Service, path: str, headers: dict[str, str]
) -> None:
    answer, body = ask(own_page, path, **headers)
    assert 400 <= answer.status < 500
    assert not {"Location", "Server"} & set(answer.headers)
    assert not re.search("evil|javascript|refresh", body)
