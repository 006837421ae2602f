"""aiohttp on uvloop: no compression, no limit, text as bytes. A certificate's file makes it TLS."""

import asyncio
import ssl
import sys
from contextlib import suppress

import uvloop
from aiohttp import ClientConnectionResetError, WSMsgType, web

from benchmarks.peers import Pairs, starting


class Relay(web.WebSocketResponse):
    """One client."""

    partner: "Relay"

    def __init__(self) -> None:
        super().__init__(compress=False, max_msg_size=0, decode_text=False)


def meet(one: Relay, other: Relay) -> None:
    """Let two talk."""
    one.partner, other.partner = other, one


async def main(port: int, certificate: str | None = None) -> None:
    """Serve."""
    pairs: Pairs[Relay] = Pairs(meet)

    async def relay(request: web.Request) -> Relay:
        client = Relay()
        await client.prepare(request)
        pairs.come(client)
        with suppress(ClientConnectionResetError):
            async for message in client:
                await client.partner.send_frame(message.data, WSMsgType.TEXT)
        return client

    app = web.Application()
    app.router.add_get("/ws", relay)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    tls = None
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls, backlog=1024).start()
    starting(port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), *sys.argv[2:]))
