"""What falls due, and when."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from math import inf
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
        self.next: float = inf
        """The time at which the next item falls due, ``inf`` if there is none."""

    def add(self, now: float, delay: float, item: Item) -> None:
        """Let ``item`` fall due ``delay`` seconds after ``now``."""
        at = now + delay
        if (queue := self._queues.get(delay)) is None:
            queue = self._queues[delay] = deque()
        queue.append((at, item))
        if at < self.next:
            self.next = at

    def due(self, now: float) -> Iterator[Item]:
        """Take out, and yield, every item whose time has come."""
        if self.next > now:
            return
        try:
            for queue in tuple(self._queues.values()):
                while queue and queue[0][0] <= now:
                    yield queue.popleft()[1]
        finally:
            heads = (queue[0][0] for queue in self._queues.values() if queue)
            self.next = min(heads, default=inf)

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))


class Renewals(Generic[Item]):
    """Items that fall due a fixed delay after each was last renewed.

    There is one deadline for an item, however often it is renewed. ``next`` may be too early: who
    asks then is given nothing, and a later time.

    :param delay: seconds.
    """

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._due: OrderedDict[Item, float] = OrderedDict()
        self.next: float = inf

    def renew(self, now: float, item: Item) -> None:
        """Let ``item`` fall due after the delay, and no longer when it would have."""
        at = self._due[item] = now + self._delay
        self._due.move_to_end(item)
        if at < self.next:
            self.next = at

    def due(self, now: float) -> Iterator[Item]:
        """Take out, and yield, every item whose time has come."""
        if self.next > now:
            return
        try:
            while self._due:
                item, at = next(iter(self._due.items()))
                if at > now:
                    break
                del self._due[item]
                yield item
        finally:
            self.next = next(iter(self._due.values()), inf)

    def __len__(self) -> int:
        return len(self._due)
