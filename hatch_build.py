"""Compiles the frame path, where there are a C compiler and Python's headers.

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

SOURCE = Path(__file__).parent / "roulette/web/_frames.c"
SUFFIX = ".abi3.so"
"""How the name ends of what any later CPython loads as well, on Unix."""


class CannotCompile(Exception):
    """There is no compiler, or it fails; says why in one line."""


def compile_frames(target: Path, *flags: str) -> None:
    """Compile the frame path; ``CC``, ``CFLAGS`` and ``LDFLAGS`` mean what they always do.

    Raises CannotCompile.
    """
    compiler, cflags, ldflags = (
        shlex.split(os.environ.get(name, default))
        for name, default in (("CC", "cc"), ("CFLAGS", ""), ("LDFLAGS", ""))
    )
    if sys.platform == "darwin":
        ldflags += ["-undefined", "dynamic_lookup"]
    headers = f"-I{sysconfig.get_path('include')}"
    command = [*compiler, "-O2", "-fPIC", "-shared", headers, *flags, *cflags]
    try:
        subprocess.run(
            [*command, "-o", str(target), str(SOURCE), *ldflags],
            check=True,
            capture_output=True,
            errors="replace",
        )
    except OSError as error:
        raise CannotCompile(error) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.splitlines()
        raise CannotCompile(next((line for line in said if "error" in line), error)) from None


class Frames(BuildHookInterface[WheelBuilderConfig]):
    """Adds what was compiled to a wheel, or to the checkout for one that is editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or say in one line why not."""
        folder = SOURCE.parent if version == "editable" else Path(self.directory)
        self.target = (folder / SOURCE.name).with_suffix(SUFFIX)
        self.target.unlink(missing_ok=True)
        try:
            if SUFFIX not in EXTENSION_SUFFIXES:
                raise CannotCompile(f"this Python loads no {SUFFIX}")
            compile_frames(self.target)
        except CannotCompile as why:
            self.app.display_warning(f"roulette is installed without {SOURCE.name}: {why}")
            return
        if version != "editable":
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            inside = SOURCE.relative_to(self.root).with_name(self.target.name)
            build_data["force_include"][str(self.target)] = str(inside)
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact: str) -> None:
        """Take away what is in the wheel by now."""
        if version != "editable":
            self.target.unlink(missing_ok=True)
