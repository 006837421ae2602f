"""The seed's raw text: what is typed goes to the partner as it is.

What the server itself says begins with ``* ``; a line of a partner's that begins so is sent
with a leading space, so that nobody can speak as the server.
"""

import re

from roulette.core import events, verbs
from roulette.core.events import Code, Event, Reason
from roulette.core.verbs import Verb

NO_PARTNER = "Sorry you dont have partner yet, check back in a minute"
HELP = (
    "What you write goes to the stranger. /next meets somebody else, /stop ends the chat "
    "or the search, /help says this. To begin with a slash, write two."
)

COMMANDS: dict[str, Verb | Event] = {
    "/next": verbs.Next(),
    "/stop": verbs.Disconnect(),
    "/help": events.ServerMessage(HELP),
}

WHY = {
    Reason.LEFT: "The stranger has left.",
    Reason.NEXT: "The stranger has left, to meet somebody else.",
    Reason.TIMEOUT: "The stranger has lost the connection.",
    Reason.KICKED: "The stranger was removed.",
    Reason.SHUTDOWN: "The stranger has left, since the server is shutting down.",
}

# Every place where a reader of the text may see a line begin.
_OURS = re.compile("(?:^|(?<=[\n\u2028\u2029]))(?=\\* )")


def decode(text: str) -> Verb | Event:
    """Return the verb for a line of text or a command."""
    if not text.startswith("/"):
        return verbs.Message(None, None, text)
    if text.startswith("//"):
        return verbs.Message(None, None, text[1:])
    return COMMANDS.get(text.strip()) or events.Error(
        Code.INVALID_TYPE, "There is no such command; /help lists them. Write // for a slash."
    )


def encode(event: Event) -> bytes | None:
    """Return the line or lines that tell ``event``, None if a plain guest is not told."""
    if isinstance(event, events.GotMessage):
        text = event.text
        return (_OURS.sub(" ", text) if "* " in text else text).encode()
    if isinstance(event, events.Error) and event.code is Code.STALE_CHAT and event.ref == "message":
        return NO_PARTNER.encode()
    line = _line(event)
    if line is None:
        return None
    return "\n".join("* " + part for part in line.splitlines()).encode()


def _line(event: Event) -> str | None:
    match event:
        case events.Waiting():
            return "Looking for a stranger..."
        case events.Connected(seen_before=True):
            return "A stranger has come. You have met before."
        case events.Connected():
            return "A stranger has come. Say hello!"
        case events.StrangerDisconnected(reason=reason):
            return WHY[reason]
        case events.StrangerAway():
            return "The stranger is away."
        case events.StrangerBack():
            return "The stranger is back."
        case events.StrangerReconnecting():
            return "The stranger has lost the connection and may come back."
        case events.Idle():
            return "You are alone now. /next looks for a stranger."
        case events.Restarting() | events.ShuttingDown():
            return "The server is shutting down. Check back in a minute."
        case events.ServerMessage(text=text):
            return text
        case events.Error(message=message):
            return message
    return None
