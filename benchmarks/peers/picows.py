"""picows on uvloop, frames handed on as they are in its buffer."""

import asyncio
import sys

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from benchmarks.peers import Pairs, starting


class Relay(WSListener):
    """One client."""

    transport: WSTransport
    partner: WSTransport

    def __init__(self, pairs: "Pairs[Relay]") -> None:
        self.pairs = pairs

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Come in."""
        self.transport = transport
        self.pairs.come(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Bring a message to the partner."""
        if frame.msg_type == WSMsgType.TEXT:
            self.partner.send(WSMsgType.TEXT, frame.get_payload_as_memoryview())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()


def meet(one: Relay, other: Relay) -> None:
    """Let two talk."""
    one.partner, other.partner = other.transport, one.transport


async def main(port: int) -> None:
    """Serve."""
    pairs = Pairs(meet)

    def listener(request: WSUpgradeRequest) -> WSListener:
        return Relay(pairs)

    await ws_create_server(listener, "127.0.0.1", port, backlog=1024)
    starting(port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
