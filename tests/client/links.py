"""Sessions and the real lobby, with links between them that lose whatever is on its way."""

from collections import defaultdict, deque
from random import Random

from roulette.client.session import Session, Settled
from roulette.core import events, verbs
from roulette.core.chats import Delivery
from roulette.core.events import Event
from roulette.core.frames import Frame
from roulette.core.lobby import Lobby
from roulette.core.verbs import Verb

REFUSED = " "
"""A text that the server does not take."""


class Link:
    """A connection: what is on its way in both directions."""

    def __init__(self, user: "User") -> None:
        self.user = user
        self.up: deque[Verb] = deque()
        self.down: deque[Event] = deque()
        self.over = False

    def tell(self, event: Event) -> None:
        self.down.append(event)
        self.over = self.over or isinstance(event, events.Replaced)


class User:
    """Somebody with a session, who writes down everything."""

    def __init__(self) -> None:
        self.session = Session()
        self.link: Link | None = None
        self.chat: str | None = None
        self.told: list[Event] = []
        self.said: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.heard: dict[str, list[str]] = defaultdict(list)
        self.settled: dict[str, bool] = {}

    def listen(self) -> None:
        if self.link is not None:
            self.link.up.extend(self.session.to_send())
        for event in self.session.to_tell():
            self.told.append(event)
            match event:
                case Settled(message_id, accepted):
                    assert message_id not in self.settled
                    self.settled[message_id] = accepted
                case events.Connected(chat=chat):
                    assert self.chat is None, "the last chat has no end"
                    self.chat = chat
                case events.StrangerDisconnected(chat=chat):
                    assert chat == self.chat
                    self.chat = None
                case events.GotMessage(chat=chat, text=text):
                    assert chat == self.chat
                    self.heard[chat].append(text)
                case events.Error(id=str(refused)):
                    said = dict(pair for chat in self.said.values() for pair in chat)
                    assert said[refused] == REFUSED

    def say(self, text: str) -> None:
        message_id = self.session.say(text)
        assert (message_id is None) is (self.chat is None)
        if message_id is not None and self.chat is not None:
            self.said[self.chat].append((message_id, text))
        self.listen()

    def leave(self, how: str) -> None:
        self.chat = None
        getattr(self.session, how)()
        self.listen()


class World:
    """A lobby, and links to it."""

    def __init__(self, seed: int = 0, users: int = 2) -> None:
        self.lobby = Lobby(Random(seed), grace=30.0)
        self.users = [User() for _ in range(users)]
        self.dead: list[Link] = []
        self.now = 1000.0

    def deliver(self, deliveries: list[Delivery]) -> None:
        queue = deque(deliveries)
        while queue:
            delivery = queue.popleft()
            if isinstance(delivery, Frame):
                queue.extend(self.lobby.receive(delivery, self.now))
            else:
                delivery[0].tell(delivery[1])

    def connect(self, user: User) -> None:
        if user.link is None:
            user.link = Link(user)
            user.session.opened()
            user.listen()

    def carry_up(self, link: Link) -> None:
        """Let the server have the next verb."""
        if link.up and not link.over:
            verb = link.up.popleft()
            if isinstance(verb, verbs.Hello):
                self.deliver(self.lobby.hello(link, verb, "", self.now))
            else:
                self.deliver(self.lobby.do(link, verb, self.now))

    def carry_down(self, link: Link) -> None:
        """Let the user have the next event."""
        if link.down:
            link.user.session.receive(link.down.popleft())
            link.user.listen()

    def drop(self, user: User, *, noticed: bool) -> None:
        """Cut a link; a server that does not notice goes on telling it things."""
        if user.link is not None:
            link, user.link = user.link, None
            user.session.closed()
            self.dead.append(link)
            if noticed:
                self.notice(link)

    def notice(self, link: Link) -> None:
        """Let the server know that a link is dead."""
        self.dead.remove(link)
        self.deliver(self.lobby.lost(link, self.now))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.deliver(self.lobby.tick(self.now))

    def settle(self) -> None:
        """Let everybody come back, and everything arrive."""
        for user in self.users:
            self.connect(user)
        links = [user.link for user in self.users if user.link is not None]
        while any(link.up or link.down for link in links):
            while any(link.up or link.down for link in links):
                for link in links:
                    self.carry_up(link)
                    self.carry_down(link)
            # Acknowledgements are gathered for a while.
            self.wait(0.06)

    def settle_one(self, user: User) -> None:
        """Let everything arrive on one link."""
        user.listen()
        while user.link and (user.link.up or user.link.down):
            self.carry_up(user.link)
            self.carry_down(user.link)

    def meet(self) -> None:
        for user in self.users:
            user.session.start(verbs.Start())
        self.settle()
        assert all(user.chat for user in self.users)


def partner_heard(world: World, user: User, chat: str) -> list[str]:
    others = (other for other in world.users if other is not user and chat in other.heard)
    return next((other.heard[chat] for other in others), [])
