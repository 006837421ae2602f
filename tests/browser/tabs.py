"""Tabs of a real browser, which complain about everything that should not happen in one."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

WITHOUT = (
    # What drops down from the address bar: two pages of Chromium's own in each window, which
    # nobody sees here, and which take it longer than our page does.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # What would call somebody. Playwright leaves these out as well, but the last list counts.
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PreconnectToSearch",
    "AimEnabled",
)
"""Features that Chromium does without."""

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(WITHOUT)}",
]
"""How to start Chromium: as root, without a display, calling nobody."""

SOON = 20_000
"""Milliseconds for what takes a few attempts."""

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation",
    (event) => console.error("CSP", event.violatedDirective, event.blockedURI));
"""

LOST = re.compile(r"WebSocket connection to .* failed|Failed to load .*/(ws|favicon[\w-]*\.svg)$")
"""What Chromium says about a connection that fails; no page can keep it from that."""


ACCEPTED = re.compile("^(sent|seen)$")
"""The mark of a message that the server has; whether it was seen too depends on the moment."""


class Tab:
    """The page as a person sees it, in English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = page.locator("#status")
        self.detail = page.locator("#detail")
        self.notice = page.locator("#notice")
        self.log = page.locator("#log")
        self.input = page.get_by_role("textbox", name="Message")
        self.start = self.button("Start")
        self.consent = page.get_by_role("checkbox", name="I am at least 18")
        self.topic = page.get_by_role("textbox", name="Add a topic")
        self.cancel = self.button("Cancel")
        self.next = self.button("Next")
        self.leave = self.button("Leave")
        self.close = self.button("Close")
        self.send = self.button("Send")
        self.rematch = page.locator("#rematch")
        self.guests = page.locator("#guests")
        self.heard = page.locator(".theirs .text")
        self.said = page.locator(".mine .text")
        self.marks = page.locator(".mine .mark")

    def button(self, name: str) -> Locator:
        """Return the button of exactly this name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def enter(self, *topics: str) -> None:
        """Agree to the rules, name topics, and search."""
        self.consent.check()
        for topic in topics:
            self.topic.fill(topic)
            self.topic.press("Enter")
        self.start.click()

    def choose(self, name: str) -> None:
        """Choose something of the menu: Block, Save transcript or Settings."""
        self.button("More").click()
        self.button(name).click()

    def look_away(self) -> None:
        """Do as if another tab came before this one: none is ever hidden without a window."""
        self._is_hidden(True)

    def look_back(self) -> None:
        """Do as if this tab came to the front again."""
        self._is_hidden(False)

    def _is_hidden(self, hidden: bool) -> None:
        self.page.evaluate(
            """(hidden) => {
                Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
                document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

    def say(self, *texts: str) -> None:
        """Write each text and send it with Enter."""
        for text in texts:
            self.input.fill(text)
            self.input.press("Enter")

    def is_told(self, words: str, timeout: float | None = None) -> None:
        """Wait until the status says ``words``."""
        expect(self.status).to_contain_text(words, timeout=timeout)

    def is_searching(self) -> None:
        """Wait until the guest waits for a stranger."""
        self.is_told("Looking for")

    def is_talking(self, timeout: float | None = None) -> None:
        """Wait until there is a stranger."""
        self.is_told("You are talking with a stranger.", timeout)

    def is_at_the_start(self) -> None:
        """Wait until the first view is shown, and the server knows of the guest."""
        expect(self.start).to_be_visible()
        expect(self.status).to_be_empty()

    def has_heard(self, *texts: str) -> None:
        """Wait until exactly these texts came from the stranger, every character the same."""
        are_exactly(self.heard, texts)

    def has_said(self, *texts: str, mark: str | re.Pattern[str] = ACCEPTED) -> None:
        """Wait until exactly these texts are shown as one's own, each with ``mark``."""
        are_exactly(self.said, texts)
        expect(self.marks).to_have_text([mark] * len(texts))


def are_exactly(found: Locator, texts: tuple[str, ...]) -> None:
    """Wait until there are as many elements; they have these texts, every space the same."""
    expect(found).to_have_count(len(texts))
    assert tuple(found.all_text_contents()) == texts


def luminance(page: Page, colour: str) -> float:
    """Return how bright a colour of the page is, from 0 to 1: ``color`` or ``backgroundColor``."""
    rgb: str = page.evaluate("(colour) => getComputedStyle(document.body)[colour]", colour)
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", rgb)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def new_context(browser: Browser, **options: object) -> BrowserContext:
    """Return a browser of its own, as it were: it shares nothing with the others."""
    options = {"locale": "en-GB", **options}
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.add_init_script(REPORT_VIOLATIONS)
    return context


class Regulars:
    """A browser in which people have been before, which takes Chromium less than a new one.

    Each of its pages is in a window of its own: Chromium slows the hidden tabs of a window.
    """

    def __init__(self, browser: Browser) -> None:
        self.context = new_context(browser)
        device = self.context.new_cdp_session(self.context.new_page())
        target = device.send("Target.getTargetInfo")["targetInfo"]
        self._window = {
            "url": "about:blank",
            "browserContextId": target["browserContextId"],
            "newWindow": True,
        }
        self._device = browser.new_browser_cdp_session()

    def new_page(self) -> Page:
        """Return an empty page in a new window."""
        with self.context.expect_page() as page:
            self._device.send("Target.createTarget", self._window)
        return page.value


class Tabs:
    """Opens tabs at ``origin``, and notes whatever goes wrong in any of them."""

    def __init__(self, browser: Browser, origin: str, regulars: Regulars | None = None) -> None:
        self._browser = browser
        self._origin = origin
        self._regulars = regulars
        self._contexts: list[BrowserContext] = []
        self._pages: list[Page] = []
        self._complaints: list[str] = []
        self.may_lose_connection = False
        if regulars is not None:
            regulars.context.on("page", self._watch)

    def context(self, **options: object) -> BrowserContext:
        """Return a browser in which nobody has been before."""
        context = new_context(self._browser, **options)
        context.on("page", self._watch)
        self._contexts.append(context)
        return context

    def open(
        self, context: BrowserContext | Regulars | None = None, origin: str | None = None
    ) -> Tab:
        """Open the page in a new tab, of a new browser unless one is given."""
        page = (context or self.context()).new_page()
        page.goto(origin or self._origin)
        return Tab(page)

    def enter(
        self, *topics: str, context: BrowserContext | None = None, origin: str | None = None
    ) -> Tab:
        """Open the page in a new tab, and search; without topics, in the browser of regulars."""
        tab = self.open(context or (None if topics else self._regulars), origin)
        tab.enter(*topics)
        return tab

    def pair(self) -> tuple[Tab, Tab]:
        """Return two tabs whose persons have met."""
        one, other = self.enter(), self.enter()
        one.is_talking()
        other.is_talking()
        return one, other

    def check(self) -> None:
        """Fail if anything went wrong, when every tab is closed."""
        for page in self._pages:
            if not page.is_closed():
                page.evaluate("0")  # what happened before this has been reported now
                page.close()
        for context in self._contexts:
            context.close()
        if self._regulars is not None:
            self._regulars.context.remove_listener("page", self._watch)
        complaints = [
            complaint
            for complaint in self._complaints
            if not (self.may_lose_connection and LOST.search(complaint))
        ]
        assert not complaints, complaints

    def _watch(self, page: Page) -> None:
        self._pages.append(page)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self._complaints.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: self._complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self._note_url(request.url))
        page.on("websocket", lambda socket: self._note_url(socket.url))

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complaints.append(f"console: {message.text} {message.location['url']}")

    def _note_url(self, url: str) -> None:
        if urlsplit(url).hostname != "127.0.0.1":
            self._complaints.append(f"request to another origin: {url}")
