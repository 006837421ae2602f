"""A client of the JSON wire, for tests, bots and bridges: it resumes by itself.

A bot that answers every stranger with what they said::

    from twisted.internet.task import react

    from roulette.client import Client, GotMessage, StrangerDisconnected


    async def echo(reactor, url):
        async with Client(reactor, url) as client:
            client.start(topics=["echo"])
            async for event in client.events():
                match event:
                    case GotMessage(text=text):
                        await client.say(text)
                    case StrangerDisconnected():
                        client.next()


    react(lambda reactor: echo(reactor, "ws://localhost:8080/ws"))

Importing this installs no reactor.
"""

from roulette.client.backoff import Backoff
from roulette.client.client import Client, Offline, Rejected
from roulette.core.events import (
    Connected,
    Error,
    GotMessage,
    Guests,
    Idle,
    RematchOffered,
    Seen,
    ServerMessage,
    StoppedTyping,
    StrangerAway,
    StrangerBack,
    StrangerDisconnected,
    StrangerReconnecting,
    Typing,
    Waiting,
    Welcome,
)

__all__ = [
    "Backoff",
    "Client",
    "Connected",
    "Error",
    "GotMessage",
    "Guests",
    "Idle",
    "Offline",
    "Rejected",
    "RematchOffered",
    "Seen",
    "ServerMessage",
    "StoppedTyping",
    "StrangerAway",
    "StrangerBack",
    "StrangerDisconnected",
    "StrangerReconnecting",
    "Typing",
    "Waiting",
    "Welcome",
]
