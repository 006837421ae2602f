"""SSH into the admin shell: arbitrary code as the server, for those whose key is in a file.

Importing this installs the reactor, since ``twisted.conch.ssh.userauth`` does.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.conch.error import ValidPublicKey
from twisted.conch.interfaces import IConchUser
from twisted.conch.ssh.factory import SSHFactory
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.service import SSHService
from twisted.conch.ssh.transport import SSHServerTransport
from twisted.conch.ssh.userauth import SSHUserAuthServer
from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import ISSHPrivateKey
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, execute
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import Interface, implementer

from roulette.ops.keys import KEY_TYPE, authorized_keys, fingerprint
from roulette.ops.seat import Seats
from roulette.ops.sessions import QUIET, Connection, Operator
from roulette.reading import BadFile

LOGIN_WITHIN = 30.0
"""Seconds from connecting in which to log in."""

STRANGERS = 10
"""How many connections may be logging in at once."""

NAME_BYTES = 64
"""Bytes of a name that is logged: whoever gives it may be a stranger."""


def _among(supported: list[bytes], *wanted: bytes) -> list[bytes]:
    return [name for name in wanted if name in supported]


@implementer(ICredentialsChecker)
class KeyFile:
    """Lets in those whose keys are in a file; it is read anew each time."""

    credentialInterfaces = (ISSHPrivateKey,)
    _log = Logger()

    def __init__(self, path: Path) -> None:
        self._path = path

    def requestAvatarId(self, credentials: Any) -> Deferred[Any]:
        """Return the name that somebody gives, and the fingerprint of the key that they have.

        Fails with UnauthorizedLogin, or with ValidPublicKey to ask for the proof.
        """
        return execute(self._check, credentials)

    def _check(self, credentials: Any) -> bytes:
        key = Key.fromString(credentials.blob)
        who = f"{credentials.username[:NAME_BYTES]!r} with {fingerprint(key)}"
        try:
            known = key in authorized_keys(self._path)
        except BadFile as error:
            self._log.error("Nobody can log in: {error}", error=error)
            known = False
        if not known:
            self._log.info("No login of {who}", who=who)
            raise UnauthorizedLogin("this key is not in the file")
        if credentials.sigData is None:
            raise ValidPublicKey
        try:
            proved = key.verify(credentials.signature, credentials.sigData)
        except Exception:
            # The decoders of signatures raise whatever they like.
            proved = False
        if not proved:
            raise UnauthorizedLogin("the signature is wrong")
        return who.encode()


@implementer(IRealm)
class Realm:
    """Gives those who have logged in a seat."""

    _log = Logger()

    def __init__(self, seats: Seats, clock: IReactorTime) -> None:
        self._seats = seats
        self._clock = clock

    def requestAvatar(
        self, avatarId: bytes | tuple[()], mind: object, *interfaces: type[Interface]
    ) -> tuple[type[Interface], "Operator", Callable[[], None]]:
        """Note that somebody has come, and later that they have gone."""
        who = bytes(avatarId).decode()
        self._log.info("Login of {who}", who=who, audit=True)

        def logout() -> None:
            self._log.info("Logout of {who}", who=who, audit=True)

        return IConchUser, Operator(self._seats.seat(who), self._clock), logout


class UserAuth(SSHUserAuthServer):
    """Asks for a public key, and for nothing else."""

    _log = QUIET
    attemptsBeforeDisconnect = 6


class Transport(SSHServerTransport):
    """One connection, with those algorithms only that ssh-audit finds no fault with."""

    factory: "ManholeFactory"
    transport: Any
    supportedKeyExchanges = _among(
        SSHServerTransport.supportedKeyExchanges,
        b"mlkem768x25519-sha256",
        b"curve25519-sha256",
        b"curve25519-sha256@libssh.org",
    )
    supportedPublicKeys = [KEY_TYPE]  # noqa: RUF012
    supportedCiphers = [b"aes256-ctr", b"aes192-ctr", b"aes128-ctr"]  # noqa: RUF012
    supportedMACs = [b"hmac-sha2-512", b"hmac-sha2-256"]  # noqa: RUF012
    supportedCompressions = [b"none"]  # noqa: RUF012

    _deadline: IDelayedCall | None = None
    _log = QUIET
    log = Logger()

    def connectionMade(self) -> None:
        """Begin to wait for a login."""
        super().connectionMade()
        self.factory.strangers.add(self)
        self._deadline = self.factory.clock.callLater(LOGIN_WITHIN, self._too_late)

    def setService(self, service: SSHService) -> None:
        """Go on to a service; those but the first are for whom has logged in."""
        super().setService(service)
        if hasattr(self, "avatar"):
            self._wait_no_longer()

    def dataReceived(self, data: bytes) -> None:
        """Take what comes; what makes no sense ends the connection.

        Left to itself, the reactor would log the peer's address with the traceback.
        """
        try:
            super().dataReceived(data)
        except Exception as error:
            if hasattr(self, "avatar"):
                self.log.failure("An admin session has failed")
            else:
                self.log.warn("Broken SSH before a login: {error}", error=type(error).__name__)
            self.transport.abortConnection()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Clear up."""
        self._wait_no_longer()
        super().connectionLost(reason)

    def _wait_no_longer(self) -> None:
        self.factory.strangers.discard(self)
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()

    def _too_late(self) -> None:
        self.log.info("Nobody logged in within {seconds:.0f} s", seconds=LOGIN_WITHIN)
        self.transport.abortConnection()


class ManholeFactory(SSHFactory):
    """Lets operators in through SSH.

    :param seats: what they find there.
    :param key_file: the keys that may log in, in OpenSSH's format.
    :param own_key: the private key by which this host is known.
    :param clock: calls later.
    """

    protocol = Transport
    services = {b"ssh-userauth": UserAuth, b"ssh-connection": Connection}  # noqa: RUF012

    def __init__(
        self,
        seats: Seats,
        key_file: Path,
        own_key: Key,
        clock: IReactorTime,
    ) -> None:
        self.portal = Portal(Realm(seats, clock), [KeyFile(key_file)])
        self.publicKeys = {KEY_TYPE: own_key.public()}
        self.privateKeys = {KEY_TYPE: own_key}
        self.clock = clock
        self.strangers: set[Transport] = set()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Take a connection, unless too many are logging in already."""
        if len(self.strangers) >= STRANGERS:
            return None
        # SSHFactory would choose the algorithms anew, and log that for each connection.
        return Factory.buildProtocol(self, addr)
