"""The admin shell as its operator sees it: OpenSSH's client, and a real process."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.logger import ILogObserver, LogEvent, Logger
from zope.interface import implementer

from tests.needs import needs
from tests.openssh import ssh_keygen
from tests.processes import PATIENCE
from tests.service import Service, running

OPTIONS = ("--manhole", "0", "--authorized-keys", "keys", "--host-key", "own_key")

UNSPEAKABLE = "unspeakable"
"""Part of all that is said and announced here; it must not be logged."""


def log_to(events: list[LogEvent]) -> Logger:
    """Return a logger that writes to a list."""

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        events.append(event)

    return Logger(observer=observe)


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Service]:
    """Run the service with its admin shell; its log is complete afterwards.

    An operator's mistakes are errors in it; it must be fine otherwise.
    """
    options = (*OPTIONS, *options)
    with running(*options, cwd=folder, last="ManholeFactory", complains=True) as service:
        yield service
    assert UNSPEAKABLE not in service.log, service.log


class Operator:
    """Somebody with a key, in a folder with the files of a service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "keys").write_text(ssh_keygen(folder / "id"))

    def command(self, service: Service, *arguments: str, key: str = "id") -> list[str]:
        """Return how to log in; the last argument is the line to run, or empty for a prompt."""
        settings = {
            "BatchMode": "yes",
            "HostKeyAlias": "roulette",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": "known_hosts",
        }
        options = [f"-o{name}={value}" for name, value in settings.items()]
        port = str(service.port_of("ManholeFactory"))
        name = "somebody@127.0.0.1"
        *more, line = arguments
        command = [needs("ssh"), "-F/dev/null", *options, "-i", key, "-p", port, *more, name]
        return [*command, line] if line else command

    def ssh(
        self, service: Service, *arguments: str, key: str = "id", typed: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Log in, type something, and wait for the end."""
        return subprocess.run(
            self.command(service, *arguments, key=key),
            cwd=self.folder,
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
        )

    def ask(self, service: Service, expression: str) -> Any:
        """Return the data that an expression stands for."""
        answer = self.ssh(service, f"import json; print(json.dumps({expression}))")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)
