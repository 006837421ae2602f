"""A picture of the dashboard: ``python -m tests.browser.dashboard FILE [SECONDS]`` makes it.

So many seconds long a house fills with people who talk, skip, leave and come back.
"""

import asyncio
import math
import sys
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

from playwright.sync_api import expect, sync_playwright

from tests.browser.tabs import CHROMIUM, new_context
from tests.faults.crowd import Guest, come
from tests.needs import find
from tests.service import running

TOPICS = ("tea", "chess", "music", "Python", "night trains", "cats")
STAYS = 30.0
"""Seconds that a chat lasts on average."""


class Person(Guest):
    """Somebody who searches, talks for a while, and searches again, or leaves."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._chat: str | None = None
        self._until = 0.0

    def told(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome" | "strangerDisconnected":
                self._chat = None
                self._later(5.0, self._search)
            case "connected":
                self._chat = frame["chat"]
                self._until = self._loop.time() + self._chance.expovariate(1 / STAYS)
                self._later(3.0, self._speak, self._chat)

    def _later(self, most: float, act: Any, *arguments: object) -> None:
        self._loop.call_later(self._chance.uniform(0.2, most), act, *arguments)

    def _search(self) -> None:
        if self.gone.done() or self._chat is not None:
            return
        if self._chance.random() < 0.1:
            self.transport.close()
        else:
            wanted = self._chance.choice((0, 0, 1, 2))
            self.send("start", topics=self._chance.sample(TOPICS, wanted))

    def _speak(self, chat: str) -> None:
        if self.gone.done() or chat != self._chat:
            return
        if self._loop.time() < self._until:
            self.send("message", chat=chat, id=str(self._loop.time()), text="Hello there!")
            self._later(4.0, self._speak, chat)
        elif self._chance.random() < 0.6:
            self._chat = None
            self.send("next", chat=chat)
        else:
            self._chat = None
            self.send("disconnect", chat=chat)
            self._later(5.0, self._search)


async def crowd(port: int, over: Event) -> None:
    """Let people come, now more and now fewer, until it is over."""
    loop, chance = asyncio.get_running_loop(), Random(1)
    began, came = loop.time(), 0
    while not over.is_set():
        swell = math.sin((loop.time() - began) / 20)
        people = [Person(chance) for _ in range(round(3 + 2 * swell))]
        await come(port, people, first=came)
        came += len(people)
        for person in people:
            person.send("hello")
        await asyncio.sleep(1.0)


def main(file: Path, seconds: float) -> None:
    """Make the picture."""
    over = Event()
    with (
        running("--admin", "0", "--max-guests", "500", last="AdminSite") as service,
        sync_playwright() as playwright,
    ):
        people = Thread(target=lambda: asyncio.run(crowd(service.port, over)))
        people.start()
        try:
            browser = playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM)
            window = {"width": 1280, "height": 960}
            page = new_context(browser, color_scheme="dark", viewport=window).new_page()
            page.goto(f"http://127.0.0.1:{service.port_of('AdminSite')}/")
            expect(page.locator("canvas")).to_have_count(7)
            page.wait_for_timeout(seconds * 1000)
            page.screenshot(path=file, full_page=True)
            browser.close()
        finally:
            over.set()
            people.join()


if __name__ == "__main__":
    file, *seconds = sys.argv[1:] or ["--help"]
    if file.startswith("-") or len(seconds) > 1:
        sys.exit("usage: python -m tests.browser.dashboard FILE [SECONDS]")
    main(Path(file), float((seconds or ["300"])[0]))
