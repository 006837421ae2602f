"""One guest's side of a chat."""

from collections import deque
from dataclasses import dataclass, field

from roulette.core.events import Ack, GotMessage
from roulette.core.frames import Address

REMEMBERED_IDS = 256
"""How many of its latest message ids are known again, at least, when a client repeats one."""

KEPT_MESSAGES = 200
KEPT_BYTES = 256 * 1024
"""What is kept for a guest until it is known to have it, in UTF-8."""


@dataclass(slots=True, eq=False)
class Leg:
    """The chat as one guest has it.

    It knows the partner only by address, and by its own it is known. Outwards it numbers what
    its guest says and knows repeated ids; inwards it keeps what its guest may not have received
    yet. What was never handed to a connection is never let go. The acknowledgement that is
    ``unconfirmed`` is sent by ``confirm_at``.
    """

    chat: str
    me: Address
    partner: Address
    began: float = 0.0
    partner_away: bool = False
    partner_absent: bool = False
    partner_typing_until: float | None = None

    said: int = 0
    unconfirmed: Ack | None = None
    confirm_at: float = 0.0
    seen_by_partner: int = 0
    _ids: dict[str, int] = field(default_factory=dict)
    _older_ids: dict[str, int] = field(default_factory=dict)

    heard: int = 0
    seen: int = 0
    _handed: int = 0
    _confirmed: int = 0
    # Number, time and text. A str that was encoded as JSON would hold its UTF-8 as well.
    _kept: deque[tuple[int, float, bytes]] = field(default_factory=deque, repr=False)
    _kept_bytes: int = 0

    def repeated(self, message_id: str) -> Ack | None:
        """Return the acknowledgement of a message that was already accepted, else None."""
        seq = self._ids.get(message_id) or self._older_ids.get(message_id)
        return None if seq is None else Ack(self.chat, message_id, seq)

    def say(self, message_id: str | None) -> int:
        """Number the next message that our guest says."""
        self.said += 1
        if message_id is not None:
            if len(self._ids) == REMEMBERED_IDS:
                # All at once: in a dict that loses its oldest the next one is ever harder to find.
                self._ids, self._older_ids = {}, self._ids
            self._ids[message_id] = self.said
        return self.said

    def hear(self, message: GotMessage, *, handed: bool, lasting: bool = True) -> bool:
        """Keep the partner's next message, if our guest is ``lasting``: it may come back for it.

        ``handed`` if it has a connection. Return False if there is no room, so that the message
        would be lost.
        """
        if lasting:
            text = message.text.encode()
            while len(self._kept) >= KEPT_MESSAGES or self._kept_bytes + len(text) > KEPT_BYTES:
                if self._kept[0][0] > self._handed:
                    return False
                self._forget_oldest()
            self._kept.append((message.seq, message.at, text))
            self._kept_bytes += len(text)
        self.heard = message.seq
        if handed:
            self._handed = message.seq
        return True

    def confirm(self, seq: int) -> None:
        """Let go of every message up to ``seq``: our guest has them."""
        self._confirmed = max(self._confirmed, seq)
        while self._kept and self._kept[0][0] <= seq:
            self._forget_oldest()

    def missed(self, seq: int | None, chat: str | None = None) -> list[GotMessage] | None:
        """Return what came after ``seq``, and count it as handed over.

        A ``seq`` of None asks for everything that is kept, and confirms nothing. One that counts
        in another ``chat``, or is beyond this one, says that the client missed that this chat has
        begun.
        What our guest once confirmed is not owed again, whatever a reloaded page remembers.
        None is returned if something else after ``seq`` is no longer kept.
        """
        if seq is not None:
            if seq > self.heard or chat not in (None, self.chat):
                seq = 0
            oldest = self._kept[0][0] if self._kept else self.heard + 1
            if max(seq, self._confirmed) < oldest - 1:
                return None
            self.confirm(seq)
        self._handed = self.heard
        return [GotMessage(self.chat, seq, text.decode(), at) for seq, at, text in self._kept]

    def _forget_oldest(self) -> None:
        _, _, text = self._kept.popleft()
        self._kept_bytes -= len(text)
