"""Sessions and the real lobby, with links between them that lose whatever is on its way."""

from collections import defaultdict, deque
from math import inf
from random import Random

from roulette.client.outbox import Later, Settled
from roulette.client.session import Session
from roulette.core import events, verbs
from roulette.core.chats import Delivery
from roulette.core.events import Code, Event
from roulette.core.frames import Frame
from roulette.core.limits import UNLIMITED, Limits
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

    def __init__(self, world: "World") -> None:
        self.world = world
        self.session = Session()
        self.later: list[Later] = []
        self.link: Link | None = None
        self.chat: str | None = None
        self.told: list[Event] = []
        self.said: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.heard: dict[str, list[str]] = defaultdict(list)
        self.settled: dict[str, bool] = {}

    def listen(self) -> None:
        if self.link is not None:
            self.link.up.extend(self.session.to_send())
        for seconds, act in self.session.to_do_later():
            self.later.append((self.world.now + seconds, act))
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

    def __init__(self, seed: int = 0, users: int = 2, limits: Limits = UNLIMITED) -> None:
        self.now = 1000.0
        self.lobby = Lobby(Random(seed), grace=30.0, limits=limits)
        self.users = [User(self) for _ in range(users)]
        self.dead: list[Link] = []
        self.refusals = 0

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
            if link.down and isinstance(told := link.down[-1], events.Error):
                self.refusals += told.code is Code.RATE_LIMITED

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
        """Let time pass, and everybody do then what they have put off."""
        end = self.now + seconds
        while self.next_later() <= end:
            self.now = max(self.now, self.next_later())
            self.deliver(self.lobby.tick(self.now))
            for user in self.users:
                due = [act for at, act in user.later if at <= self.now]
                user.later = [(at, act) for at, act in user.later if at > self.now]
                for act in due:
                    act()
                user.listen()
        self.now = end
        self.deliver(self.lobby.tick(self.now))

    def next_later(self) -> float:
        return min((at for user in self.users for at, _ in user.later), default=inf)

    def settle(self) -> None:
        """Let everybody come back, and everything arrive."""
        for user in self.users:
            self.connect(user)
        links = [user.link for user in self.users if user.link is not None]
        while any(link.up or link.down for link in links) or self.next_later() < inf:
            while any(link.up or link.down for link in links):
                for link in links:
                    self.carry_up(link)
                    self.carry_down(link)
            # Acknowledgements are gathered for a while, and what was refused waits for its time.
            later = self.next_later()
            self.wait(0.06 if later == inf else max(0.06, later - self.now))

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
