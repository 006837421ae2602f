"""Compiles what is in C, where there are a C compiler and Python's headers.

Where there are none, or Python would not load what comes of it, roulette is installed without.
"""

import os
import shlex
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilderConfig

SOURCES = {
    "roulette/web/_frames.c": ".abi3.so",
    "roulette/web/_lane.c": EXTENSION_SUFFIXES[0],
}
"""What is compiled, and how its name ends then: for any later CPython on Unix, or for this one.

Those are in the same wheel: other Pythons do without what is for this one only.
"""


class CannotCompile(Exception):
    """There is no compiler, or it fails; says why in one line."""


def compile_c(source: Path, target: Path, *flags: str) -> None:
    """Compile an extension; ``CC``, ``CFLAGS`` and ``LDFLAGS`` mean what they always do.

    Raises CannotCompile.
    """
    compiler, cflags, ldflags = (
        shlex.split(os.environ.get(name, default))
        for name, default in (("CC", "cc"), ("CFLAGS", ""), ("LDFLAGS", ""))
    )
    if sys.platform == "darwin":
        ldflags += ["-undefined", "dynamic_lookup"]
    headers = f"-I{sysconfig.get_path('include')}"
    command = [*compiler, "-O2", "-ffp-contract=off", "-fPIC", "-shared", headers, *flags, *cflags]
    try:
        subprocess.run(
            [*command, "-o", str(target), str(source), *ldflags],
            check=True,
            capture_output=True,
            errors="replace",
        )
    except OSError as error:
        raise CannotCompile(error) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.splitlines()
        raise CannotCompile(next((line for line in said if "error" in line), error)) from None


class Extensions(BuildHookInterface[WheelBuilderConfig]):
    """Adds what was compiled to a wheel, or to the checkout for one that is editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or say in one line for each why not."""
        self.targets: list[Path] = []
        for name, suffix in SOURCES.items():
            source = Path(self.root, name)
            folder = source.parent if version == "editable" else Path(self.directory)
            target = (folder / source.name).with_suffix(suffix)
            self.targets.append(target)
            target.unlink(missing_ok=True)
            try:
                if suffix not in EXTENSION_SUFFIXES:
                    raise CannotCompile(f"this Python loads no {suffix}")
                compile_c(source, target)
            except CannotCompile as why:
                self.app.display_warning(f"roulette is installed without {source.name}: {why}")
                continue
            if version != "editable":
                platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
                inside = Path(name).with_name(target.name)
                build_data["force_include"][str(target)] = str(inside)
                build_data["pure_python"] = False
                build_data["tag"] = f"cp311-abi3-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact: str) -> None:
        """Take away what is in the wheel by now."""
        if version != "editable":
            for target in self.targets:
                target.unlink(missing_ok=True)
