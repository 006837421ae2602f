import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import (
    FileLogObserver,
    FilteringLogObserver,
    ILogObserver,
    LogBeginner,
    LogEvent,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    LogPublisher,
    capturedLogs,
    textFileLogObserver,
)
from twisted.python.failure import Failure
from twisted.python.logfile import LogFile
from zope.interface import implementer

from roulette.ops.logs import FORMATS, Format, Logs, reopen
from roulette.ops.quiet import Quiet

Log = Callable[[Logger], object]


class Reactor:
    """Does at once what a signal asks for."""

    def callFromThread(self, act: Callable[..., object], *arguments: object) -> None:
        act(*arguments)


def begin(observer: Any, written: Format | None = None) -> Logger:
    """Return a logger whose log begins as Twisted's does, with one observer."""
    publisher = LogPublisher()
    stdio = SimpleNamespace(stdout=sys.stdout, stderr=sys.stderr)
    beginner = LogBeginner(publisher, StringIO(), stdio, SimpleNamespace(**vars(warnings)))
    log = Logger("here", observer=publisher)
    log.info("the first, {when}", when="before it begins")
    Logs(Reactor(), written, Quiet(MemoryReactorClock()).before).begin_by(beginner)
    beginner.beginLoggingTo([observer])
    return log


def lines(written: str, act: Log) -> list[str]:
    """Return the lines that are written for what is logged."""
    file = StringIO()
    log = begin(textFileLogObserver(file), FORMATS[written])
    file.truncate(file.seek(0))
    act(log)
    return file.getvalue().split("\n")[:-1]


def entry(act: Log) -> Any:
    [line] = lines("json", act)
    return json.loads(line)


def fail(log: Logger) -> None:
    try:
        raise ValueError("broken\nfor a test")
    except ValueError:
        log.failure("It has failed", Failure())


def test_json_has_the_facts_of_an_event() -> None:
    told = entry(lambda log: log.info("{who} had {n} in {s:.1f} s", who="ada", n=3, s=0.25))
    assert datetime.fromisoformat(told.pop("time")).utcoffset() == timedelta(0)
    assert told == {
        "level": "info",
        "namespace": "here",
        "message": "ada had 3 in 0.2 s",
        "who": "ada",
        "n": 3,
        "s": 0.25,
    }


def test_json_tells_nothing_that_the_message_does_not() -> None:
    told = entry(lambda log: log.info("{what} is here", what=object(), text="a secret"))
    assert told.keys() == {"time", "level", "namespace", "message"}
    told = entry(lambda log: log.info("{time} {message}", time="mine", message="mine"))
    assert told["time"] != "mine"
    assert told["message"] == "mine mine"


def test_json_has_a_failure_as_one_string() -> None:
    told = entry(fail)
    assert (told["level"], told["message"]) == ("critical", "It has failed")
    assert told["failure"].startswith("Traceback")
    assert "broken\nfor a test" in told["failure"]


@given(st.text(), st.text(), st.floats())
def test_json_is_a_line_of_plain_ascii_whatever_is_said(
    layout: str, word: str, number: float
) -> None:
    [line] = lines("json", lambda log: log.info(layout + "{word}", word=word, number=number))
    assert line.isascii()
    assert line.isprintable()
    assert isinstance(json.loads(line), dict)


def test_the_journal_is_told_what_matters() -> None:
    def log_all(log: Logger) -> None:
        for level in LogLevel.iterconstants():
            log.emit(level, "so it is")

    told = lines("journal", log_all)
    assert [line[:3] for line in told] == ["<7>", "<6>", "<4>", "<3>", "<2>"]
    assert told[1] == "<6>[here#info] so it is"


def test_the_journal_takes_a_traceback_line_by_line() -> None:
    told = lines("journal", fail)
    assert told[0] == "<2>[here#critical] It has failed"
    assert len(told) > 4
    assert all(line.startswith("<2>\t") for line in told[1:])


def test_no_text_passes_for_another_line() -> None:
    assert lines("journal", lambda log: log.info("a {name} came", name="\n<0>[-] \x1b[A")) == [
        "<6>[here#info] a ",
        "<6>\t<0>[-] \\x1b[A came",
    ]


def test_what_was_logged_before_the_log_began_looks_the_same() -> None:
    file = StringIO()
    level = LogLevelFilterPredicate(LogLevel.info)
    log = begin(FilteringLogObserver(textFileLogObserver(file), [level]), FORMATS["json"])
    log.info("the second")
    told = [json.loads(line)["message"] for line in file.getvalue().splitlines()]
    assert told == ["the first, before it begins", "the second"]


def test_where_no_format_is_asked_for_lines_stay_as_they_were() -> None:
    file = StringIO()
    begin(FileLogObserver(file, lambda event: "as it was\n"))
    assert file.getvalue() == "as it was\n"


def test_what_is_written_elsewhere_stays_as_it_is() -> None:
    events: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        events.append(event)

    begin(observe, FORMATS["json"])
    assert [event["log_format"] for event in events] == ["the first, {when}"]


def written_to(file: LogFile) -> FileLogObserver:
    anything: Any = file
    return textFileLogObserver(anything)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[LogFile]:
    """Have a log as twistd has it."""
    before = signal.getsignal(signal.SIGUSR1)
    file = LogFile.fromFullPath(str(tmp_path / "it.log"))
    yield file
    file.close()
    signal.signal(signal.SIGUSR1, before)


def test_a_file_that_was_moved_is_opened_again_at_the_signal(file: LogFile, tmp_path: Path) -> None:
    log = begin(written_to(file), FORMATS["json"])
    (tmp_path / "it.log").rename(tmp_path / "moved")
    log.info("still to the old one")
    os.kill(os.getpid(), signal.SIGUSR1)
    log.info("to the new one")
    assert "still to the old one" in (tmp_path / "moved").read_text()
    assert json.loads((tmp_path / "it.log").read_text())["message"] == "to the new one"
    assert len(list(tmp_path.iterdir())) == 2


def test_nobody_else_moves_the_file(file: LogFile, tmp_path: Path) -> None:
    log = begin(written_to(file))
    for _ in range(3):
        log.info("x" * 600_000)
    assert [each.name for each in tmp_path.iterdir()] == ["it.log"]


def test_a_file_that_cannot_be_opened_again_stays_open(file: LogFile, tmp_path: Path) -> None:
    file.path = str(tmp_path / "nowhere" / "it.log")
    with capturedLogs() as logged:
        reopen(file)
    [line] = logged
    assert "No such file" in str(line["error"])
    file.write("still here")
    assert (tmp_path / "it.log").read_text() == "still here"
