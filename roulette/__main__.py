"""``python -m roulette``: a stranger chat on the terminal, and the admin shell.

Neither loads what only the other needs, since scripts call the second one often.
"""

import os
import sys


def main(arguments: list[str]) -> None:
    """Do what the command line says, and end; a mistake, or an output that fails, is one line."""
    # What the shell has closed is empty, and its number must go to no socket.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    try:
        try:
            _do(arguments)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        # Python would try once more to write what is left, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Who reads no further has read enough.
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"roulette: {error.strerror}\n")
        sys.exit(1)


def _do(arguments: list[str]) -> None:
    # The first word says which of the two.
    if arguments[:1] == ["admin"]:
        from roulette.ops.command import main as admin

        admin(arguments[1:])
    else:
        from roulette.client.command import main as chat

        chat(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
