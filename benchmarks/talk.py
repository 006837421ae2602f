"""Guests who talk, two by two, as fast as they hear each other, or at a fixed rate."""

import time
from collections import deque
from collections.abc import Sequence

from benchmarks.crowd import Crowd
from benchmarks.guests import Guest

PATIENCE = 10.0
"""Seconds after which a message that has not come is lost."""


class Talk:
    """All the guests of a crowd, who must be in chats.

    Methods raise RuntimeError if a message is lost, doubled or altered, ConnectionError if the
    server lets somebody go.
    """

    def __init__(self, crowd: Crowd, guests: Sequence[Guest]) -> None:
        self._crowd = crowd
        self._guests = guests
        self.greet()

    def fast(self, text: bytes, in_flight: int, seconds: float) -> int:
        """Let each guest have so many messages on the way for so long; return how many came.

        Whenever one has arrived, its sender sends the next. Return when all have arrived and
        the server owes nobody anything.
        """
        ready = self._crowd.ready
        came = 0
        on_the_way = in_flight * len(self._guests)
        end = time.monotonic() + seconds
        for guest in self._guests:
            guest.prepare(text)
        for guest in self._guests:
            guest.say(in_flight)
        while on_the_way > 0:
            guests = ready(PATIENCE)
            if not guests:
                raise RuntimeError(f"{on_the_way} messages were lost")
            more = time.monotonic() < end
            for guest in guests:
                heard = guest.hear()
                came += heard
                if not more:
                    on_the_way -= heard
                elif heard:
                    guest.partner.say(heard)
        self._settle()
        return came

    def paced(self, text: bytes, rate: float, seconds: float) -> list[float]:
        """Let the guests take turns to say so many messages a second; return the delays.

        A delay is in seconds from when a message was due, so that who sends late does not hide
        that the server is slow.
        """
        delays: list[float] = []
        due: dict[Guest, deque[float]] = {guest: deque() for guest in self._guests}
        for guest in self._guests:
            guest.prepare(text)
        begun = time.monotonic()
        number, messages = 0, int(rate * seconds)
        while len(delays) < messages:
            now = time.monotonic()
            at = begun + number / rate
            if number == messages:
                guests = self._crowd.ready(PATIENCE)
                if not guests:
                    raise RuntimeError(f"{messages - len(delays)} messages were lost")
            elif now < at:
                guests = self._crowd.ready_within(at - now)
            else:
                guest = self._guests[number % len(self._guests)]
                due[guest].append(at)
                guest.say()
                number += 1
                guests = self._crowd.ready(0)
            for guest in guests:
                heard, now = guest.hear(), time.monotonic()
                if heard > len(due[guest.partner]):
                    raise RuntimeError("a message came twice")
                delays += [now - due[guest.partner].popleft() for _ in range(heard)]
        self._settle()
        return delays

    def greet(self) -> None:
        """Let each say its number, so that it is known who talks with whom.

        Whoever hears anything else has heard something twice, so do it in the end, too.
        """
        guests = self._guests
        for number, guest in enumerate(guests):
            guest.prepare(b"%d" % number)
            guest.say()
        waiting = set(guests)
        while waiting:
            ready = self._crowd.ready(PATIENCE)
            if not ready:
                raise RuntimeError(f"{len(waiting)} guests hear nothing")
            for guest in ready:
                for told in guest.listen():
                    if guest not in waiting or not told.isdigit():
                        raise RuntimeError(f"not what was said: {told!r}")
                    waiting.remove(guest)
                    guest.partner = guests[int(told)]
        if any(guest is guest.partner or guest is not guest.partner.partner for guest in guests):
            raise RuntimeError("the server has not paired the guests")
        self._settle()

    def _settle(self) -> None:
        """Wait until the server owes nobody anything, and count."""
        while not all(guest.settled() for guest in self._guests):
            ready = self._crowd.ready(PATIENCE)
            if not ready:
                raise RuntimeError("messages were not acknowledged")
            for guest in ready:
                if guest.listen():
                    raise RuntimeError("a message came twice")
        for guest in self._guests:
            if guest.heard != guest.partner.said:
                raise RuntimeError(f"of {guest.partner.said} messages {guest.heard} came")
