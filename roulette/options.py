"""The options of ``twistd roulette``: each is declared once, in ``GROUPS``.

That serves the command line and its help, the file of :mod:`roulette.config`, and the
documentation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from roulette import checks
from roulette.checks import FILE, FOLDER, HOW, NUMBER, ORIGIN, PORT, RATE, SECONDS, Kind
from roulette.core.chats import GRACE
from roulette.core.limits import Limits
from roulette.core.pool import SameAddress
from roulette.ops.drain import DRAIN_TIMEOUT
from roulette.web.brand import Brand
from roulette.web.door import CONNECT_RATE, PER_ADDRESS


def packaged_page() -> Path:
    """Return the folder of the page that comes with the package."""
    here = Path(__file__).parent
    installed = here / "static"
    return installed if installed.is_dir() else here.parent / "static"


@dataclass(frozen=True)
class Option:
    """What can be said.

    :param name: in the file; after two dashes on the command line.
    :param kind: what its values are.
    :param meaning: a few words for the help.
    :param default: the value if nothing is said.
    :param unsaid: the same in words, where the value does not speak for itself.
    :param live: whether a new value counts without a restart.
    :param many: whether there may be several; the value is a list.
    """

    name: str
    kind: Kind
    meaning: str
    default: Any = None
    unsaid: str = ""
    live: bool = False
    many: bool = False

    @property
    def default_shown(self) -> str:
        """Return the default, for people."""
        shown = f"{self.default:g}" if isinstance(self.default, float) else str(self.default)
        return self.unsaid or shown

    def value(self, texts: Sequence[str], folder: Path) -> Any:
        """Return what was said, of which the last counts unless there may be many.

        Raise ValueError if it cannot be. ``folder`` is where it was said.
        """
        if any("\0" in text for text in texts):
            raise ValueError("there is a NUL character in it")
        values = [self.kind.check(self.kind.absolute(text, folder)) for text in texts]
        if self.many:
            return values or self.default
        return values[-1]


HTTP = checks.endpoint_description("8080")
DRAIN = f"{DRAIN_TIMEOUT:g} or 0"
Live = partial(Option, live=True)

GROUPS = {
    "Where": (
        Option("port", PORT, "Port number or endpoint; may be repeated", [HTTP], "8080", many=True),
        Option("config", FILE, "Options in TOML; the command line wins", unsaid="none"),
    ),
    "The page": (
        Live("title", checks.TITLE, "Name of the page", Brand.title),
        Live("motd", checks.MOTD, "File of a text for the first view", "", "none"),
        Live("rules", checks.RULES, "File of the rules, one a line", "", "the page's own"),
        Live("static", FOLDER, "Folder of files that replace the page's own", unsaid="none"),
    ),
    "Who may come in": (
        Live("max-guests", checks.GUESTS, "How many guests at most", unsaid="90% of open files"),
        Live("per-address", NUMBER, "Connections from one address; 0: any", PER_ADDRESS),
        Live("connect-rate", RATE, "New ones from one address, a second; 0: any", CONNECT_RATE),
        Live("trusted-proxies", NUMBER, "How many of yours write X-Forwarded-For", 0),
        Live("allowed-origin", ORIGIN, "Another site; may be repeated", [], "none", many=True),
    ),
    "What guests may do": (
        Option("same-address", HOW, "May two from it meet: allow, delay, deny", SameAddress.ALLOW),
        Live("message-rate", RATE, "Messages of a guest, a second; 0: any", Limits.messages),
        Live("skip-rate", RATE, "Searches of a guest, a second; 0: any", Limits.skips),
        Live("frame-rate", RATE, "Frames of a connection, a second; 0: any", Limits.frames),
    ),
    "When they go": (
        Live("grace", SECONDS, "How long a lost connection is waited for", GRACE),
        Live("drain-timeout", SECONDS, "How long pairs may go on when it stops", unsaid=DRAIN),
    ),
    "What is kept": (
        Option("state", FOLDER, "Folder of what outlives a restart: bans", unsaid="none"),
    ),
    "The log": (
        Option("log-format", checks.LOG, "Its lines: text, json, journal", unsaid="twistd's text"),
    ),
    "The admin shell": (
        Option("manhole", checks.LOOPBACK, "Port of 127.0.0.1, or endpoint", unsaid="off"),
        Option("authorized-keys", checks.KEYS, "File of who may log in", unsaid="none"),
        Option("host-key", FILE, "File of its own key; made if not there", unsaid="none"),
        Option("admin-socket", FILE, "UNIX socket for python -m roulette admin", unsaid="off"),
    ),
    "Metrics": (
        Option("admin", checks.LOOPBACK, "Port of 127.0.0.1, or endpoint", unsaid="off"),
        Option("admin-passwords", checks.PASSWORDS, "File of who may look", unsaid="none"),
    ),
}
"""Every option, in the order of the help."""

OPTIONS = {option.name: option for group in GROUPS.values() for option in group}
IN_FILE = [name for name in OPTIONS if name != "config"]

TOGETHER = (("manhole", "authorized-keys", "host-key"),)
"""Options of which all are given, or none."""
