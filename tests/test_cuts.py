"""Two clients talk to a real server through a network that cuts their connections 200 times."""

from collections import Counter
from random import Random

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from roulette.client import Backoff, Client, Connected, GotMessage, StrangerDisconnected, Welcome
from tests.network import NetworkCase, reactor, together
from tests.proxy import Cut, Proxy

CUTS = 100
"""How often each of the two is cut off."""

THE_END = "the end"


class Talker:
    """Somebody who talks and listens all the time, on a connection that is cut all the time."""

    def __init__(self, name: str, proxy: Proxy) -> None:
        self.name = name
        self.random = Random(name)
        self.proxy = proxy
        self.cuts: Counter[Cut] = Counter()
        self.welcomes: list[Welcome] = []
        self.said: list[str] = []
        self.heard: list[str] = []
        backoff = Backoff(self.random, first=0.02, cap=0.05)
        self.client = Client(reactor, f"ws://127.0.0.1:{proxy.port}/ws", backoff=backoff)
        self.met: Deferred[None] = Deferred()
        self.said_all: Deferred[None] = Deferred()
        self.heard_all: Deferred[None] = Deferred()

    async def live(self, other: "Talker") -> None:
        """Talk and listen until both have heard everything."""
        async with self.client:
            self.client.start()
            await together(self.listen(), self.talk(other))

    async def talk(self, other: "Talker") -> None:
        """Talk until cut off often enough, and until everything is accepted."""
        await self.met
        accepted = []
        while self.cuts.total() < CUTS:
            text = f"{self.name} {len(self.said)} " + "ż🎲" * self.random.randrange(100)
            self.said.append(text)
            accepted.append(self.client.say(text))
            await deferLater(reactor, self.random.uniform(0.0, 0.01))
        accepted.append(self.client.say(THE_END))
        assert [await each for each in accepted] == [True] * len(accepted)
        self.said_all.callback(None)
        both = (self, other)
        await gatherResults([done for each in both for done in (each.said_all, each.heard_all)])
        await self.client.close()

    async def listen(self) -> None:
        """Hear, and be cut off soon after coming back, until the client is closed."""
        async for event in self.client.events():
            match event:
                case Welcome():
                    self.welcomes.append(event)
                    if event.resumed and self.cuts.total() < CUTS:
                        reactor.callLater(self.random.uniform(0.0, 0.06), self.cut)
                case Connected():
                    self.cut()
                    self.met.callback(None)
                case GotMessage(text=text) if text == THE_END:
                    self.heard_all.callback(None)
                case GotMessage(text=text):
                    self.heard.append(text)
                    if self.random.random() < 0.2:
                        self.client.seen()
                case StrangerDisconnected(reason=reason):
                    raise AssertionError(f"the chat was lost: {reason}")

    def cut(self) -> None:
        how = self.random.choice(list(Cut))
        self.cuts[how] += 1
        self.proxy.cut(how)


class Cuts(NetworkCase):
    async def test_two_hundred_cuts_lose_double_and_reorder_nothing(self) -> None:
        async with (
            Proxy(reactor, self.service.port) as one,
            Proxy(reactor, self.service.port) as two,
        ):
            ada, bob = Talker("ada", one), Talker("bob", two)
            await together(ada.live(bob), bob.live(ada))
        assert ada.heard == bob.said
        assert bob.heard == ada.said
        for talker in (ada, bob):
            assert talker.cuts.total() == CUTS
            assert min(talker.cuts[how] for how in Cut) > CUTS / 10
            assert [welcome.resumed for welcome in talker.welcomes] == [False] + CUTS * [True]
        assert "Traceback" not in self.service.log
