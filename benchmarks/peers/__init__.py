"""What others would build on: programs that pair whoever comes, in order, and relay bare frames.

Each is run as ``python -m benchmarks.peers.NAME PORT``, serves ``/ws`` on the loopback interface,
and prints that it is ``starting on PORT`` once it listens. There are no rules, no limits and no
checks: what is left is the cost of the library at the fastest settings that its documentation
names. When a guest goes, its connection is closed, and nothing else happens.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

Client = TypeVar("Client")


class Pairs(Generic[Client]):
    """Who talks with whom; those who come meet two by two, in the order in which they come."""

    def __init__(self, meet: Callable[[Client, Client], None]) -> None:
        self._meet = meet
        self._waiting: Client | None = None

    def come(self, client: Client) -> None:
        """Let somebody come."""
        if self._waiting is None:
            self._waiting = client
        else:
            waiting, self._waiting = self._waiting, None
            self._meet(waiting, client)


def starting(port: int) -> None:
    """Say that a program listens."""
    print(f"starting on {port}", flush=True)
