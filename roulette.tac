# The same service for `twistd -y roulette.tac`; options go into the list.
from twisted.application.service import Application

from roulette.tap import Options, makeService

options = Options()
options.parseOptions([])

application = Application("roulette")
makeService(options).setServiceParent(application)
