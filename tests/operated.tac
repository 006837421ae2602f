# The service, and a port where a line does what an operator does: `announce TEXT`, `kick GUEST`,
# `ban GUEST`, for an hour and by no address.
import os
import shlex

from twisted.application import strports
from twisted.application.service import Application
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineOnlyReceiver

from roulette.tap import Options, makeService

options = Options()
options.parseOptions(shlex.split(os.environ["ROULETTE_OPTIONS"]))
service = makeService(options)
chat = service.services[-1].factory.resource.factory


class Operator(LineOnlyReceiver):
    delimiter = b"\n"

    def lineReceived(self, line):
        verb, _, what = line.decode().partition(" ")
        if verb == "kick":
            chat.deliver(chat.lobby.kick(what, chat.now()))
        elif verb == "ban":
            chat.deliver(chat.lobby.ban(what, 3600.0, chat.now()))
        else:
            chat.deliver(chat.lobby.announce(what))


application = Application("operated")
strports.service(os.environ["OPERATOR"], Factory.forProtocol(Operator)).setServiceParent(application)
service.setServiceParent(application)
