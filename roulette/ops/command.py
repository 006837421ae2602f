"""``python -m roulette admin``: the verbs of the admin shell from a script, and its prompt.

Both go through the UNIX socket of a service that runs on this machine. The status is 0 if all is
well, 1 if the service refuses or is not there, and 2 if the command line is nonsense.
"""

import inspect
import json
import os
import signal
import socket
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from inspect import Parameter, Signature
from select import select
from typing import Any, NoReturn

from roulette.ops.table import formed, heading, line
from roulette.ops.verbs import Verb, parameters, summary, verbs

DEFAULT = "/run/roulette/admin.sock"
"""Where the unit for systemd has the socket."""

VARIABLE = "ROULETTE_ADMIN_SOCKET"

WORDS = {"yes": True, "true": True, "no": False, "false": False}

USAGE = f"""\
usage: python -m roulette admin [--socket PATH] [--json] [VERB [VALUE]... [--NAME VALUE]...]

Asks or tells the service that runs on this machine; without a verb, opens the prompt.

  --socket PATH  what the service was given as --admin-socket
                 (default: ${VARIABLE}, or {DEFAULT})
  --json         print the data as JSON, and not as a table
  --help         print this, or all about a verb

verbs:
"""


class Nonsense(Exception):
    """A mistake on the command line; says which, in one line."""


class Refused(Exception):
    """The service refuses, or is not there; says why, in one line."""


@dataclass
class Asked:
    """What a command line says."""

    words: list[str]
    options: dict[str, str]
    flags: set[str]


def main(arguments: list[str]) -> NoReturn:
    """Do what a command line says, and end."""
    try:
        _do(read(arguments))
    except Nonsense as error:
        _end(2, str(error))
    except Refused as error:
        _end(1, str(error))
    sys.exit(0)


def read(arguments: list[str]) -> Asked:
    """Return what a command line says; ids may begin with a hyphen, and options with two."""
    asked, rest = Asked([], {}, set()), iter(arguments)
    for word in rest:
        name, given, value = word.removeprefix("--").partition("=")
        if word == "--":
            asked.words += rest
        elif word in ("--help", "-h", "--json"):
            asked.flags.add(word.lstrip("-")[0])
        elif not word.startswith("--"):
            asked.words.append(word)
        elif given or (value := next(rest, "--")) != "--":
            asked.options[name.replace("-", "_")] = value
        else:
            raise Nonsense(f"{word} needs a value")
    return asked


def bound(name: str, verb: Verb, words: list[str], options: dict[str, str]) -> dict[str, Any]:
    """Return the request for a verb, with its values in the types that it takes."""
    signature = Signature(list(parameters(verb).values()))
    try:
        given = signature.bind(*words, **options)
    except TypeError as error:
        raise Nonsense(f"{name}: {error}") from None
    for parameter in signature.parameters.values():
        if parameter.name in given.arguments:
            value = given.arguments[parameter.name]
            if parameter.kind is Parameter.VAR_KEYWORD:
                value = {key: _value(key, parameter, each) for key, each in value.items()}
            else:
                value = _value(parameter.name, parameter, value)
            given.arguments[parameter.name] = value
    return {"verb": name, "arguments": given.args, "options": given.kwargs}


def usage(name: str, verb: Verb) -> str:
    """Return a verb as it is typed on a command line."""
    words = [name]
    for parameter in parameters(verb).values():
        value = parameter.name.upper()
        match parameter.kind:
            case Parameter.VAR_KEYWORD:
                words.append("[--NAME VALUE]...")
            case Parameter.KEYWORD_ONLY:
                words.append(f"[--{parameter.name.replace('_', '-')} {value}]")
            case _:
                words.append(value if parameter.default is Parameter.empty else f"[{value}]")
    return " ".join(words)


