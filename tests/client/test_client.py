"""The client against a real service, over real sockets."""

import inspect
import re
import subprocess
import sys
from random import Random
from typing import Any

import pytest
import trustme
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.types import ConnectionRequest
from twisted.internet.address import IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.ssl import Certificate, optionsForClientTLS
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.trial.unittest import TestCase

import roulette.client
from roulette.client import (
    Backoff,
    Client,
    Connected,
    Error,
    GotMessage,
    Offline,
    Rejected,
    Seen,
    StrangerDisconnected,
    StrangerReconnecting,
    Waiting,
    Welcome,
)
from roulette.core.events import Code, Event, Reason
from roulette.wire import v1
from tests import service
from tests.network import NetworkCase, cancel_timers, reactor
from tests.processes import free_port
from tests.proxy import Cut, Proxy


def client_at(port: int, path: str = "/ws", first: float = 0.02) -> Client:
    backoff = Backoff(Random(1), first=first, cap=0.05)
    return Client(reactor, f"ws://127.0.0.1:{port}{path}", backoff=backoff)


async def until(client: Client, kind: type[Event]) -> Any:
    """Return the next event of a kind, and skip those before it."""
    async for event in client.events():
        if isinstance(event, kind):
            return event
    raise AssertionError(f"the events ended without {kind.__name__}")


async def introduce(one: Client, other: Client) -> None:
    for client in (one, other):
        client.start()
    await until(one, Connected)
    await until(other, Connected)


class Talking(NetworkCase):
    async def test_two_meet_by_topic_talk_and_part(self) -> None:
        async with client_at(self.service.port) as one, client_at(self.service.port) as other:
            one.start(topics=["Żółw"])
            other.start(topics=["żółw", "chess"])
            assert (await until(one, Connected)).common_likes == ("Żółw",)
            await until(other, Connected)
            assert await one.say("cześć 🎲") is True
            assert (await until(other, GotMessage)).text == "cześć 🎲"
            other.seen()
            assert (await until(one, Seen)).seq == 1
            other.disconnect()
            assert other.chat is None
            assert (await until(one, StrangerDisconnected)).reason is Reason.LEFT
            assert one.chat is None
            assert await one.say("are you still there?") is False

    async def test_what_the_server_refuses_is_not_accepted(self) -> None:
        async with client_at(self.service.port) as one, client_at(self.service.port) as other:
            await introduce(one, other)
            assert await one.say("x" * 2001) is False
            assert (await until(one, Error)).code is Code.MESSAGE_TOO_LARGE
            with pytest.raises(ValueError, match="too long"):
                one.say("x" * 20_000)
            with pytest.raises(ValueError, match="too long"):
                one.start(topics=["x" * 20_000])
            with pytest.raises(ValueError, match="surrogates"):
                one.say("\ud83d")

    async def test_closing_tells_the_stranger_at_once(self) -> None:
        async with client_at(self.service.port) as one:
            async with client_at(self.service.port) as other:
                await introduce(one, other)
                unsettled = other.say("goodbye")
            assert [event async for event in other.events()] == []
            assert (await until(one, GotMessage)).text == "goodbye"
            assert (await until(one, StrangerDisconnected)).reason is Reason.LEFT
            assert unsettled.called

    async def test_it_resumes_after_a_cut(self) -> None:
        async with (
            Proxy(reactor, self.service.port) as proxy,
            client_at(proxy.port) as one,
            client_at(self.service.port) as other,
        ):
            await introduce(one, other)
            proxy.cut(Cut.RST)
            assert (await until(one, Offline)).why == "the connection was lost"
            await until(other, StrangerReconnecting)
            said = one.say("said while cut off")
            await other.say("missed while cut off")
            assert (await until(one, Welcome)).resumed
            assert (await until(one, GotMessage)).text == "missed while cut off"
            assert (await until(other, GotMessage)).text == "said while cut off"
            assert await said is True

    async def test_what_comes_too_fast_is_said_when_the_server_takes_it(self) -> None:
        with service.running("--message-rate", "20") as limited:
            async with client_at(limited.port) as one, client_at(limited.port) as other:
                await introduce(one, other)
                texts = [f"{number}" for number in range(40)]
                said = [one.say(text) for text in texts]
                heard = [(await until(other, GotMessage)).text for _ in texts]
                assert heard == texts
                assert [await each for each in said] == [True] * 40

    async def test_a_server_that_comes_late_is_waited_for(self) -> None:
        port = free_port()
        async with client_at(port) as client:
            client.start()
            assert "refused" in (await until(client, Offline)).why
            async with Proxy(reactor, self.service.port, port):
                await until(client, Waiting)
                await client.close()

    async def test_what_is_no_chat_server_is_not_tried_again(self) -> None:
        async with client_at(self.service.port, "/nowhere") as client:
            for _ in "once", "whoever asks again":
                with pytest.raises(Rejected, match="the server answered 404"):
                    await Deferred.fromCoroutine(until(client, Welcome)).addTimeout(5, reactor)
            assert await client.say("hello") is False

    async def test_the_echo_bot_of_the_documentation(self) -> None:
        described = inspect.getdoc(roulette.client) or ""
        (block,) = re.findall(r"::\n\n((?:    .*\n|\n)+)", described)
        url = self.service.ws
        program = inspect.cleandoc(block).replace("ws://localhost:8080/ws", url)
        assert url in program
        bot = ProcessProtocol()
        command = [sys.executable, "-c", program]
        process = reactor.spawnProcess(bot, sys.executable, command, env=None)
        async with client_at(self.service.port) as client:
            client.start(topics=["echo"], only=True)
            await until(client, Connected)
            for text in ("is there an echo?", "ą\n🎲"):
                client.say(text)
                assert (await until(client, GotMessage)).text == text
        gone: Deferred[None] = Deferred()
        bot.processEnded = lambda reason: gone.callback(None)  # type: ignore[method-assign]
        process.signalProcess("INT")
        await gone

    async def test_tls_is_verified(self) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        key, chain = self.folder / "key.pem", self.folder / "chain.pem"
        certificate.private_key_pem.write_to_path(str(key))
        certificate.cert_chain_pems[0].write_to_path(str(chain))
        port = free_port()
        endpoint = f"ssl:{port}:privateKey={key}:certKey={chain}:interface=127.0.0.1"
        url = f"wss://localhost:{port}/ws"
        root = Certificate.loadPEM(authority.cert_pem.bytes())
        with service.running("--port", endpoint, cwd=self.folder):
            tls = optionsForClientTLS("localhost", trustRoot=root)
            async with Client(reactor, url, tls=tls) as client:
                await until(client, Welcome)
            async with Client(reactor, url) as client:
                assert "certificate verify failed" in (await until(client, Offline)).why


