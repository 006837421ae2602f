"""``python -m roulette``: a stranger chat on the terminal, and the admin shell.

Neither loads what only the other needs, since scripts call the second one often.
"""

import sys


def main(arguments: list[str]) -> None:
    """Do what the command line says; its first word says which of the two."""
    if arguments[:1] == ["admin"]:
        from roulette.ops.command import main as admin

        admin(arguments[1:])
    else:
        from roulette.client.command import main as chat

        chat(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
