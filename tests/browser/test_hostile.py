"""Whatever a stranger, or a careless operator, writes is text."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Locator, expect

from roulette.core.text import clean
from tests.browser.tabs import Tabs
from tests.browser.wire import Stranger
from tests.operated import Operate, operated
from tests.service import Service

TOWER = "Z" + "\N{COMBINING ACUTE ACCENT}" * 1999
LRM, RLM = "\N{LEFT-TO-RIGHT MARK}", "\N{RIGHT-TO-LEFT MARK}"
RLO, LRO = "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{LEFT-TO-RIGHT OVERRIDE}"

HOSTILE = (
    # Elements and what runs in them
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><use href='data:,x'></svg>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>* { display: none }</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<a href='javascript:alert(1)'>here</a>",
    "<form action=//evil.example><button>Send again</button></form>",
    "<dialog open>Log in</dialog>",
    "<template><img src=x onerror=alert(1)></template>",
    "<!--<img src='--><img src=x onerror=alert(1)>'>",
    "\"><x onclick=alert(1)>'`",
    "</p></div></body><!--",
    "]]><script>alert(1)</script>",
    # What other programs would take apart
    "&lt;b&gt; &amp; &#60;script&#62; &nbsp;",
    "${alert(1)} {{alert(1)}} {{title}} <%= 1 %> #{1}",
    "background: url(//evil.example/x); } body { display: none",
    "expression(alert(1)) @import '//evil.example/x.css';",
    '{"type": "strangerDisconnected", "chat": "x", "reason": "left"}',
    "'; DROP TABLE guests; --",
    "%s %n %d %x {0} {} %00",
    "__proto__",
    "constructor",
    "* The stranger has left.",
    # Characters that are not seen, or move others
    f"txt.{RLO}exe{LRO}!",
    "a\N{RIGHT-TO-LEFT ISOLATE}b\N{POP DIRECTIONAL ISOLATE}c",
    "\N{FIRST STRONG ISOLATE}" * 100 + "never closed",
    "\N{RIGHT-TO-LEFT EMBEDDING}embedded, never closed",
    "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}.",
    "a\0b\x07c\x1b[31md\x7fe\x85f",
    "one\r\ntwo\rthree\n\n\nfour\t\tfive",
    "\N{LINE SEPARATOR}a\N{PARAGRAPH SEPARATOR}b",
    TOWER,
    "\N{COMBINING ENCLOSING CIRCLE BACKSLASH}" * 2000,
    "﷽" * 500,
    "W" * 2000,
    "\n" * 100 + "far below",
    # What looks like a way to elsewhere
    "javascript:alert(1) JaVaScRiPt:alert(1) java\nscript:alert(1) vbscript:x",
    "data:text/html,<script>alert(1)</script> file:///etc/passwd ftp://evil.example",
    "//evil.example/x \\\\evil.example\\x http:evil.example https:/evil.example",
    "https://bank.example@evil.example/ https://bank.example:x@evil.example/",
    "https://bank.example%40evil.example/ https:// http://",
    "https://evil.example/pixel.png",
    'http://evil.example/"onmouseover="alert(1)',
    f"{RLM}https://evil.example/{RLM}gpj.exe{LRM}",
    "HTTPS://аррӏе.example/",
    "https://evil.example/?to=javascript:alert(1)",
)

LINKS = [
    "https://evil.example/pixel.png",
    "http://evil.example/",
    "https://evil.example/",
    "HTTPS://аррӏе.example/",
    "https://evil.example/?to=javascript:alert(1)",
]
"""What of it are links, each of which leads where it says."""

DIFFERENCE = """
async (both) => {
  const pixels = async (png) => {
    const bytes = Uint8Array.from(atob(png), (byte) => byte.charCodeAt());
    const picture = await createImageBitmap(new Blob([bytes]));
    const { width, height } = picture;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    return [...canvas.getImageData(0, 0, width, height).data];
  };
  const all = (pictures) => Promise.all(pictures.map(pixels));
  const [before, after] = (await Promise.all(both.map(all))).map((pictures) => pictures.flat());
  return Math.max(...before.map((value, index) => Math.abs(value - after[index])));
}
"""
"""How much pictures differ where they differ most, from 0 to 255."""

TITLE = "</title><svg onload=alert(1)>{{motd}}"
MOTD = "<script>alert(1)</script> & {{rules}}\n\n<img src=x onerror=alert(1)>"
RULES = ["</ul><style>* { display: none }</style>", "<a href=javascript:alert(1)>{{title}}</a>"]
TOPICS = ["<img src=x onerror=alert(1)>", "&lt;b&gt; {list} ${1}", "__proto__"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Operate]]:
    """Have a service whose operator takes the page for a place for HTML."""
    folder = tmp_path_factory.mktemp("brand")
    (folder / "motd").write_text(MOTD)
    (folder / "rules").write_text("\n".join(RULES))
    options = {"--title": TITLE, "--motd": f"{folder / 'motd'}", "--rules": f"{folder / 'rules'}"}
    with operated(*(word for option in options.items() for word in option)) as house:
        yield house


@pytest.fixture
def server(house: tuple[Service, Operate]) -> Service:
    return house[0]


@pytest.fixture
def stranger(server: Service) -> Iterator[Stranger]:
    with ExitStack() as connections:
        yield Stranger(server.ws, connections)


def tags(within: Locator) -> set[str]:
    """Return the names of all elements within an element."""
    return set(within.locator("*").evaluate_all("all => all.map((one) => one.localName)"))


def test_there_are_fifty() -> None:
    assert len(set(HOSTILE)) >= 50


def test_what_comes_shows_as_text(tabs: Tabs, stranger: Stranger) -> None:
    one = tabs.enter()
    stranger.come()
    one.is_talking()
    before = one.page.locator("body *:not(#log *)").count()
    stranger.say(*HOSTILE)
    one.has_heard(*map(clean, HOSTILE))
    expect(one.log.get_by_role("link")).to_have_count(0)
    one.say("I have seen it all")
    links = one.log.get_by_role("link")
    for _ in range(2):
        one.has_heard(*map(clean, HOSTILE))
        assert tags(one.log) <= {"div", "p", "span", "time", "a"}
        assert links.all_text_contents() == LINKS
        for link, address in zip(links.all(), LINKS, strict=True):
            expect(link).to_have_attribute("href", address)
            expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        assert one.page.locator("body *:not(#log *)").count() == before
        # What is kept for a reload is text again, too.
        one.page.reload()
        one.is_talking()


def test_what_goes_arrives_as_text(tabs: Tabs, stranger: Stranger) -> None:
    one = tabs.enter()
    stranger.come()
    one.is_talking()
    one.say(*HOSTILE)
    assert stranger.hears(len(HOSTILE)) == list(map(clean, HOSTILE))
    one.has_said(*map(clean, HOSTILE))
    assert tags(one.log) <= {"div", "p", "span", "time"}


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_leaves_its_place(tabs: Tabs, stranger: Stranger, width: int) -> None:
    one = tabs.enter(context=tabs.context(viewport={"width": width, "height": 700}))
    stranger.come()
    one.is_talking()
    stranger.say(*HOSTILE)
    one.has_heard(*map(clean, HOSTILE))
    spread = one.log.evaluate(
        """(log) => {
          const { left, right } = log.getBoundingClientRect();
          const leaves = [...log.querySelectorAll("*:not(.unseen)")].filter((node) => {
            const box = node.getBoundingClientRect();
            return box.left < left || box.right > right + 0.5;
          });
          return [leaves.length, log.scrollWidth - log.clientWidth];
        }"""
    )
    assert spread == [0, 0]


def test_a_tower_of_marks_stays_within_its_bubble(tabs: Tabs, stranger: Stranger) -> None:
    one = tabs.enter()
    stranger.come()
    one.is_talking()
    stranger.say("above", TOWER, "below")
    one.has_heard("above", TOWER, "below")
    above, tower, below = one.page.locator(".theirs").all()

    def others(style: str) -> list[str]:
        """Return pictures of the others while the tower has a style."""
        tower.evaluate("(node, style) => node.style.cssText = style", style)
        return [b64encode(bubble.screenshot()).decode() for bubble in (above, below)]

    alone = others("color: transparent")
    # Painted once more, a picture is not the same to the last bit.
    assert one.page.evaluate(DIFFERENCE, [alone, others("")]) < 16
    assert one.page.evaluate(DIFFERENCE, [alone, others("overflow: visible")]) > 128


def test_topics_are_text(tabs: Tabs, stranger: Stranger) -> None:
    one = tabs.enter(*TOPICS)
    chips = one.page.locator("#topics .chips")
    assert tags(chips) == {"li", "button", "bdi"}
    stranger.come(*TOPICS)
    one.is_talking()
    for topic in TOPICS:
        expect(chips).to_contain_text(topic)
        expect(one.log).to_contain_text(topic)
    assert tags(one.log) == {"p"}


def test_what_the_operator_writes_is_text(
    tabs: Tabs, stranger: Stranger, house: tuple[Service, Operate]
) -> None:
    one = tabs.open()
    one.is_at_the_start()
    expect(one.page).to_have_title(TITLE)
    expect(one.page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert tags(one.page.locator("h1")) == set()
    motd, rules = one.page.locator("#motd"), one.page.locator(".rules:visible")
    assert motd.locator("p").all_text_contents() == MOTD.split("\n\n")
    assert tags(motd) == {"p"}
    assert rules.locator("li").all_text_contents() == RULES
    assert tags(rules) == {"li"}
    one.enter()
    one.is_searching()
    house[1]("announce <img src=x onerror=alert(1)> &amp;")
    expect(one.notice).to_have_text("From the server: <img src=x onerror=alert(1)> &amp;")
    expect(one.notice).not_to_have_class("bad")
    stranger.come()
    one.is_talking()
    house[1]("announce <script>alert(1)</script>")
    expect(one.log).to_contain_text("From the server: <script>alert(1)</script>")
    assert tags(one.log) == {"p"}
