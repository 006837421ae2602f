"""What is not Python among the peers: made, or fetched, into ``build/peers`` when it is needed."""

import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "peers"
BUILD = Path(__file__).parent.parent / "build" / "peers"


class Missing(Exception):
    """Something is not here that a measurement needs; says what."""


def floor() -> str:
    """Compile the floor where it has changed; return the path of the program.

    Raises Missing without a compiler, RuntimeError if it does not compile.
    """
    source, program = SOURCES / "floor.c", BUILD / "floor"
    if _is_older(program, source):
        _run(find("cc"), "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(program), str(source))
    return str(program)


def ws() -> str:
    """Install Node ws where what is pinned has changed; return the path of its program.

    Raises Missing without npm, RuntimeError if it cannot be installed.
    """
    pinned, installed = SOURCES / "package.json", BUILD / "package.json"
    if _is_older(installed, pinned) or not (BUILD / "node_modules" / "ws").exists():
        npm = find("npm")
        BUILD.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(pinned, installed)
        _run(npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
    return str(SOURCES / "ws.mjs")


def find(command: str) -> str:
    """Return the path of a command; raise Missing without it."""
    path = shutil.which(command)
    if path is None:
        raise Missing(f"{command} is not installed")
    return path


def _is_older(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def _run(*command: str) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
