"""What tests with real sockets in this process need."""

from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from tests import service

reactor: Any = global_reactor


async def together(*coroutines: Coroutine[Any, Any, object]) -> None:
    """Run all of them, until one fails."""
    await gatherResults([Deferred.fromCoroutine(each) for each in coroutines], consumeErrors=True)


class NetworkCase(TestCase):
    """A test whose coroutine runs on the real reactor, with a real service beside it."""

    timeout = 60.0

    def setUp(self) -> None:
        stack = ExitStack()
        self.addCleanup(stack.close)
        self.folder = Path(stack.enter_context(TemporaryDirectory()))
        self.service = stack.enter_context(service.running(cwd=self.folder))
        self.addCleanup(cancel_timers)


def cancel_timers() -> None:
    """Cancel what Autobahn leaves behind: the buckets of its timers, empty or not."""
    for call in reactor.getDelayedCalls():
        if "_BatchedTimer" in str(call):
            call.cancel()
