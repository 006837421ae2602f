"""Who may not come in: in memory, where the door asks at each handshake, and in a file.

The laws:

1. A ban that its operator has been told of holds until it expires or is taken back, over any
   number of restarts if there is a file. Nothing is in memory that is not in the file.
2. To ask costs the same however many bans there are.
3. Nothing here is an address; whoever has asked about one is not remembered.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from itertools import count
from math import inf
from pathlib import Path
from secrets import token_bytes

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from roulette.core.network import Network
from roulette.ops.ban_file import BadState, Ban, BanFile
from roulette.ops.pseudonyms import KEY_BYTES, Pseudonym, Pseudonyms

PURGE_EVERY = 60 * 60.0
"""Seconds between two times that the file is cleared of what has expired."""


class Bans(Service):
    """The bans, while the service runs.

    :param folder: where they are kept; with None they are forgotten when the service stops.
    :param clock: returns the Unix time: what expires does so over restarts.
    :param reactor: calls later.

    The file is opened when the service starts: by then it has its user and is a daemon, and neither
    a lock nor a file that was made before would be its own. That raises :exc:`BadState`.
    """

    name = "bans"
    _log = Logger()

    def __init__(
        self, folder: Path | None, clock: Callable[[], float], reactor: IReactorTime
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._file: BanFile | None = None
        self._purging = LoopingCall(self._purge)
        self._purging.clock = reactor
        # Without a file; it gives out its own.
        self._numbers = count(1)
        self._take(token_bytes(KEY_BYTES), {})

    @property
    def lasting(self) -> bool:
        """Say whether bans outlive the service."""
        return self._folder is not None

    def startService(self) -> None:
        """Read the bans."""
        super().startService()
        self._read(new=True)
        self._purging.start(PURGE_EVERY)

    def stopService(self) -> None:
        """Let the file go; what is known stays known."""
        super().stopService()
        if self._purging.running:
            self._purging.stop()
        self._close()

    def reload(self) -> None:
        """Read the file again, as another may have been put in its place.

        Raises :exc:`BadState` if it cannot be used: then the bans stay as they were, and none can
        be given or taken back until it can.
        """
        self._read(new=False)

    def _read(self, *, new: bool) -> None:
        if self._folder is None:
            return
        self._close()
        file = BanFile(self._folder, new=new)
        try:
            self._take(file.key, file.load())
        except BadState:
            file.close()
            raise
        self._file = file

    # What the door asks.

    def pseudonym(self, network: Network | None) -> Pseudonym | None:
        """Return what a network is known by, if it is one."""
        return None if network is None else self._pseudonyms.of(network)

    def left(self, pseudonym: Hashable) -> float:
        """Return for how many seconds more one is banned: 0 if it is not, ``inf`` for ever."""
        if not isinstance(pseudonym, Pseudonym):
            return 0.0
        now = self._clock()
        return max(
            (
                inf if ban.expires is None else max(0.0, ban.expires - now)
                for version, bits in self._lengths
                if version == pseudonym.version
                for ban in self._by_network.get(pseudonym.prefix(bits), {}).values()
            ),
            default=0.0,
        )

    # What the operator does.

    def network(self, text: str) -> Pseudonym:
        """Return the pseudonym of an address or prefix; raise ValueError if it is neither."""
        return self._pseudonyms.of_text(text)

    def current(self) -> dict[int, Ban]:
        """Return the bans that hold now, by their number."""
        now = self._clock()
        return {
            number: ban
            for number, ban in self._bans.items()
            if ban.expires is None or ban.expires > now
        }

    def add(
        self, guest: str | None, networks: tuple[Pseudonym, ...], reason: str, lasts: float | None
    ) -> tuple[int, Ban]:
        """Ban some networks for so many seconds, or for ever; return the ban and its number.

        Raises :exc:`BadState` if it cannot be kept: then nobody is banned.
        """
        since = self._clock()
        ban = Ban(guest, networks, reason, since, None if lasts is None else since + lasts)
        file = self._writable()
        number = next(self._numbers) if file is None else file.add(ban)
        self._enter(number, ban)
        return number, ban

    def remove(self, number: int) -> None:
        """Take a ban back.

        Raises KeyError if there is none of that number, :exc:`BadState` if it could not be taken
        out of the file: then it holds.
        """
        if number not in self.current():
            raise KeyError(number)
        self._remove(number)

    def _remove(self, number: int) -> None:
        if (file := self._writable()) is not None:
            file.remove(number)
        self._leave(number)

    def _purge(self) -> None:
        for number in self._bans.keys() - self.current().keys():
            try:
                self._remove(number)
            except BadState as error:
                self._log.error("What has expired cannot be cleared: {error}", error=error)
                break

    def _writable(self) -> BanFile | None:
        if self._folder is not None and self._file is None:
            raise BadState(
                f"{self._folder}: the bans in it cannot be changed until a reload has read them"
            )
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _take(self, key: bytes, bans: dict[int, Ban]) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._bans: dict[int, Ban] = {}
        self._by_network: dict[Pseudonym, dict[int, Ban]] = {}
        self._lengths: Counter[tuple[int, int]] = Counter()
        for number, ban in bans.items():
            self._enter(number, ban)

    def _enter(self, number: int, ban: Ban) -> None:
        self._bans[number] = ban
        for network in ban.networks:
            if network not in self._by_network:
                self._by_network[network] = {}
                self._lengths[network.version, network.bits] += 1
            self._by_network[network][number] = ban

    def _leave(self, number: int) -> None:
        for network in self._bans.pop(number).networks:
            del self._by_network[network][number]
            if not self._by_network[network]:
                del self._by_network[network]
                self._lengths[network.version, network.bits] -= 1
                if not self._lengths[network.version, network.bits]:
                    del self._lengths[network.version, network.bits]
