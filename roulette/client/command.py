"""``python -m roulette chat URL``: a stranger chat on the terminal."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Any, NoReturn

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from roulette.client import Client, Rejected
from roulette.client.console import Console
from roulette.client.terminal import TerminalChat, listed


class OneLine(ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with status 2."""
        self.exit(2, f"roulette: {message}\n")


def parser() -> ArgumentParser:
    """Return what reads the command line."""
    parsing = OneLine(prog="python -m roulette", description="A stranger chat.")
    commands = parsing.add_subparsers(title="commands", required=True, metavar="COMMAND")
    chat = commands.add_parser("chat", help="talk to a stranger, here on the terminal")
    chat.add_argument("url", metavar="URL", help="where, such as ws://localhost:8080/ws")
    chat.add_argument("--topics", type=listed, default=[], help="what you like: tea, chess")
    chat.add_argument("--languages", type=listed, default=[], help="what you speak: pl, en")
    chat.add_argument("--only", action="store_true", help="meet nobody who shares none of these")
    commands.add_parser("admin", help="ask or tell a service that runs on this machine")
    return parsing


def main(arguments: list[str]) -> NoReturn:
    """Chat; ends with status 1 if the server will not have us, and 2 if it is told nonsense.

    Raises OSError if what was said cannot be shown, or read.
    """
    parsing = parser()
    wishes = parsing.parse_args(arguments)
    from twisted.internet import reactor

    try:
        client = Client(reactor, wishes.url)
    except ValueError as error:
        parsing.error(str(error))
    console = Console(reactor)
    why: list[Exception] = []
    try:
        with console.raw():
            react(chat, (client, console, wishes, why))
    finally:
        for reason in why:
            if isinstance(reason, OSError):
                raise reason
            sys.stderr.write(f"roulette: {reason}\n")


async def chat(
    reactor: Any, client: Client, console: Console, wishes: Namespace, why: list[Exception]
) -> None:
    """Chat; add to ``why`` what keeps us from it."""
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromCoroutine(client.close())
    )
    try:
        await TerminalChat(reactor, client, console).run(
            wishes.topics, wishes.languages, only=wishes.only
        )
    except (Rejected, ValueError, OSError) as error:
        why.append(error)
        raise SystemExit(1) from None
