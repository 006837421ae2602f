# The same service for `twistd -y roulette.tac`; its options are in the environment, as in
# ROULETTE_OPTIONS='--port 9000 --grace 60'.
import os
import shlex
import sys

from twisted.application.service import Application

from roulette.tap import CannotStart, Options, makeService

application = Application("roulette")
options = Options()
try:
    options.parseOptions(shlex.split(os.environ.get("ROULETTE_OPTIONS", "")))
    makeService(options).setServiceParent(application)
except (CannotStart, ValueError) as mistake:
    # twistd prints a traceback of every exception but this one.
    sys.exit(f"ROULETTE_OPTIONS: {mistake}")