class Server(WebSocketServerProtocol):
    """Lets a client in, and closes the connection with a code."""

    factory: Any

    def onConnect(self, request: ConnectionRequest) -> str | None:
        subprotocol: str | None = self.factory.subprotocol
        return subprotocol

    def onOpen(self) -> None:
        self.sendCloseFrame(self.factory.code, b"for a reason", isReply=False)


class Closing(TestCase):
    """What a client makes of the ways in which a server ends a connection."""

    async def meet(self, code: int, subprotocol: str | None = v1.SUBPROTOCOL) -> Event | str:
        """Return what a client tells that a server treats so, or why it gave up."""
        factory: Any = WebSocketServerFactory(reactor=reactor)
        factory.protocol, factory.code, factory.subprotocol = Server, code, subprotocol
        factory.noisy = False
        listening: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        self.addCleanup(cancel_timers)
        try:
            async with client_at(listening.getHost().port, first=0.0) as client:
                offline: Offline = await until(client, Offline)
                return offline
        except Rejected as rejected:
            return str(rejected)
        finally:
            await listening.stopListening()

    async def test_after_these_it_does_not_come_back(self) -> None:
        for code in (1003, 1007, 1008, 4001, 4003):
            assert await self.meet(code) == "for a reason"

    async def test_after_these_it_does(self) -> None:
        for code in (1001, 1011, 1012, 1013, 4008, 4009, 4029):
            offline = await self.meet(code)
            assert isinstance(offline, Offline)
            assert offline.why == "for a reason"
            # The first wait of all is 0 here, but for a server that needs time.
            assert (offline.retry_in > 0) is (code in (1001, 1012, 1013, 4029))
            assert offline.retry_in <= 0.05

    async def test_a_server_without_the_wire_is_left(self) -> None:
        assert await self.meet(1001, None) == "the server does not speak roulette.v1.json"


@pytest.mark.parametrize(
    "url", ["http://localhost/ws", "localhost:8080", "ws://", "ws://host:99999/", "ws://h/#here"]
)
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Client(reactor, url)


@pytest.mark.parametrize("host", ["[::1]:8080", "127.0.0.1:8080", "chat.example.org:80"])
def test_the_server_is_called_by_its_name(host: str) -> None:
    client = Client(MemoryReactorClock(), f"ws://{host}/ws")
    connection: Any = client._connections.buildProtocol(IPv6Address("TCP", "::1", 8080))
    transport = StringTransport()
    connection.makeConnection(transport)
    assert f"\r\nHost: {host}\r\n".encode() in transport.value()


def test_importing_it_installs_no_reactor() -> None:
    program = "import sys, roulette.client; sys.exit('twisted.internet.reactor' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
