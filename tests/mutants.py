"""Break the laws of the core one by one, and see that the tests notice.

Each mutant is a small change of a copy of the tree, which the tests of the core must fail
on. ``make mutants`` runs this; it exits with 1 if a mutant survives, or can no longer be made.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).parents[1]
COPIED = ("roulette", "tests", "twisted", "roulette.tac", "pyproject.toml")
ENOUGH = 300.0
"""Seconds after which a run is ended; a mutant that never ends is noticed too."""


@dataclass(frozen=True)
class Mutant:
    """A law that is broken: ``was`` stands once in ``file``, and becomes ``becomes``."""

    law: str
    file: str
    was: str
    becomes: str

    def apply(self, tree: Path) -> None:
        """Change a tree; raise LookupError if it no longer holds what is changed."""
        path = tree / "roulette/core" / self.file
        text = path.read_text()
        if text.count(self.was) != 1:
            raise LookupError(f"{self.file}: not once there: {self.was!r}")
        path.write_text(text.replace(self.was, self.becomes))


MUTANTS = (
    Mutant(
        "a frame is accepted only for the chat that it names",
        "lobby.py",
        "            and leg.chat == frame.chat\n",
        "",
    ),
    Mutant(
        "a frame is accepted only from the partner",
        "lobby.py",
        "            and leg.partner == frame.sender\n",
        "",
    ),
    Mutant(
        "a frame for a chat that is over is answered",
        "lobby.py",
        "            self.answer_bye(frame)\n",
        "            pass\n",
    ),
    Mutant(
        "who follows nobody into a rematch is told",
        "lobby.py",
        "                self.decline(frame)\n",
        "                pass\n",
    ),
    Mutant(
        "a repeated id is said once",
        "on_verb.py",
        "if verb.id is not None and (ack := leg.repeated(verb.id)) is not None:",
        "if verb.id is None and (ack := leg.repeated('')) is not None:",
    ),
    Mutant(
        "a block holds both ways",
        "ticket.py",
        " or other.guest in self.blocked or self.guest in other.blocked",
        " or other.guest in self.blocked",
    ),
    Mutant(
        "nobody meets themselves",
        "ticket.py",
        "self.guest == other.guest or ",
        "",
    ),
    Mutant(
        "who goes away is parked",
        "on_verb.py",
        "        chats.pool.park(guest.ticket)\n",
        "        pass\n",
    ),
    Mutant(
        "who is away begins a search parked",
        "chats.py",
        "parked=not guest.present",
        "parked=False",
    ),
    Mutant(
        "who has no connection is parked",
        "resume.py",
        "        chats.pool.park(guest.ticket)\n",
        "        pass\n",
    ),
    Mutant(
        "who leaves says goodbye",
        "chats.py",
        "self.send(frames.Bye(leg.partner, ",
        "repr(frames.Bye(leg.partner, ",
    ),
    Mutant(
        "the reason that is told is the true one",
        "on_frame.py",
        "chats.left_behind(guest, leg, frame.reason, now, frame.again)",
        "chats.left_behind(guest, leg, events.Reason.LEFT, now, frame.again)",
    ),
    Mutant(
        "the end that was missed is told",
        "chats.py",
        "told=guest.connection is not None",
        "told=True",
    ),
    Mutant(
        "the grace ends",
        "lobby.py",
        "                self.after(now, grace, self.end_grace, guest)\n",
        "",
    ),
    Mutant(
        "the grace of a guest that came back does not end",
        "leaving.py",
        "if guest.leaves_at is not None and guest.leaves_at <= now:",
        "if guest.connection is None or guest.leaves_at is not None:",
    ),
    Mutant(
        "a message that came already is dropped",
        "on_frame.py",
        "if frame.seq <= leg.heard:",
        "if frame.seq < leg.heard:",
    ),
    Mutant(
        "a gap ends the chat",
        "on_frame.py",
        "in_order = frame.seq == leg.heard + 1",
        "in_order = True",
    ),
    Mutant(
        "what was never handed over is kept",
        "leg.py",
        "                if self._kept[0][0] > self._handed:\n                    return False\n",
        "",
    ),
    Mutant(
        "a gap in what is kept is known",
        "leg.py",
        "if max(seq, self._confirmed) < oldest - 1:",
        "if False:",
    ),
    Mutant(
        "what was confirmed is not owed again",
        "leg.py",
        "if max(seq, self._confirmed) < oldest - 1:",
        "if seq < oldest - 1:",
    ),
    Mutant(
        "what is replayed is what came after",
        "leg.py",
        "            self.confirm(seq)\n        self._handed = self.heard",
        "        self._handed = self.heard",
    ),
    Mutant(
        "who goes on writing is given more time",
        "deadlines.py",
        "        self._due.move_to_end(item)\n",
        "",
    ),
    Mutant(
        "who asks for what is kept confirms nothing",
        "leg.py",
        "        self._handed = self.heard\n        return [",
        "        self._handed = self.heard\n"
        "        self.confirm(self._kept[0][0] - 1 if self._kept else self.heard)\n"
        "        return [",
    ),
    Mutant(
        "a gap in a chat that has ended is told",
        "resume.py",
        "end if missed is not None else",
        "end if True else",
    ),
    Mutant(
        "a seq counts in the chat that it was counted in",
        "leg.py",
        " or chat not in (None, self.chat)",
        "",
    ),
    Mutant(
        "what was missed is told once",
        "resume.py",
        "for message in missed:\n",
        "for message in missed * 2:\n",
    ),
    Mutant(
        "a recent partner is not met at once",
        "pool.py",
        "return not soft or min(",
        "return True or min(",
    ),
    Mutant(
        "nobody is met again while somebody else waits",
        "pool.py",
        "            if recent and second_best is None:",
        "            if recent and (fresh or recent):\n"
        "                return self._choose(seeker, list(recent), now), False\n"
        "            if recent and second_best is None:",
    ),
    Mutant(
        "what is insisted on with only never shrinks",
        "pool.py",
        "if ticket.wishes.only or ticket.stage is Stage.ANYONE:",
        "if ticket.stage is Stage.ANYONE:",
    ),
    Mutant(
        "what is insisted on shrinks",
        "pool.py",
        "        if ticket.stage is not Stage.ANYONE and not ticket.wishes.only:\n",
        "        if False:\n",
    ),
    Mutant(
        "after twenty seconds everybody is looked at",
        "pool.py",
        "rescue=patient",
        "rescue=False",
    ),
    Mutant(
        "two who accept each other find each other",
        "ticket.py",
        '            for language in languages:\n                yield "topic", topic, language\n',
        "",
    ),
    Mutant(
        "the draw is fair",
        "pool.py",
        "return self._rng.choice(candidates)",
        "return candidates[int(self._rng.random() ** 2 * len(candidates))]",
    ),
    Mutant(
        "who is parked is found by nobody",
        "pool.py",
        "                self._unfile(ticket, key)\n            ticket.parked = True",
        "                pass\n            ticket.parked = True",
    ),
    Mutant(
        "who has left is found by nobody",
        "pool.py",
        "            file.pop(ticket, None)\n",
        "            pass\n",
    ),
    Mutant(
        "only what was accepted is acknowledged",
        "on_verb.py",
        "    said = text.clean(verb.text)\n",
        '    chats.acknowledge(guest, leg, events.Ack(leg.chat, verb.id or "", 1), now)\n'
        "    said = text.clean(verb.text)\n",
    ),
    Mutant(
        "acknowledgements are gathered",
        "chats.py",
        " and leg.confirm_at <= by:",
        ":",
    ),
    Mutant(
        "who goes on talking is acknowledged too",
        "chats.py",
        "        if leg.unconfirmed is None:\n            leg.confirm_at",
        "        if True:\n            leg.confirm_at",
    ),
    Mutant(
        "what is accepted is acknowledged",
        "chats.py",
        "            self.after(now, ACKS_EVERY, self.confirm, guest)\n",
        "            pass\n",
    ),
    Mutant(
        "an acknowledgement goes along with a message",
        "on_frame.py",
        "        chats.confirm(guest, now + ACKS_RIDE)\n",
        "",
    ),
    Mutant(
        "nobody writes for ever",
        "on_frame.py",
        "        chats.writing.renew(now, guest)\n",
        "",
    ),
    Mutant(
        "who writes on is not said to have stopped",
        "deadlines.py",
        "at = self._due[item] = now + self._delay",
        "at = self._due.setdefault(item, now + self._delay)",
    ),
    Mutant(
        "a connection that is gone is in no index",
        "lobby.py",
        "guest = self._connected.pop(connection, None)",
        "guest = self._connected.get(connection)",
    ),
    Mutant(
        "a guest that is gone cannot come back",
        "leaving.py",
        '        self._resumes.pop(guest.resume or "", None)\n',
        "",
    ),
    Mutant(
        "a replaced connection speaks for nobody",
        "lobby.py",
        "            del self._connected[guest.connection]\n            self.tell(",
        "            self.tell(",
    ),
    Mutant(
        "partners are symmetric",
        "on_frame.py",
        "        chats.send(frames.Met(frame.sender, frame.to, frame.chat, agreed))\n",
        "",
    ),
    Mutant(
        "both choose the same chat for a rematch",
        "on_frame.py",
        "agreed = min(former.asked, former.offered)",
        "agreed = former.asked",
    ),
    Mutant(
        "who is away is not met by a rematch",
        "on_verb.py",
        "        guest.withdraw()\n",
        "        pass\n",
    ),
    Mutant(
        "a verb of a chat that is over is refused",
        "lobby.py",
        "    if guest.former is None or guest.former.chat != chat:\n        return False\n",
        "    if guest.former is None:\n        return False\n",
    ),
    Mutant(
        "a guest waits or chats, not both",
        "chats.py",
        "        if guest.ticket is not None:\n            self.pool.leave(guest.ticket)\n"
        "            guest.ticket = None\n        guest.leg",
        "        guest.leg",
    ),
    Mutant(
        "seen is not what was never said",
        "on_verb.py",
        "    if verb.seq > leg.heard:\n",
        "    if verb.seq > 1_000_000:\n",
    ),
    Mutant(
        "while it drains, nobody new is let in",
        "lobby.py",
        "return self.phase is OPEN and len",
        "return len",
    ),
    Mutant(
        "while it drains, nobody begins to search",
        "chats.py",
        "        if self.phase is not OPEN:\n",
        "        if False:\n",
    ),
    Mutant(
        "while it drains, who has left a chat leaves",
        "lobby.py",
        "            if self.phase is not OPEN:\n                self.let_go(guest, now)\n"
        "        return self.delivered()\n\n    def receive",
        "        return self.delivered()\n\n    def receive",
    ),
    Mutant(
        "while it drains, who is left leaves",
        "lobby.py",
        "            ON_FRAME[type(frame)](self, guest, leg, frame, now)\n"
        "            if self.phase is not OPEN:\n                self.let_go(guest, now)\n",
        "            ON_FRAME[type(frame)](self, guest, leg, frame, now)\n",
    ),
    Mutant(
        "while it drains, nobody meets again",
        "lobby.py",
        "guest is not None and self.phase is OPEN",
        "guest is not None",
    ),
    Mutant(
        "while it drains, a pair goes on",
        "leaving.py",
        "self.phase is Phase.CLOSING:\n",
        "True:\n",
    ),
    Mutant(
        "in a restart, everybody is asked to come back",
        "leaving.py",
        "if self.restarting or self.phase",
        "if self.phase",
    ),
)


@dataclass(frozen=True)
class Outcome:
    """How the tests of the core ended, and how long they took."""

    verdict: str
    seconds: float
    first: str = ""


def run(mutant: Mutant | None) -> Outcome:
    """Run the tests of the core on a copy with one change, or none."""
    began = monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as directory:
        tree = Path(directory)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, tree / name)
        if mutant is not None:
            try:
                mutant.apply(tree)
            except LookupError as error:
                return Outcome("STALE", 0.0, str(error))
        return judge(tree, began)


def judge(tree: Path, began: float) -> Outcome:
    """Run the tests of the core in a tree, in an order that fails early."""
    quick_first = sorted((tree / "tests/core").glob("test_*.py"), key=lambda p: "laws" in p.name)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-m",
        "not soak",
        "-p",
        "no:cacheprovider",
    ]
    try:
        ran = subprocess.run(
            [*command, *map(str, quick_first)],
            cwd=tree,
            env={**os.environ, "DERANDOMIZE": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": str(tree)},
            capture_output=True,
            text=True,
            timeout=ENOUGH,
        )
    except subprocess.TimeoutExpired:
        return Outcome("killed", monotonic() - began, "it never ended")
    failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    first = failed[0].split("::")[-1].split(" - ")[0] if failed else ""
    verdict = {0: "SURVIVED", 1: "killed"}.get(ran.returncode, "BROKEN")
    return Outcome(verdict, monotonic() - began, first or ran.stdout[-300:] * (verdict == "BROKEN"))


def main() -> int:
    """Run every mutant, or those whose law holds a word; print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only the laws that hold one of these words")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default: 2)")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.words or any(w in m.law for w in options.words)]
    baseline = run(None)
    print(f"unchanged: {baseline.verdict.lower()}, {baseline.seconds:.0f} s {baseline.first}")
    if baseline.verdict != "SURVIVED":
        print("the tests fail without any mutant: mend that first")
        return 1
    bad = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutant, outcome in zip(chosen, pool.map(run, chosen), strict=True):
            bad += outcome.verdict != "killed"
            print(f"{outcome.verdict:9}{outcome.seconds:5.0f} s  {mutant.law}  [{outcome.first}]")
            sys.stdout.flush()
    print(f"{len(chosen) - bad} of {len(chosen)} mutants killed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
