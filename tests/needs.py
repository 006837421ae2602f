"""What tests call: system commands, the Debian packages that hold them, and axe-core from npm.

``python tests/needs.py`` installs what is missing where it may, as root on Debian, and otherwise
says the one line to type. What comes from npm goes into the folder of the project.
"""

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

PACKAGES = {
    "cc": "build-essential",
    "chromium": "chromium",
    "faketime": "faketime",
    "haproxy": "haproxy",
    "logrotate": "logrotate",
    "nginx": "nginx",
    "node": "nodejs",
    "npm": "npm",
    "slowhttptest": "slowhttptest",
    "ssh": "openssh-client",
    "tsung": "tsung",
    "systemd-analyze": "systemd",
    "systemd-socket-activate": "systemd",
}

HEADERS = "python3-dev"
"""The Debian package of what compiling for Python takes beside ``cc``."""

ROOT = Path(__file__).parent.parent
AXE = ROOT / "node_modules" / "axe-core"
NPM_INSTALL = "npm install --no-package-lock --ignore-scripts --no-audit --no-fund"


def needs(command: str) -> str:
    """Return the path of a command; where it is missing, skip the test, or fail it under CI=true.

    Raises KeyError for a command whose package is not listed here.
    """
    package = PACKAGES[command]
    path = find(command)
    if path is None:
        _do_without(f"{command} is missing: {to_type([package])}")
    return path


def needs_headers() -> None:
    """See that Python's headers are there; where they are missing, as :func:`needs` does."""
    if not has_headers():
        _do_without(f"Python's headers are missing: {to_type([HEADERS])}")


def has_headers() -> bool:
    """Return whether something can be compiled for this Python."""
    return Path(sysconfig.get_path("include"), "Python.h").exists()


def needs_axe() -> str:
    """Return the source of axe-core; where it is missing or outdated, as :func:`needs` does."""
    if not has_axe():
        _do_without(f"axe-core is missing: {NPM_INSTALL}")
    return (AXE / "axe.min.js").read_text(encoding="utf-8")


def has_axe() -> bool:
    """Return whether the axe-core is there that package.json names."""
    try:
        installed = json.loads((AXE / "package.json").read_bytes())["version"]
    except FileNotFoundError:
        return False
    pinned = json.loads((ROOT / "package.json").read_bytes())["devDependencies"]
    return bool(installed == pinned["axe-core"])


def _do_without(reason: str) -> NoReturn:
    import pytest  # here, since the script above must run without it

    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def find(command: str) -> str | None:
    """Return the path of a command; the folders of root's commands count, whoever asks."""
    return shutil.which(command, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"]))


def missing() -> list[str]:
    """Return the Debian packages of what is not there."""
    packages = {package for command, package in PACKAGES.items() if find(command) is None}
    return sorted(packages if has_headers() else packages | {HEADERS})


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
    if not has_axe() and find("npm"):
        print("Installing axe-core from npm")
        subprocess.run(NPM_INSTALL.split(), cwd=ROOT, stdin=subprocess.DEVNULL)
    if not has_axe():
        print("Tests that need axe-core will not run. Type:", NPM_INSTALL)
    if missing():
        print("Tests that need more will not run. On Debian:", to_type(missing()))
