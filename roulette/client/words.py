"""What a terminal says to its user, in words."""

from math import ceil

from roulette.client.client import Offline
from roulette.core import events, text
from roulette.core.events import Event, Stage
from roulette.wire import plain

HELP = """\
What you write goes to the stranger. Commands:
/next          meet somebody else
/stop          end the chat, or the search
/topics a, b   search somebody who likes a or b
/block         leave, and never meet this stranger again
/again         ask to meet the last stranger again
/quit          leave the program
//text         say /text"""

_LOOKING = {
    Stage.TOPICS: "Looking for a stranger who likes what you like...",
    Stage.LANGUAGES: "Looking for a stranger who speaks your language...",
}


def describe(event: Event) -> str | None:
    """Return the notice for an event, None if there is nothing to say about it."""
    match event:
        case events.Welcome(resumed=True):
            return "Connected again."
        case events.Welcome(guests=guests):
            return f"Connected; guests here: {guests}."
        case Offline(why=why, retry_in=seconds):
            return f"No connection: {why.rstrip('.')}. Trying again in {ceil(seconds)} s."
        case events.Waiting(stage=stage) if stage in _LOOKING:
            return _LOOKING[stage]
        case events.Connected():
            return _met(event)
        case events.RematchOffered(expires=seconds):
            return f"The stranger would like to meet you again: /again, within {ceil(seconds)} s."
        case events.ServerMessage(text=said):
            return f"The server says: {said}"
        case events.Error(message=message):
            return f"The server refuses: {message}"
        case events.GotMessage():
            return None
    line = plain.encode(event)
    return None if line is None else line.decode().removeprefix("* ")


def _met(event: events.Connected) -> str:
    said = "You have met a stranger."
    if event.common_likes:
        said += f" You both like {', '.join(event.common_likes)}."
    if event.languages:
        said += f" You both speak {', '.join(event.languages)}."
    if event.seen_before:
        said += " You have met before."
    return said


def printable(said: str, indent: int) -> str:
    """Return what others wrote, safe to be shown: nothing in it moves a cursor.

    Lines after the first are indented by so many columns, so that none can pass for a notice.
    """
    return text.clean(said).replace("\t", " ").replace("\n", "\n" + " " * indent)
