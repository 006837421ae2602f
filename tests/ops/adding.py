"""Keeps bans in a folder: FOLDER COUNT. Prints the number of each, and waits to be ended."""

import sys
from pathlib import Path

from roulette.ops.ban_file import Ban, BanFile
from roulette.ops.pseudonyms import Pseudonyms


def main(folder: Path, count: int) -> None:
    file = BanFile(folder)
    pseudonyms = Pseudonyms(file.key)
    for n in range(count):
        network = pseudonyms.of_text(f"192.0.{n >> 8}.{n & 255}")
        number = file.add(Ban(None, (network,), f"ban {n}", float(n), None))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    sys.stdout.write("done\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
