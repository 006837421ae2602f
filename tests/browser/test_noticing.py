"""Somebody looks elsewhere, and is called."""

from playwright.sync_api import expect

from tests.browser.tabs import Tab, Tabs

SPY = """
globalThis.sounds = 0;
globalThis.notes = [];
const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (...when) {
  sounds += 1;
  return start.apply(this, when);
};
if (globalThis.ServiceWorkerRegistration) {
  ServiceWorkerRegistration.prototype.showNotification = async (...note) => void notes.push(note);
}
"""
"""What sounds, and what is shown outside of the page, neither of which a test could see."""


def noticed(tab: Tab) -> tuple[int, list[str]]:
    """Return how many tones have sounded, and what the notifications said."""
    sounds, notes = tab.page.evaluate("[sounds, notes.map(note => JSON.stringify(note))]")
    return sounds, notes


def test_who_looks_elsewhere_is_called_as_they_like_it(tabs: Tabs) -> None:
    context = tabs.context(permissions=["notifications"])
    context.add_init_script(SPY)
    one, other = tabs.enter(context=context), tabs.enter()
    one.is_talking()
    icon = one.page.locator("link[rel=icon]")
    one.look_away()
    other.say("a secret")
    expect(one.page).to_have_title("(1) roulette")
    expect(icon).to_have_attribute("href", "favicon-news.svg")
    other.say("another secret")
    expect(one.page).to_have_title("(2) roulette")
    one.look_back()
    expect(one.page).to_have_title("roulette")
    expect(icon).to_have_attribute("href", "favicon.svg")
    assert noticed(one) == (0, [])
    one.choose("Settings")
    for name in ("A soft sound for new messages", "Notifications, which hold no text"):
        choice = one.page.get_by_role("checkbox", name=name)
        expect(choice).not_to_be_checked()
        choice.check()
    one.button("Done").click()
    sample, _ = noticed(one)
    assert sample > 0
    other.say("a third secret")
    one.has_heard("a secret", "another secret", "a third secret")
    assert noticed(one) == (sample, [])
    one.look_away()
    other.say("a fourth secret")
    expect(one.page).to_have_title("(1) roulette")
    one.page.wait_for_function("notes.length === 1")
    sounds, notes = noticed(one)
    assert sounds == 2 * sample
    assert "There is a new message." in notes[0]
    assert "secret" not in notes[0]
    one.next.click()
    third = tabs.enter()
    third.is_talking()
    expect(one.page).to_have_title("(1) roulette")
    one.page.wait_for_function("notes.length === 2")
    sounds, notes = noticed(one)
    assert sounds == 3 * sample
    assert "A stranger is here." in notes[1]
    third.say("fifth")
    one.page.reload()
    one.look_back()
    one.is_talking()
    expect(one.page).to_have_title("roulette")
    assert noticed(one)[0] == 0


def test_notifications_that_the_browser_denies_stay_off(tabs: Tabs) -> None:
    one = tabs.open()
    one.choose("Settings")
    choice = one.page.get_by_role("checkbox", name="Notifications, which hold no text")
    choice.click()
    expect(choice).not_to_be_checked()
    one.button("Done").click()
    expect(one.notice).to_have_text("Your browser does not allow notifications here.")
