"""Bytes to verbs, and events to bytes: one module for each wire.

A wire is a module with two functions. ``decode`` makes a verb of the text of a
message, or the event that answers at once where the payload is none. ``encode`` makes the
payload for an event, or None where this wire does not tell it. No Twisted in here.
"""

from typing import Protocol

from roulette.core.events import Event
from roulette.core.verbs import Verb

FRAME_BYTES = 16 * 1024
"""The longest frame that is taken, on any wire."""


class Wire(Protocol):
    """What every wire can do."""

    def decode(self, text: str) -> Verb | Event:
        """Return what a message asks for; there are no lone surrogates in it."""

    def encode(self, event: Event) -> bytes | None:
        """Return the payload that tells ``event``."""
