"""The options that may change while the service runs, and what they are to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from roulette.commandline import Options
from roulette.core.lobby import Lobby
from roulette.ops.drain import Drain
from roulette.web.entrance import Entrance
from roulette.web.files import Files


@dataclass
class Settings:
    """The parts of a running service that can be told of other options."""

    lobby: Lobby
    entrance: Entrance
    files: Files
    drain: Drain

    def in_force(self) -> Mapping[str, object]:
        """Return the values that count now, by the names of the options that may change.

        With them come the limits that only the admin shell sets, by the names that they have there.
        """
        brand, door, limits = self.files.brand, self.entrance.door, self.lobby.limits
        return {
            "title": brand.title,
            "motd": brand.motd,
            "rules": brand.rules,
            "static": self.files.folders,
            "max-guests": door.max_guests,
            "per-address": door.per_address,
            "connect-rate": door.connect_rate,
            "trusted-proxies": self.entrance.proxies,
            "allowed-origin": self.entrance.allowed,
            "message-rate": limits.messages,
            "skip-rate": limits.skips,
            "frame-rate": limits.frames,
            "others": limits.others,
            "refusals": limits.refusals,
            "grace": self.lobby.grace,
            "drain-timeout": self.drain.pairs_have,
        }

    def put(self, said: Options) -> None:
        """Put other values in force.

        Nobody is sent away by that: fewer guests, or connections, are there when some have left.
        """
        self.files.show(said.folders(), said.brand())
        self.entrance.door.limit(said["max-guests"], said["per-address"], said["connect-rate"])
        self.entrance.proxies = said["trusted-proxies"]
        self.entrance.allowed = said["allowed-origin"]
        self.lobby.max_guests, self.lobby.grace = said["max-guests"], said["grace"]
        limits = said.limits()
        if limits != self.lobby.limits:
            self.lobby.limit(limits)
        self.drain.pairs_have = said["drain-timeout"]
