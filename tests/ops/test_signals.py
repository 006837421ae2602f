"""Signals, in a process of their own."""

import subprocess
import sys

# Twisted's own handlers are there by then; those who were to run later are still to run.
AS_SOON_AS_IT_RUNS = """
import signal
from twisted.internet import reactor
from roulette.ops.signals import Signals

def stop():
    print("stopped by us")
    reactor.stop()

reactor.callWhenRunning(signal.raise_signal, signal.{name})
Signals(reactor, stop, print).startService()
reactor.run()
"""

STRAY = """
import signal
from twisted.internet import reactor
from roulette.ops.signals import Signals

Signals(reactor, print, print).startService()
signal.raise_signal(signal.{name})
print("lives on")
"""


def test_what_nobody_waits_for_does_no_harm() -> None:
    for name in ("SIGUSR1", "SIGUSR2"):
        code = STRAY.format(name=name)
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (ended.returncode, ended.stdout) == (0, "lives on\n"), ended.stderr


def test_the_first_moment_is_ours() -> None:
    for name in ("SIGTERM", "SIGINT"):
        code = AS_SOON_AS_IT_RUNS.format(name=name)
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (ended.returncode, ended.stdout) == (0, "stopped by us\n"), ended.stderr
