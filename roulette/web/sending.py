"""Sending no faster than is read."""

from twisted.internet.interfaces import IPushProducer
from twisted.web.server import Request
from zope.interface import implementer

SLICE = 64 * 1024
"""Bytes that are handed to the transport at once; it is content to hold as many."""


def send(request: Request, content: bytes) -> None:
    """Answer a request with some bytes, and finish it when the last are handed over."""
    if len(content) > SLICE:
        _Slices(request, content).resumeProducing()
    else:
        request.write(content)
        request.finish()


@implementer(IPushProducer)
class _Slices:
    # So a connection never holds a large file, and its deadline sees that some of it was taken.
    def __init__(self, request: Request, content: bytes) -> None:
        self._request = request
        self._left = memoryview(content)
        self._paused = False
        request.registerProducer(self, True)

    def resumeProducing(self) -> None:
        self._paused = False
        while self._left and not self._paused:
            piece, self._left = self._left[:SLICE], self._left[SLICE:]
            self._request.write(bytes(piece))
        if not self._left:
            self._request.unregisterProducer()
            self._request.finish()

    def pauseProducing(self) -> None:
        self._paused = True

    def stopProducing(self) -> None:
        self._paused = True
