"""The servers that are measured: each a process of its own on the loopback interface."""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from twisted.application.reactors import getReactorTypes

from benchmarks import build
from benchmarks.build import Missing
from benchmarks.guests import Guest, PlainGuest, V1Guest
from tests.processes import free_port, running
from tests.service import LIFTED, TWISTD

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Server:
    """A server of one to one chats at ``/ws``.

    ``command`` makes its command line for a port; it prints that it is ``starting on`` it, and
    raises :exc:`Missing` where something is not here that it needs. ``guest`` is the kind of
    guest that it has.
    """

    name: str
    command: Callable[[int], Sequence[str]]
    guest: type[Guest] = Guest


def _python(module: str, needs: str, port: int, *more: str) -> Sequence[str]:
    if importlib.util.find_spec(needs) is None:
        raise Missing(f"{needs} is not installed (pip install --editable '.[bench]')")
    return sys.executable, "-m", f"benchmarks.peers.{module}", str(port), *more


def _ours(reactor: str, port: int, certificate: str | None = None) -> Sequence[str]:
    if reactor not in {kind.shortName for kind in getReactorTypes()}:
        raise Missing(f"there is no reactor {reactor}")
    endpoint = f"tcp:{port}:interface=127.0.0.1"
    if certificate is not None:
        endpoint = f"ssl:{port}:privateKey={certificate}:interface=127.0.0.1"
    reactor, service = f"--reactor={reactor}", ("roulette", "--port", endpoint)
    return TWISTD, reactor, "-n", "--pidfile=", *service, *LIFTED


SEED = Server("the seed", partial(_python, "seed", "autobahn"))
TORNADO = Server("tornado", partial(_python, "tornado", "tornado"))
WEBSOCKETS = Server("websockets", partial(_python, "websockets", "websockets"))
NODE = Server("node ws", lambda port: (build.find("node"), build.ws(), str(port)))
AIOHTTP = Server("aiohttp", partial(_python, "aiohttp", "aiohttp"))
PICOWS = Server("picows", partial(_python, "picows", "picows"))
BARE = Server("bare python", partial(_python, "bare", "uvloop"))
FLOOR = Server("floor in C", lambda port: (build.floor(), str(port)))
LIBRARIES = TORNADO, WEBSOCKETS, NODE, AIOHTTP, PICOWS
PEERS = SEED, *LIBRARIES, BARE, FLOOR

PLAIN_EPOLL = Server("roulette plain, epoll", partial(_ours, "epoll"), PlainGuest)
V1_EPOLL = Server("roulette v1, epoll", partial(_ours, "epoll"), V1Guest)
PLAIN = Server("roulette plain", partial(_ours, "uvloop"), PlainGuest)
V1 = Server("roulette v1", partial(_ours, "uvloop"), V1Guest)
OURS = PLAIN_EPOLL, V1_EPOLL, PLAIN, V1


def tls(certificate: str) -> Sequence[Server]:
    """Return servers with TLS, given a file with a key and its certificate."""
    peer = Server(AIOHTTP.name, lambda port: _python("aiohttp", "aiohttp", port, certificate))
    return peer, *(
        replace(ours, command=partial(_ours, reactor, certificate=certificate))
        for ours, reactor in ((PLAIN_EPOLL, "epoll"), (PLAIN, "uvloop"), (V1, "uvloop"))
    )


@contextmanager
def serving(server: Server) -> Iterator[tuple[int, int]]:
    """Run a server from when it listens; yield its process id and its port.

    Raises :exc:`Missing`, or RuntimeError with the server's log, also if a guest is let go.
    """
    port = free_port()
    with running(server.command(port), f"starting on {port}\n", ROOT) as process:
        try:
            yield process.popen.pid, port
        except (RuntimeError, ConnectionError) as error:
            raise RuntimeError(f"{server.name}: {error}\n{process.log}") from error
