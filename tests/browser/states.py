"""Every state in which a person can find the page: one walk through all of them.

The page is looked at by its ids, since its words may be of any language.
"""

from collections.abc import Generator
from contextlib import ExitStack

from playwright.sync_api import BrowserContext, Page, WebSocket, expect
from websockets.sync.client import connect

from tests.browser.tabs import SOON
from tests.browser.wire import SUBPROTOCOL, Stranger, said, tell
from tests.operated import Operate
from tests.service import Service

STATES = (
    "start",
    "start, refused",
    "start, filled in",
    "menu",
    "settings",
    "searching",
    "searching, announcement",
    "met",
    "typing",
    "talking",
    "near the limit",
    "too long",
    "reading back",
    "asking to block",
    "asking to go on",
    "stranger away",
    "stranger reconnecting",
    "elsewhere",
    "connection lost",
    "over",
    "over, asked to meet again",
    "over, asked by the stranger",
    "over, blocked",
    "shown out",
    "offline",
)
"""The names of the states, in the order of the walk."""

CROWD = 12
"""So many others are there that the page tells how many."""

HEARD = (
    "Hello! See https://example.org/a/long/way/to/go?and=something, or write back",
    "مرحبا! كيف حالك؟",
    "👩‍👩‍👧‍👦 👍🏽",
    "W" * 300,
    "two\nlines",
)
SAID = ("Hi https://example.org/mine", "Zażółć gęślą jaźń", "🏔️", "a", "b", "c", "d")
MORE = ("lines", "to", "scroll", "past")


def walk(
    context: BrowserContext, server: Service, operate: Operate
) -> Generator[tuple[str, Page], None, None]:
    """Yield the name of each state when the page is in it; the next goes on from there.

    Whoever looks leaves the page as it was. The server has no other guests.
    """
    with ExitStack() as connections:
        stranger, *_ = (Stranger(server.ws, connections) for _ in range(CROWD))
        yield from _walk(context.new_page(), stranger, server, operate)


def _walk(
    page: Page, stranger: Stranger, server: Service, operate: Operate
) -> Generator[tuple[str, Page], None, None]:
    at = {
        name: page.locator(f"#{name}")
        for name in (
            *("start", "consent", "topic", "only", "menu", "settings", "notice", "detail", "log"),
            *("text", "count", "down", "block", "stop", "no", "next", "leave", "rematch", "here"),
            *("guests", "choices", "question", "status"),
        )
    }
    body = page.locator("body")
    bubbles = page.locator(".theirs, .mine")

    def is_in(phase: str) -> None:
        expect(body).to_have_attribute("data-phase", phase)

    def sounds(tone: str) -> None:
        expect(body).to_have_attribute("data-tone", tone, timeout=SOON)

    welcomes: list[tuple[str, str]] = []

    def note(frame: str | bytes) -> None:
        welcomes.extend(
            zip(said(frame, "welcome", "guest"), said(frame, "welcome", "resume"), strict=True)
        )

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    page.on("websocket", listen)
    page.goto(server.url)
    expect(at["guests"]).to_be_visible()
    yield "start", page
    at["start"].click()
    expect(at["notice"]).not_to_be_empty()
    yield "start, refused", page
    for topic in ("tea", "night trains", "قهوة", "W" * 32):
        at["topic"].fill(topic)
        at["topic"].press("Enter")
    page.locator("#topics .chips button").first.click()
    at["only"].check()
    at["consent"].check()
    yield "start, filled in", page
    at["menu"].click()
    expect(at["settings"]).to_be_visible()
    yield "menu", page
    at["settings"].click()
    expect(at["choices"]).to_be_visible()
    yield "settings", page
    page.keyboard.press("Escape")
    expect(at["choices"]).to_be_hidden()
    at["start"].click()
    is_in("searching")
    expect(at["detail"]).not_to_be_empty()
    yield "searching", page
    operate(f"announce We close at midnight. {'W' * 200}")
    expect(at["notice"]).not_to_be_empty()
    yield "searching, announcement", page
    stranger.come("night trains")
    is_in("talking")
    yield "met", page
    stranger.act("typing")
    expect(at["detail"]).not_to_be_empty()
    yield "typing", page
    stranger.say(*HEARD)
    for text in SAID:
        at["text"].fill(text)
        at["text"].press("Enter")
    expect(bubbles).to_have_count(len(HEARD) + len(SAID))
    expect(page.locator(".mine:not([data-mark=sending])")).to_have_count(len(SAID))
    operate("announce We close at midnight.")
    expect(page.locator(".line")).to_have_count(2)
    yield "talking", page
    at["text"].fill("word " * 380)
    expect(at["count"]).to_be_visible()
    yield "near the limit", page
    at["text"].fill("word " * 420)
    at["text"].press("Enter")
    expect(at["notice"]).not_to_be_empty()
    yield "too long", page
    at["text"].fill("")
    stranger.say(*MORE)
    expect(bubbles).to_have_count(len(HEARD) + len(SAID) + len(MORE))
    at["log"].evaluate("log => log.scrollTop = 0")
    expect(at["down"]).to_be_visible()
    stranger.say("down here")
    expect(bubbles).to_have_count(len(HEARD) + len(SAID) + len(MORE) + 1)
    yield "reading back", page
    at["down"].click()
    expect(at["down"]).to_be_hidden()
    at["menu"].click()
    at["block"].click()
    expect(at["question"]).to_be_visible()
    yield "asking to block", page
    at["no"].click()
    at["next"].click()
    expect(at["question"]).to_be_visible()
    yield "asking to go on", page
    at["no"].click()
    stranger.do("away")
    sounds("warn")
    yield "stranger away", page
    stranger.do("back")
    sounds("good")
    stranger.vanish()
    sounds("warn")
    yield "stranger reconnecting", page
    stranger.come_back()
    sounds("good")
    with connect(server.ws, subprotocols=[SUBPROTOCOL]) as elsewhere:
        tell(elsewhere, "hello", resume=welcomes[-1][1])
        expect(at["here"]).to_be_visible()
        yield "elsewhere", page
        at["here"].click()
        sounds("good")
    page.context.set_offline(True)
    sounds("warn")
    at["text"].fill("from the tunnel")
    at["text"].press("Enter")
    yield "connection lost", page
    stranger.act("disconnect")
    page.context.set_offline(False)
    is_in("over")
    expect(page.locator("[data-act=edit]")).to_be_visible()
    expect(at["rematch"]).to_be_visible()
    yield "over", page
    at["rematch"].click()
    expect(at["rematch"]).to_have_attribute("aria-disabled", "true")
    yield "over, asked to meet again", page
    stranger.act("rematch")
    stranger.meet()
    is_in("talking")
    stranger.act("disconnect")
    is_in("over")
    before = at["rematch"].inner_text()
    stranger.act("rematch")
    expect(at["rematch"]).not_to_have_text(before)
    yield "over, asked by the stranger", page
    at["menu"].click()
    at["block"].click()
    at["stop"].click()
    expect(at["rematch"]).to_be_hidden()
    yield "over, blocked", page
    before = at["status"].inner_text()
    operate(f"kick {welcomes[-1][0]}")
    expect(at["status"]).not_to_have_text(before)
    yield "shown out", page
    page.evaluate("navigator.serviceWorker.ready")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("h2")).to_be_visible()
    yield "offline", page
