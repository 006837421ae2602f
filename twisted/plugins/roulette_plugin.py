"""Lets ``twistd`` and ``twist`` find the service."""

from twisted.application.service import ServiceMaker

roulette = ServiceMaker(
    "roulette",
    "roulette.tap",
    "A stranger chat: guests meet at random, one to one, and talk.",
    "roulette",
)
