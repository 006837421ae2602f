"""The page in the language and the colours that somebody chooses."""

from playwright.sync_api import expect

from tests.browser.tabs import Tabs, luminance


def test_a_person_chooses_otherwise_and_that_is_remembered(tabs: Tabs) -> None:
    context = tabs.context(color_scheme="light")
    one, other = tabs.enter(context=context), tabs.enter()
    one.is_talking()
    one.say("hello")
    one.has_said("hello")
    assert luminance(one.page, "backgroundColor") > 0.8 > 0.2 > luminance(one.page, "color")
    one.choose("Settings")
    one.page.get_by_role("combobox", name="Colours").select_option("Dark")
    assert luminance(one.page, "backgroundColor") < 0.2 < 0.8 < luminance(one.page, "color")
    one.page.get_by_role("combobox", name="Language of this page").select_option("العربية")
    page = one.page
    for _ in range(2):
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("#status")).to_have_text("أنت تتحدث مع شخص.")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        one.has_said("hello", mark="شوهدت")
        page.reload()
    page.locator("#menu").click()
    page.locator("#settings").click()
    page.locator("#theme").select_option("system")
    page.locator("#words").select_option("English")
    one.button("Done").click()
    assert luminance(page, "backgroundColor") > 0.8
    page.emulate_media(color_scheme="dark")
    assert luminance(page, "backgroundColor") < 0.2
    one.is_talking()
    other.say("still here")
    one.has_heard("still here")
