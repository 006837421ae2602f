"""The package websockets on uvloop: no compression, no limits, no pings, text as bytes."""

import asyncio
import sys
from contextlib import suppress

import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from benchmarks.peers import Pairs, starting


async def main(port: int) -> None:
    """Serve."""
    partners: dict[ServerConnection, ServerConnection] = {}

    def meet(one: ServerConnection, other: ServerConnection) -> None:
        partners[one], partners[other] = other, one

    pairs = Pairs(meet)

    async def relay(client: ServerConnection) -> None:
        pairs.come(client)
        with suppress(ConnectionClosed):
            message = await client.recv(decode=False)
            partner = partners[client]
            while True:
                await partner.send(message, text=True)
                message = await client.recv(decode=False)

    async with serve(
        relay,
        "127.0.0.1",
        port,
        compression=None,
        max_size=None,
        max_queue=None,
        ping_interval=None,
        backlog=1024,
    ):
        starting(port)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
