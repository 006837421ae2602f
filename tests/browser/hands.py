"""How people work the page: with a mouse, by touch, or by keyboard alone."""

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 40
"""Presses of Tab within which everything on the page must be reached."""

HAS_FOCUS = "(element) => element === document.activeElement"


class Mouse:
    """Clicks. What cannot be reached fails the test, as with the other hands."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, target: Locator) -> None:
        """Press a button, or tick a box; the focus must not be lost by it."""
        self.reach(target)
        self.use(target)
        self._page.wait_for_function("document.activeElement !== document.body")

    def write(self, target: Locator, text: str) -> None:
        """Type into a box, and press Enter."""
        self.reach(target)
        self._page.keyboard.type(text)
        self._page.keyboard.press("Enter")

    def reach(self, target: Locator) -> None:
        """Go to a target."""
        if target.evaluate("(element) => element.matches('input:not([type]), textarea')"):
            self.use(target)

    def use(self, target: Locator) -> None:
        """Do what this hand does when it is there."""
        target.click()


class Touch(Mouse):
    """Taps. The keyboard of a phone cannot be had here: texts come from another one."""

    def use(self, target: Locator) -> None:
        target.tap()


class Keyboard(Mouse):
    """Has Tab, Space and Enter, and nothing else."""

    def reach(self, target: Locator) -> None:
        expect(target).to_be_visible()
        for _ in range(MOST_STOPS):
            if target.evaluate(HAS_FOCUS):
                return
            self._page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def use(self, target: Locator) -> None:
        self._page.keyboard.press("Space")