def _value(name: str, parameter: Parameter, word: str) -> Any:
    kinds = {
        bool: ("yes or no", lambda: WORDS[word.lower()]),
        int: ("a whole number", lambda: int(word)),
        float: ("a number", lambda: float(word)),
    }
    for kind, (meaning, convert) in kinds.items():
        if parameter.annotation in (kind, kind | None):
            try:
                return convert()
            except (KeyError, ValueError):
                raise Nonsense(f"{name}: {word!r} is not {meaning}") from None
    return word


def _do(asked: Asked) -> None:
    path = asked.options.pop("socket", None) or os.environ.get(VARIABLE) or DEFAULT
    name, *words = asked.words or [""]
    verb = verbs().get(name)
    if name and verb is None:
        raise Nonsense(f"there is no verb {name!r}: --help names them all")
    if "h" in asked.flags:
        sys.stdout.write(_help(name, verb))
    elif verb is None:
        if asked.flags or asked.options:
            raise Nonsense("these options need a verb: --help names them all")
        _prompt(path)
    else:
        _ask(path, bound(name, verb, words, asked.options), as_json="j" in asked.flags)


def _help(name: str, verb: Verb | None) -> str:
    if verb is not None:
        return f"usage: python -m roulette admin {usage(name, verb)}\n\n{inspect.getdoc(verb)}\n"
    lines = [(usage(each, method), summary(method)) for each, method in verbs().items()]
    width = max(len(typed) for typed, _ in lines)
    return USAGE + "".join(f"  {typed:{width}}  {says}\n" for typed, says in lines)


def _ask(path: str, request: dict[str, Any], *, as_json: bool) -> None:
    rows = 0
    with _connected(path) as service:
        _send(service, json.dumps(request).encode() + b"\n")
        for answer in _answers(path, service):
            if "error" in answer:
                raise Refused(answer["error"])
            if "result" in answer:
                result, form = answer["result"], answer["form"]
                shown = f"({rows})" if rows else repr(formed(result, form))
                sys.stdout.write(f"{json.dumps(result) if as_json else shown}\n")
                return
            if not as_json:
                head = "" if rows else f"{heading(answer['row'])}\n"
                sys.stdout.write(f"{head}{line(answer['row'])}\n")
                sys.stdout.flush()
            rows += 1
    raise Refused(f"{path}: the service has hung up")


def _answers(path: str, service: socket.socket) -> Iterator[dict[str, Any]]:
    for told in service.makefile("rb"):
        try:
            answer = json.loads(told)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Refused(f"{path}: what listens there is no admin shell")
        yield answer


def _prompt(path: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Nonsense("a prompt needs a terminal; or name a verb: --help names them all")
    with _connected(path) as service, _raw(sys.stdin.fileno()) as keys:
        columns = os.get_terminal_size().columns
        _send(service, json.dumps({"columns": columns}).encode() + b"\n")
        while True:
            ready, _, _ = select([service.fileno(), keys], [], [])
            if service.fileno() in ready:
                if not (shown := service.recv(65536)):
                    break
                os.write(sys.stdout.fileno(), shown)
            if keys in ready:
                if not (typed := os.read(keys, 4096)):
                    break
                _send(service, typed)


@contextmanager
def _raw(terminal: int) -> Iterator[int]:
    before = termios.tcgetattr(terminal)
    # By default it would end the process and leave the terminal as it is.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        tty.setraw(terminal)
        yield terminal
    finally:
        # A service that died has not said that the terminal is to insert no more.
        os.write(sys.stdout.fileno(), b"\x1b[4l")
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _connected(path: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as service:
        try:
            service.connect(path)
        except OSError as error:
            hint = "is there a service with this --admin-socket, and are you its user, or root?"
            raise Refused(f"{path}: {error.strerror or error}; {hint}") from None
        try:
            yield service
        except ConnectionResetError:
            raise Refused(f"{path}: the service has hung up") from None


def _send(service: socket.socket, data: bytes) -> None:
    # Who has hung up may have said why.
    with suppress(BrokenPipeError):
        service.sendall(data)


def _end(status: int, why: str) -> NoReturn:
    sys.stderr.write(f"roulette: {why}\n")
    sys.exit(status)
