"""Coverage-guided fuzzing of the frame path and of the wires, in memory.

``python -m tests.faults.fuzz [libFuzzer's options]`` runs until something is raised, or logged as a
failure; or as long as the options say. An input is what a client sends after its handshake.
"""

import sys

import atheris
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

with atheris.instrument_imports(include=["roulette", "autobahn.websocket"]):
    from roulette.wire import plain, v1
    from tests import memory
    from tests.faults.attacker import PLAIN_UPGRADE
    from tests.faults.crowd import TEXT, UPGRADE, masked
    from tests.web.caller import Caller

HELLO = masked(TEXT, b'{"type":"hello"}')

LONG = 60.0
"""Seconds after which nothing is kept of a guest who has gone."""


class Fuzzing:
    """One service for all inputs: what one of them leaves behind may break another."""

    def __init__(self, world: memory.World) -> None:
        self._world = world

    def __call__(self, data: bytes) -> None:
        """Let a guest of either wire send some bytes, in two parts, and go."""
        for wire in (plain, v1):
            # The frame path, or Autobahn, has seen to it that what comes here is UTF-8.
            wire.decode(data.decode(errors="replace"))
        for greeting in ([PLAIN_UPGRADE], [UPGRADE, HELLO]):
            self._visit(*greeting, data[: len(data) // 2], data[len(data) // 2 :])
        self._world.reactor.advance(LONG)
        assert self._world.factory.countConnections == 0
        assert not self._world.lobby.guests

    def _visit(self, *parts: bytes) -> None:
        caller = Caller(self._world)
        for part in parts:
            caller.say(part)
        caller.lose()


def main() -> None:
    """Fuzz."""
    failures: list[Failure] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if "log_failure" in event:
            failures.append(event["log_failure"])

    globalLogPublisher.addObserver(observe)
    with memory.world() as world:
        fuzzing = Fuzzing(world)

        def once(data: bytes) -> None:
            fuzzing(data)
            if failures:
                failures[0].raiseException()

        atheris.Setup(sys.argv, once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
