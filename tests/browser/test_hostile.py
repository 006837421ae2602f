"""Whatever a stranger writes is text."""

from playwright.sync_api import expect

from tests.browser.tabs import Tabs, are_exactly

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><use href='data:,x'></svg>",
    "<style>* { display: none }</style>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>here</a>",
    "javascript:alert(1)",
    "https://evil.example/pixel.png",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "</p></div></body><!--",
    "${alert(1)} {{alert(1)}} <%= 1 %>",
    "\"><x onclick=alert(1)>'`",
    '{"type": "strangerDisconnected", "chat": "x", "reason": "left"}',
    "* The stranger has left.",
    "a\N{RIGHT-TO-LEFT ISOLATE}b\N{POP DIRECTIONAL ISOLATE}c",
    "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}.",
    "Z" + "\N{COMBINING ACUTE ACCENT}" * 1999,
    "__proto__",
)

OVERRIDE = "txt.\N{RIGHT-TO-LEFT OVERRIDE}exe\N{LEFT-TO-RIGHT OVERRIDE}!"


def test_hostile_texts_show_as_text(tabs: Tabs) -> None:
    one, other = tabs.pair()
    before = other.page.locator("body *:not(#log *)").count()
    one.say(*HOSTILE)
    other.has_heard(*HOSTILE)
    one.has_said(*HOSTILE)
    other.say("I have seen it all")
    for tab in (one, other):
        tags = tab.page.locator("#log *").evaluate_all("all => all.map(one => one.tagName)")
        assert set(tags) <= {"DIV", "P", "SPAN", "TIME", "A"}
        expect(tab.log.get_by_role("link")).to_have_text(["https://evil.example/pixel.png"])
        tab.is_talking()
    assert other.page.locator("body *:not(#log *)").count() == before
    one.say(OVERRIDE)
    other.has_heard(*HOSTILE, "txt.exe!")


def test_after_a_reload_it_is_still_text(tabs: Tabs) -> None:
    one, other = tabs.pair()
    one.say(*HOSTILE)
    other.has_heard(*HOSTILE)
    other.page.reload()
    other.is_talking()
    are_exactly(other.heard, HOSTILE)
    expect(other.page.locator("#log img, #log script, #log a")).to_have_count(0)
