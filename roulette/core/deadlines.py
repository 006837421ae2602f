"""What falls due, and when."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Deadlines(Generic[Item]):
    """Items that fall due after one of a few fixed delays.

    Each delay has a queue of its own, already in order, so adding and taking cost the same
    however many items there are. Nothing is ever taken back: who asks for the due items
    looks whether they still mean anything.
    """

    def __init__(self) -> None:
        self._queues: dict[float, deque[tuple[float, Item]]] = {}
        self._next: float | None = None

    def add(self, now: float, delay: float, item: Item) -> None:
        """Let ``item`` fall due ``delay`` seconds after ``now``."""
        at = now + delay
        if (queue := self._queues.get(delay)) is None:
            queue = self._queues[delay] = deque()
        queue.append((at, item))
        if self._next is None or at < self._next:
            self._next = at

    def next(self) -> float | None:
        """Return the time at which the next item falls due, None if there is none."""
        return self._next

    def due(self, now: float) -> Iterator[Item]:
        """Take out, and yield, every item whose time has come."""
        if self._next is None or self._next > now:
            return
        try:
            for queue in tuple(self._queues.values()):
                while queue and queue[0][0] <= now:
                    yield queue.popleft()[1]
        finally:
            heads = (queue[0][0] for queue in self._queues.values() if queue)
            self._next = min(heads, default=None)

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))
