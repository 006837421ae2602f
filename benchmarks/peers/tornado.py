"""Tornado on its own loop: no compression, no limit of a message, no delay of small packets."""

import asyncio
import sys

from tornado.web import Application
from tornado.websocket import WebSocketHandler

from benchmarks.peers import Pairs, starting


class Relay(WebSocketHandler):
    """One client."""

    partner: "Relay"

    def initialize(self, pairs: "Pairs[Relay]") -> None:
        """Take what all have in common."""
        self.pairs = pairs

    def open(self, *args: str, **kwargs: str) -> None:
        """Come in."""
        self.set_nodelay(True)
        self.pairs.come(self)

    def on_message(self, message: str | bytes) -> None:
        """Bring a message to the partner."""
        self.partner.write_message(message)


def meet(one: Relay, other: Relay) -> None:
    """Let two talk."""
    one.partner, other.partner = other, one


async def main(port: int) -> None:
    """Serve."""
    app = Application([("/ws", Relay, {"pairs": Pairs(meet)})], websocket_max_message_size=2**63)
    app.settings["log_function"] = lambda handler: None
    app.listen(port, "127.0.0.1", backlog=1024)
    starting(port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
