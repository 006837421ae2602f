"""Lets ``twistd --reactor=uvloop`` find the reactor."""

from twisted.application.reactors import Reactor

uvloop = Reactor("uvloop", "roulette.uvreactor", "uvloop (libuv) based reactor.")
