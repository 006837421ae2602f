"""Measure, and print the table: ``python -m benchmarks [OPTIONS] [SUBJECT ...]``."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from benchmarks import (
    connect,
    latency,
    lobby,
    memory,
    messages,
    page,
    pool,
    relay,
    table,
    targets,
    tls,
)

SUBJECTS: dict[str, Callable[..., Iterator[table.Row]]] = {
    "lobby": lobby.rows,
    "messages": messages.rows,
    "pool": pool.rows,
    "relay": relay.rows,
    "connect": connect.rows,
    "storm": connect.large_rows,
    "latency": latency.rows,
    "memory": memory.rows,
    "tls": tls.rows,
    "page": page.rows,
}
"""What is measured if nothing else is asked for."""

ONLY_TARGETS = {"targets": targets.rows}


def positive(text: str) -> int:
    """Return a positive number; raise ValueError if it is none."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure what things cost, in CPU time."
    )
    parser.add_argument(
        "subjects",
        nargs="*",
        metavar="SUBJECT",
        help=f"one of {', '.join(SUBJECTS)} (all), or targets: what these need",
    )
    parser.add_argument("--json", metavar="FILE", help="write every round to a file, too")
    parser.add_argument(
        "--rounds", type=positive, metavar="N", help="as many rounds of each subject"
    )
    options = parser.parse_args()
    subjects = {**SUBJECTS, **ONLY_TARGETS}
    unknown = [name for name in options.subjects if name not in subjects]
    if unknown:
        parser.error(f"there is no subject {unknown[0]}, only {', '.join(subjects)}")
    rounds = {"rounds": options.rounds} if options.rounds else {}
    with ExitStack() as stack:
        file = None
        if options.json:
            try:
                file = stack.enter_context(open(options.json, "w", encoding="utf-8"))
            except OSError as error:
                parser.error(str(error))
        rows: list[table.Row] = []
        failures: list[str] = []
        for name in options.subjects or SUBJECTS:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            try:
                rows.extend(subjects[name](**rounds))
            except RuntimeError as error:
                failures.append(f"{name}: {error}")
        print(table.text(rows))
        if judged := targets.text(rows):
            print(f"\n{judged}")
        if file is not None:
            json.dump(table.data(rows), file, ensure_ascii=False, indent=1)
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
