"""``python -m roulette.conformance --port N``: the production WebSocket, with an echo behind it.

It is for conformance suites such as Autobahn's fuzzing client, which talk to a server that echoes.
Site, protocol and options are those of the service. Three things differ: any number may come, and
as fast as they like; what comes is sent back, in place of going to a partner, binary messages too,
which the service refuses with 1003; and messages may have 64 KiB, as the suites send, where the
service takes 16 KiB.
"""

from argparse import ArgumentParser
from random import SystemRandom
from typing import Any

from twisted.application.reactors import NoSuchReactor, installReactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.task import react

from roulette.core.lobby import Lobby
from roulette.core.verbs import Hello
from roulette.web.brand import Brand
from roulette.web.capacity import MANY, Connections
from roulette.web.door import Door
from roulette.web.entrance import Entrance
from roulette.web.factory import ChatRouletteFactory
from roulette.web.files import Files
from roulette.web.protocol import ChatProtocol
from roulette.web.refusals import Refusals
from roulette.web.site import chat_site

MESSAGE_BYTES = 64 * 1024
"""The longest message that is echoed."""


class EchoProtocol(ChatProtocol):
    """Takes binary messages too."""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Say back what was said, if it is binary."""
        if isBinary:
            self.sendMessage(payload, isBinary)
        else:
            super().onMessage(payload, isBinary)


class EchoFactory(ChatRouletteFactory):
    """Everybody's partner is the echo."""

    def __init__(self, reactor: Any) -> None:
        super().__init__(Lobby(SystemRandom()), reactor, EchoProtocol, MESSAGE_BYTES)

    def register(self, client: ChatProtocol, hello: Hello) -> None:
        """Let nobody into the lobby."""
        client.hello_came()

    def unregister(self, client: ChatProtocol, *, goodbye: bool = False) -> None:
        """Nobody was let in."""

    def findPartner(self, client: ChatProtocol) -> None:
        """Search nobody."""

    def communicate(self, client: ChatProtocol, text: str) -> None:
        """Say back what was said."""
        client.sendMessage(text.encode())


async def serve(reactor: Any, port: int) -> None:
    """Serve on a port of 127.0.0.1, if 0 any, until the reactor stops."""
    factory, refused = EchoFactory(reactor), Refusals(reactor)
    door = Door(factory.now(), MANY, per_address=0, connect_rate=0)
    entrance = Entrance(factory, door, Connections(MANY, refused))
    site = chat_site(Files([], Brand()), entrance, reactor)
    try:
        listening = await serverFromString(reactor, f"tcp:{port}:interface=127.0.0.1").listen(site)
    except (CannotListenError, OverflowError) as error:
        raise SystemExit(f"roulette: {error}") from None
    print(f"echoing at ws://127.0.0.1:{listening.getHost().port}/ws", flush=True)
    await Deferred()


def main() -> None:
    """Serve; ends with status 1 and one line if that cannot be."""
    parsing = ArgumentParser(prog="python -m roulette.conformance", description=__doc__)
    parsing.add_argument("--port", type=int, required=True, help="port of 127.0.0.1")
    parsing.add_argument("--reactor", help="Twisted's name of the reactor, such as asyncio")
    wanted = parsing.parse_args()
    if wanted.reactor:
        try:
            installReactor(wanted.reactor)
        except NoSuchReactor:
            parsing.error(f"there is no reactor {wanted.reactor}")
    react(serve, (wanted.port,))


if __name__ == "__main__":
    main()
