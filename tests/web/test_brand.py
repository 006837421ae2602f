import json
import os
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roulette.core.text import clean
from roulette.options import packaged_page
from roulette.web import brand
from roulette.web.brand import TEXT_BYTES, TITLE_CHARACTERS, Brand
from roulette.web.files import Files
from tests.memory import Make, ask

PAGE = b'<title>{{title}}</title><p title="{{title}}"></p>{{motd}}<ul>{{rules}}</ul>'
MANIFEST = b'{"name": "{{title}}", "description": "{{motd}}", "rules": "{{rules}}"}'

texts = st.text() | st.text("<>&\"'/{}\\ \n\u202ehtitle")


class Seen(HTMLParser):
    """What a browser makes of some HTML: its elements, and its text."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text: list[str] = []
        self.feed(html.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_is_filled_with_the_texts() -> None:
    made = Brand("Tea & chat", "Welcome,\nstranger.\n\n \nToday: <jazz>\n", "Be kind\n\n No ads \n")
    assert made.fill("index.html", PAGE) == (
        b'<title>Tea &amp; chat</title><p title="Tea &amp; chat"></p>'
        b"<p>Welcome,<br>stranger.</p><p>Today: &lt;jazz&gt;</p>"
        b"<ul><li>Be kind</li><li>No ads</li></ul>"
    )


def test_by_default_there_is_a_title_only() -> None:
    filled = b'<title>roulette</title><p title="roulette"></p><ul></ul>'
    assert Brand().fill("index.html", PAGE) == filled
    assert Brand().fill("offline.html", PAGE) == filled


def test_other_files_and_other_braces_stay_as_they_are() -> None:
    assert Brand().fill("main.js", PAGE) == PAGE
    assert Brand().fill("help/index.html", PAGE) == PAGE
    odd = b"{{ title }} {{name}} {title} \xff"
    assert Brand().fill("index.html", odd) == odd


def test_a_text_that_looks_like_a_placeholder_is_a_text() -> None:
    made = Brand("{{rules}}", "{{title}}", "{{motd}}")
    assert b"<title>{{rules}}</title>" in made.fill("index.html", PAGE)
    assert b"<p>{{title}}</p><ul><li>{{motd}}</li></ul>" in made.fill("index.html", PAGE)


@given(st.builds(Brand, title=texts, motd=texts, rules=texts))
def test_no_text_becomes_html_or_breaks_the_manifest(made: Brand) -> None:
    manifest = json.loads(made.fill("manifest.webmanifest", MANIFEST))
    assert manifest == {"name": made.title, "description": made.motd, "rules": made.rules}
    seen = Seen(made.fill("index.html", PAGE))
    assert set(seen.elements) <= {"title", "p", "br", "ul", "li"}
    assert seen.elements.count("li") == sum(bool(line.strip()) for line in made.rules.splitlines())


@given(texts)
def test_a_title_is_one_short_line_or_refused(text: str) -> None:
    shown = clean(text).strip()
    if len(shown.splitlines()) == 1 and len(shown) <= TITLE_CHARACTERS:
        assert brand.title(text) == shown
    else:
        with pytest.raises(ValueError, match=r"\Aa title [^\n]+\Z"):
            brand.title(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "a title is one line of text"),
        (" \t", "a title is one line of text"),
        ("\x1b\u202e", "a title is one line of text"),
        ("two\nlines", "a title is one line of text"),
        ("two\u2028lines", "a title is one line of text"),
        ("x" * 41, "a title has at most 40 characters, not 41"),
    ],
)
def test_what_is_no_title(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        brand.title(text)


def test_a_title_in_any_script() -> None:
    assert brand.title(" \u202eدردشة 🎲\x07 ") == "دردشة 🎲"
    assert brand.title("ż" * 40) == "ż" * 40


def test_a_file_is_read_and_cleaned(tmp_path: Path) -> None:
    file = tmp_path / "motd"
    file.write_bytes(b"\xef\xbb\xbfone\r\n\r\n\x1b[2Jtwo \xe2\x80\xaeowt\n")
    assert brand.motd(file) == "one\n\n[2Jtwo owt\n"
    file.write_bytes(b"")
    assert brand.motd(file) == ""
    file.write_bytes(b"x" * TEXT_BYTES)
    assert brand.motd(file) == "x" * TEXT_BYTES


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf\x07"])
def test_rules_have_at_least_one(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rules"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="there is no rule in it"):
        brand.rules(file)


def test_a_file_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (TEXT_BYTES + 1))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    os.mkfifo(tmp_path / "pipe")
    complaints = {
        "missing": "No such file or directory",
        "": "this is no file",
        "pipe": "this is no file",
        "large/more": "Not a directory",
        "circle": "Too many levels of symbolic links",
        "large": "more than 16384 bytes",
        "binary": "this is not UTF-8",
    }
    for name, complaint in complaints.items():
        for read in (brand.motd, brand.rules):
            with pytest.raises(ValueError, match=complaint) as raised:
                read(tmp_path / name)
            assert str(raised.value) == f"{tmp_path / name}: {complaint}"


def test_a_file_that_cannot_be_read_is_one_clear_line() -> None:
    # It may be opened, but has nothing at its beginning; root may open any other.
    with pytest.raises(ValueError, match="/proc/self/mem: Input/output error"):
        brand.motd(Path("/proc/self/mem"))


def test_the_service_fills_its_page(bring_up: Make, tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    for name in ("index.html", "offline.html", "manifest.webmanifest", "other.html"):
        (tmp_path / "page" / name).write_text("{{title}}|{{motd}}|{{rules}}")
    (tmp_path / "motd").write_text("Welcome\n\nto <us>")
    (tmp_path / "rules").write_text("Be kind\n")
    files = {name: str(tmp_path / name) for name in ("motd", "rules", "page")}
    options = ["--title", 'Tea "&" chat', "--motd", files["motd"], "--rules", files["rules"]]
    site = bring_up("--static", files["page"], *options).reactor.tcpServers[0][1]
    html = b"Tea &quot;&amp;&quot; chat|<p>Welcome</p><p>to &lt;us&gt;</p>|<li>Be kind</li>"
    assert ask(site, "/")[2] == ask(site, "/index.html")[2] == ask(site, "/offline.html")[2] == html
    manifest = b'Tea \\"&\\" chat|Welcome\\n\\nto <us>|Be kind\\n'
    assert ask(site, "/manifest.webmanifest")[2] == manifest
    assert ask(site, "/other.html")[2] == b"{{title}}|{{motd}}|{{rules}}"


def test_the_packaged_page_is_named_by_its_title(bring_up: Make) -> None:
    site = bring_up("--title", "Tea & chat").reactor.tcpServers[0][1]
    assert b"<title>Tea &amp; chat</title>" in ask(site, "/")[2]


def test_a_new_brand_shows_at_once() -> None:
    files = Files([packaged_page()], Brand())
    before = files.find([b"index.html"])
    style = files.find([b"style.css"])
    files.brand = Brand(title="Another")
    after = files.find([b"index.html"])
    assert before is not None
    assert after is not None
    assert b"<title>Another</title>" in after.plain.content
    assert after.plain.entity_tag != before.plain.entity_tag
    assert files.find([b"style.css"]) == style
