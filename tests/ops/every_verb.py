"""Every verb once, with what an operator must see then."""

from dataclasses import dataclass, field
from typing import Any

from tests.ops.shell import UNSPEAKABLE

GUEST = "GUEST"
"""Stands for the id of a guest who has a partner."""


@dataclass
class Given:
    """A verb with what it is told, what is shown of its answer, and what is written down."""

    arguments: list[Any] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    shows: str = ""
    logs: str = ""

    def told(self, guest: str) -> list[Any]:
        return [guest if argument == GUEST else argument for argument in self.arguments]

    def line(self, verb: str, guest: str) -> str:
        """Return it as it is typed at a prompt."""
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"admin.{verb}({', '.join([*map(repr, self.told(guest)), *options])})"

    def words(self, verb: str, guest: str) -> list[str]:
        """Return it as the words of a command."""
        words = [verb, *map(str, self.told(guest))]
        for name, value in self.options.items():
            words += [f"--{name}", "no" if value is False else str(value)]
        return words


EVERY = {
    "status": Given(shows="longest_wait", logs="status()"),
    "guests": Given(shows=GUEST, logs="guests()"),
    "waiting": Given(shows="none", logs="waiting()"),
    "pairs": Given(shows=GUEST, logs="pairs()"),
    "guest": Given([GUEST], shows="can_resume", logs="guest(guest_id=GUEST)"),
    "top": Given([5, 0.1], shows="busiest", logs="top(n=5, seconds=0.1)"),
    "trace": Given([GUEST, 0.1], shows="watched", logs="trace(guest_id=GUEST, seconds=0.1)"),
    "announce": Given([UNSPEAKABLE], shows="told", logs="announce(text=<11 characters>)"),
    "limits": Given(options={"messages": 4.5}, shows="4.5", logs="limits(messages=4.5)"),
    "drain": Given(options={"stop": False}, shows="draining", logs="drain(stop=False)"),
    "undrain": Given(shows="open", logs="undrain()"),
    "reload": Given(shows="restart", logs="reload()"),
    "ban": Given(
        ["192.0.2.7"],
        {"hours": 1.5, "reason": UNSPEAKABLE},
        shows="expires",
        logs="ban(whom=<9 characters>, hours=1.5, reason=<11 characters>)",
    ),
    "bans": Given(shows="(1)", logs="bans()"),
    "unban": Given([1], shows="1", logs="unban(ban=1)"),
    "kick": Given([GUEST], shows="kicked", logs="kick(guest_id=GUEST)"),
}
"""In an order in which they can be given to a service with one pair of guests."""
