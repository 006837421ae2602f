"""Who sees little, or nothing, or has no mouse, or a small screen, can use the page as well."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.states import STATES, walk
from tests.browser.tabs import Tabs
from tests.needs import needs_axe
from tests.operated import Operate, operated
from tests.service import Service

DESKTOP: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 390, "height": 664}
NARROW: ViewportSize = {"width": 320, "height": 568}
AT_200_PERCENT: ViewportSize = {"width": 640, "height": 360}
WINDOWS = (DESKTOP, PHONE, NARROW, AT_200_PERCENT)

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
EVERY_RULE: Mapping[str, object] = {
    "runOnly": {"type": "tag", "values": TAGS},
    # The only rule of these tags that axe-core leaves out by itself.
    "rules": {"target-size": {"enabled": True}},
}
COLOURS: Mapping[str, object] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
}
"""The rules whose outcome may differ between light and dark, since only colours do."""

ONLY_OPENED = {"start": {"focus"}, "offline": {"focus", "live"}}
"""What does not hold where nobody has done anything yet, and nothing is going to happen."""

LOOKS: tuple[tuple[Literal["light", "dark"], Mapping[str, object]], ...] = (
    ("light", EVERY_RULE),
    ("dark", COLOURS),
)

ENHANCED = {"runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]}}

MOVING = "document.getAnimations().filter((it) => it.playState === 'running').length"

EDGELESS = """
(selector) => [...document.querySelectorAll(selector)]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const { borderTopWidth, borderTopColor } = getComputedStyle(node);
    const around = getComputedStyle(document.body).backgroundColor;
    return parseFloat(borderTopWidth) < 1 || borderTopColor === around;
  })
  .map((node) => node.id || node.className)
"""
"""What has no border that differs from what is around; colours do not tell it apart here."""

FOCUSED = """
async () => {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  const { id, localName } = document.activeElement;
  return [id || localName, getComputedStyle(document.activeElement).outlineStyle];
}
"""
"""What has the focus, and its outline, once it is known whether the log was scrolled by it."""

Arrive = Callable[[str], Page]

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong in a state of the page."""

    check: str
    language: str
    look: str
    state: str
    what: str


class Inspector:
    """Looks at the page in every state and in every way, and notes what is wrong."""

    def __init__(self, language: str, window: ViewportSize, axe: str) -> None:
        self.findings: list[Finding] = []
        self.visited: list[str] = []
        self._language = language
        self._window = window
        self._axe = axe

    def inspect(self, state: str, page: Page) -> None:
        """Look at a state in each way; afterwards the page is as it was."""
        self.visited.append(state)
        if page.evaluate("typeof axe") == "undefined":
            # As the developer tools do it, so that the page's own policy stays as it is.
            page.evaluate(self._axe)
            page.evaluate(CHECKS)
        for scheme, rules in LOOKS:
            page.emulate_media(color_scheme=scheme)
            self._note("axe", scheme, state, axe(page, rules))
        for window in WINDOWS:
            page.set_viewport_size(window)
            self._measure(f"{window['width']} px", state, page)
        page.set_viewport_size(self._window)
        page.emulate_media(color_scheme="null")

    def _measure(self, look: str, state: str, page: Page) -> None:
        found: dict[str, Sequence[str]] = page.evaluate("checks()")
        for check in found.keys() - ONLY_OPENED.get(state, set()):
            self._note(check, look, state, found[check])

    def _note(self, check: str, look: str, state: str, found: Sequence[str]) -> None:
        self.findings += [Finding(check, self._language, look, state, what) for what in found]


def axe(page: Page, rules: Mapping[str, object]) -> list[str]:
    """Return what axe-core finds by these rules, and where."""
    found = page.evaluate(
        "rules => axe.run(document, { ...rules, resultTypes: ['violations'] })", rules
    )
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Service, Operate]]:
    with operated() as house:
        yield house


@pytest.fixture(scope="module", params=[("en", DESKTOP), ("ar", PHONE)], ids=["en", "ar"])
def inspected(
    request: pytest.FixtureRequest, browser: Browser, house: tuple[Service, Operate]
) -> Inspector:
    """Walk through every state: in English at a desk, in Arabic on a phone."""
    language, window = request.param
    inspector = Inspector(language, window, needs_axe())
    tabs = Tabs(browser, house[0].url)
    tabs.may_lose_connection = True
    context = tabs.context(locale=language, viewport=window)
    for state, page in walk(context, *house):
        inspector.inspect(state, page)
    tabs.check()
    return inspector


def test_every_state_was_seen(inspected: Inspector) -> None:
    assert tuple(inspected.visited) == STATES


@pytest.mark.parametrize("check", ["axe", "focus", "live", "overflow", "reach", "targets"])
def test_nothing_is_found(inspected: Inspector, check: str) -> None:
    assert [finding for finding in inspected.findings if finding.check == check] == []


@pytest.fixture(scope="module")
def arrived(browser: Browser, house: tuple[Service, Operate]) -> Iterator[Arrive]:
    """Return a function that walks on until the page is in a state; tests share one walk."""
    tabs = Tabs(browser, house[0].url)
    with closing(walk(tabs.context(viewport=DESKTOP), *house)) as steps:
        passed: dict[str, Page] = {}

        def arrive(state: str) -> Page:
            while state not in passed:
                name, passed[name] = next(steps)
            return passed[state]

        yield arrive
    tabs.check()


def tabbed(page: Page) -> list[str]:
    """Press Tab from the top of the page to its end; return what has the focus, and an outline."""
    met: list[str] = []
    while page.evaluate(FOCUSED)[0] != "body":
        page.keyboard.press("Tab")
    while True:
        page.keyboard.press("Tab")
        name, outline = page.evaluate(FOCUSED)
        if name == "body":
            return met
        assert outline == "solid", name
        met.append(name)


def test_nothing_moves_for_who_wants_no_motion(arrived: Arrive) -> None:
    page = arrived("searching")
    assert page.evaluate(MOVING) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0
    page.emulate_media(reduced_motion="null")


def test_the_keyboard_goes_from_the_top_to_the_bottom(arrived: Arrive) -> None:
    page = arrived("talking")
    # The first link is further up, so from there on a button leads down again.
    order = ["leave", "menu", "log", "a", "a", "down", "next", "text", "send"]
    assert tabbed(page) == order


def test_more_contrast_is_more(arrived: Arrive) -> None:
    page = arrived("talking")
    page.emulate_media(contrast="more")
    page.evaluate(needs_axe())
    for scheme, _ in LOOKS:
        page.emulate_media(color_scheme=scheme)
        assert axe(page, ENHANCED) == []
    page.emulate_media(contrast="no-preference")
    assert axe(page, ENHANCED) != []
    page.emulate_media(color_scheme="null", contrast="null")


def test_forced_colours_leave_every_edge(arrived: Arrive) -> None:
    page = arrived("talking")
    page.emulate_media(forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.evaluate(EDGELESS, ".mine, .theirs, button, textarea") == []
