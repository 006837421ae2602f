"""The system commands that tests call, and the Debian packages that hold them.

``python tests/needs.py`` installs what is missing where it may, as root on Debian, and otherwise
says the one line to type.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = {
    "cc": "build-essential",
    "chromium": "chromium",
    "faketime": "faketime",
    "haproxy": "haproxy",
    "nginx": "nginx",
    "node": "nodejs",
    "npm": "npm",
    "slowhttptest": "slowhttptest",
    "ssh": "openssh-client",
    "tsung": "tsung",
    "systemd-analyze": "systemd",
    "systemd-socket-activate": "systemd",
}


def needs(command: str) -> str:
    """Return the path of a command; where it is missing, skip the test, or fail it under CI=true.

    Raises KeyError for a command whose package is not listed here.
    """
    import pytest  # here, since the script above must run without it

    package = PACKAGES[command]
    path = find(command)
    if path is None:
        reason = f"{command} is missing: {to_type([package])}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return path


def find(command: str) -> str | None:
    """Return the path of a command; the folders of root's commands count, whoever asks."""
    return shutil.which(command, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"]))


def missing() -> list[str]:
    """Return the Debian packages of the commands that are not there."""
    return sorted({package for command, package in PACKAGES.items() if find(command) is None})


def to_type(packages: list[str]) -> str:
    """Return what a person types to install packages."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


@contextmanager
def no_daemon_starts() -> Iterator[None]:
    """Keep Debian from starting what it installs, so that no web server takes port 80.

    https://www.debian.org/doc/debian-policy/ch-opersys.html, "Interfacing with init systems".
    """
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def install(packages: list[str]) -> None:
    """Install Debian packages without asking; what fails is found missing afterwards."""
    apt_get = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with no_daemon_starts():
        for arguments in (["update"], ["install", "--no-install-recommends", "-y", *packages]):
            subprocess.run([*apt_get, *arguments], env=environment, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing what the tests need from Debian:", *missing())
        install(missing())
    if missing():
        print("Tests that need more will not run. On Debian:", to_type(missing()))
