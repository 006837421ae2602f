"""What was said on the command line of ``twistd roulette``, and in the file that it names."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from twisted.python import usage

from roulette import config
from roulette.checks import FOLDER, as_said, check_writable
from roulette.config import Mistakes, one_line
from roulette.core.limits import Limits
from roulette.ops.local import endpoint_is_local
from roulette.options import GROUPS, IN_FILE, OPTIONS, TOGETHER, packaged_page
from roulette.web.brand import Brand
from roulette.web.capacity import guests_for, open_files


class CannotStart(SystemExit, Exception):
    """A mistake of the operator's: ends the program with one line for each, and status 1.

    As a SystemExit it prints no traceback; as an Exception it lets ``twistd`` remove its
    pidfile, and tell the parent of a daemon that did not come up.
    """

    def __init__(self, why: object) -> None:
        super().__init__("\n".join(f"roulette: {one_line(line)}" for line in str(why).split("\n")))


class Options(usage.Options):
    """What was said, by the names of the options.

    :param folder: where the command line was given; the present folder unless it was elsewhere.
    """

    synopsis = "[options]"

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder or Path.cwd()
        self._arguments: Sequence[str] = ()
        self._said: dict[str, list[str]] = {}

    def parseOptions(self, options: Any = None) -> None:
        """Parse and check; mistakes are a line each and exit status 1, not the whole help."""
        try:
            self._parse(sys.argv[1:] if options is None else options)
        except usage.UsageError as error:
            raise CannotStart(error) from None

    def again(self) -> "Options":
        """Return the options of the same command line, with the files as they are now.

        Raise :exc:`Mistakes` if something is wrong by now.
        """
        fresh = type(self)(self._folder)
        fresh._parse(self._arguments)
        return fresh

    def parseArgs(self, *rest: str) -> None:
        """Refuse what is neither an option nor the value of one."""
        if rest:
            raise usage.UsageError(
                f"{rest[0]!r} is no option: is it part of a value that needs quotes?"
            )

    def postOptions(self) -> None:
        """Check all that was said, on the command line and in the file."""
        mistakes = [*self._files_of_twistd(), *self._settle()]
        if not mistakes:
            for names in TOGETHER:
                given = [self[name] is not None for name in names]
                if any(given) and not all(given):
                    mistakes.append(f"{', '.join(map('--{}'.format, names))} go together")
            admin, passwords = self["admin"], self["admin-passwords"]
            if admin is None and passwords is not None:
                mistakes.append("--admin-passwords is for --admin, which is not given")
            elif admin is not None and passwords is None and not endpoint_is_local(admin):
                mistakes.append(
                    f"--admin: {as_said(admin)} can be reached from elsewhere: "
                    "add interface=127.0.0.1, or --admin-passwords"
                )
        if mistakes:
            raise Mistakes(mistakes)
        if self["max-guests"] is None:
            self["max-guests"] = guests_for(open_files())

    def folders(self) -> list[Path]:
        """Return the folders of the page; a file of an earlier one stands for that of a later."""
        own = [] if self["static"] is None else [self["static"]]
        return [*own, packaged_page()]

    def limits(self) -> Limits:
        """Return how fast guests may be."""
        return Limits(
            messages=self["message-rate"],
            skips=self["skip-rate"],
            frames=self["frame-rate"],
        )

    def brand(self) -> Brand:
        """Return what the page is branded with."""
        return Brand(self["title"], self["motd"], self["rules"])

    def getUsage(self, width: int | None = None) -> str:
        """Return the help: a line for each option, under the headings of the groups."""
        column = 4 + max(len(f"--{each.name} {each.kind.shown}") for each in OPTIONS.values())
        lines = ["A stranger chat: guests meet at random, one to one, and talk."]
        for heading, group in GROUPS.items():
            lines.append(f"{heading}:")
            for option in group:
                said = f"{'*' if option.live else ' '} --{option.name} {option.kind.shown}"
                lines.append(f"{said:{column}}{option.meaning} [{option.default_shown}]")
        lines += [
            "[ ] is what counts if nothing is said. All but --config may stand in its file;",
            "what is marked * is read from there again on SIGHUP, or by admin.reload().",
        ]
        return "\n".join(lines)

    def _parse(self, arguments: Sequence[str]) -> None:
        self._arguments = list(arguments)
        try:
            super().parseOptions(self._arguments)
        except Mistakes:
            raise
        except usage.UsageError as error:
            found = re.fullmatch(r"option (--\S+) not recognized", str(error))
            names = [f"--{name}" for name in OPTIONS]
            hint = config.suggestion(found[1], names) if found else ""
            raise Mistakes([f"{error}{hint}"]) from None

    def _files_of_twistd(self) -> Iterator[str]:
        # It ends with a traceback where it cannot write one of them.
        said = {} if self.parent is None or self.parent.get("chroot") else self.parent
        rundir = self._folder / said.get("rundir", "")
        try:
            FOLDER.check(str(rundir))
        except ValueError as error:
            yield f"--rundir: {error}"
            return
        for name, folder in ("logfile", self._folder), ("pidfile", rundir):
            if (file := said.get(name)) and file != "-":
                try:
                    check_writable(folder / file)
                except ValueError as error:
                    yield f"--{name}: {error}"

    def _settle(self) -> Iterator[str]:
        """Give every option its value; yield the mistakes."""
        self.update({name: option.default for name, option in OPTIONS.items()})
        if "config" in self._said:
            yield from self._take_from(self._folder / self._said["config"][-1])
        for name, texts in self._said.items():
            try:
                self[name] = OPTIONS[name].value(texts, self._folder)
            except ValueError as error:
                yield f"--{name}: {error}"

    def _take_from(self, path: Path) -> Iterator[str]:
        try:
            written = config.read(path)
        except Mistakes as error:
            yield from error.lines
            return
        for key, value in written.items():
            try:
                if key not in IN_FILE:
                    raise ValueError(config.unknown(key, value, IN_FILE))
                option = OPTIONS[key]
                texts = config.texts(option.kind, value, many=option.many)
                self[key] = option.value(texts, path.parent)
            except ValueError as error:
                yield f"{path}: {key}: {error}"


def _hearing(name: str) -> Callable[[Options, str], None]:
    def hear(self: Options, text: str) -> None:
        self._said.setdefault(name, []).append(text)

    hear.__doc__ = OPTIONS[name].meaning
    return hear


for _name in OPTIONS:
    # These are how Twisted learns of options that may be repeated.
    setattr(Options, f"opt_{_name.replace('-', '_')}", _hearing(_name))
Options.opt_p = Options.opt_port  # type: ignore[attr-defined]
