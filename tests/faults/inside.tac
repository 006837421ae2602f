# The service, and a port where a line breaks something inside it: `break HOOK` makes the next call
# of one of ours fail, `block` blocks the reactor, `count` answers how many connections and guests
# there are.
import os
import shlex
import time

from twisted.application import strports
from twisted.application.service import Application
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineOnlyReceiver

from roulette.tap import Options, makeService

options = Options()
options.parseOptions(shlex.split(os.environ["ROULETTE_OPTIONS"]))
service = makeService(options)
chat = service.services[-1].factory.resource.factory


def break_once(owner, name):
    whole = getattr(owner, name)

    def broken(*arguments, **named):
        setattr(owner, name, whole)
        raise RuntimeError("broken for a test, by a client named \x1b[2J")

    setattr(owner, name, broken)


class Inside(LineOnlyReceiver):
    delimiter = b"\n"

    def lineReceived(self, line):
        verb, _, name = line.decode().partition(" ")
        if verb == "break":
            break_once(chat if hasattr(chat, name) else chat.protocol, name)
        elif verb == "block":
            time.sleep(3600)
        self.sendLine(f"{chat.countConnections} {len(chat.lobby.guests)}".encode())


application = Application("broken")
strports.service(os.environ["INSIDE"], Factory.forProtocol(Inside)).setServiceParent(application)
service.setServiceParent(application)
