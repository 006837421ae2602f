"""What is written to the log, whatever is logged."""

import gc
import io
import json
from collections.abc import Callable
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import (
    ILogObserver,
    LegacyLogObserverWrapper,
    LogEvent,
    Logger,
    LogLevel,
    LogPublisher,
    eventAsJSON,
    formatEvent,
    textFileLogObserver,
)
from twisted.python import log as legacy
from twisted.python.failure import Failure
from zope.interface import implementer

from roulette.ops import quiet
from roulette.ops.quiet import ALIKE, LOOK_EVERY, PERIOD, Escaping, Quiet, Repeating

CURSOR_UP = "\x1b[A\x9b\r\x00\x7f\u202e\ud800"


@implementer(ILogObserver)
class Kept:
    """Keeps the events that it is handed."""

    def __init__(self) -> None:
        self.events: list[LogEvent] = []

    def __call__(self, event: LogEvent) -> None:
        self.events.append(event)

    def lines(self) -> list[str]:
        return [formatEvent(event) for event in self.events]


def failure(error: Exception) -> Failure:
    try:
        raise error
    except Exception:
        return Failure()


def written(say: Callable[[Logger], object]) -> str:
    """Return what Twisted's text file has of what is logged."""
    file = io.StringIO()
    say(Logger("here", observer=Escaping(textFileLogObserver(file, timeFormat=None))))
    return file.getvalue()


def test_what_a_terminal_would_obey_is_spelled_out() -> None:
    text = written(lambda log: log.info("a {name} came", name=CURSOR_UP))
    assert text == "- [here#info] a \\x1b[A\\x9b\\r\\x00\\x7f\\u202e\\ud800 came\n"


def test_a_line_cannot_be_forged() -> None:
    text = written(lambda log: log.info("a {name} came", name="\n- [here#info] a guest"))
    assert text == "- [here#info] a \n\t- [here#info] a guest came\n"


def test_a_traceback_is_escaped_too() -> None:
    text = written(lambda log: log.failure("{it}", failure(ValueError(CURSOR_UP)), it="{Oh}\x07"))
    assert text.startswith("- [here#critical] {Oh}\\x07\n\tTraceback")
    assert "ValueError: \\x1b[A\\x9b\\r\\x00" in text
    assert quiet.printable(text) == text


@given(st.text())
def test_every_text_is_printable_and_what_was_stays(text: str) -> None:
    kept = Kept()
    Logger("here", observer=Escaping(kept)).info("{a}{b}", a=text, b="łódź {}")
    [line] = kept.lines()
    assert all(each.isprintable() or each in "\n\t" for each in line)
    assert line == quiet.printable(text) + "łódź {}"
    assert kept.events[0]["a"] == text


def test_what_is_printable_is_handed_on_as_it_is() -> None:
    kept, came = Kept(), Kept()
    Logger(observer=LogPublisher(came, Escaping(kept))).failure("oh", failure(ValueError("ł")))
    assert kept.events[0] is came.events[0]


def test_an_escaped_event_can_be_written_as_json() -> None:
    kept = Kept()
    Logger(observer=Escaping(kept)).failure("{a}", failure(ValueError("\x07")), a="\x07")
    event = json.loads(eventAsJSON(kept.events[0]))
    assert event["a"] == "\x07"
    assert event["log_failure"]["type"]["__name__"] == "ValueError"


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (("a bell\x07",), {}),
        ((), {"format": "a %(it)s", "it": "bell\x07"}),
        ((), {"failure": failure(ValueError("a bell\x07")), "why": "oh\x07", "isError": 1}),
    ],
)
def test_observers_of_the_old_kind_are_told_the_same(
    message: tuple[str, ...], fields: dict[str, object]
) -> None:
    texts: list[str | None] = []

    @implementer(legacy.ILogObserver)
    def observe(event: LogEvent) -> None:
        texts.append(legacy.textFromEventDict(event))

    publisher = LogPublisher(Escaping(LegacyLogObserverWrapper(observe)))
    legacy.LogPublisher(publisher, publisher).msg(*message, **fields)
    [text] = texts
    assert text is not None
    assert "a bell\\x07" in text
    assert "\x07" not in text


def test_of_lines_that_are_alike_a_few_are_written_and_the_number_of_the_others() -> None:
    now, kept = [0.0], Kept()
    repeating = Repeating(kept, lambda: now[0], alike=3, period=60.0)
    logger = Logger("here", observer=repeating)
    for number in range(10):
        now[0] += 1
        logger.warn("guest {number} has failed", number=number)
    assert kept.lines() == [f"guest {number} has failed" for number in range(3)]
    now[0] = 60.9
    repeating.look()
    assert len(kept.events) == 3
    now[0] = 61.0
    repeating.look()
    assert kept.lines()[3:] == ["7 more like it: guest {number} has failed"]
    told = kept.events[-1]
    assert (told["log_namespace"], told["log_level"]) == ("here", LogLevel.warn)
    logger.warn("guest {number} has failed", number=10)
    repeating.look(over=True)
    assert kept.lines()[4:] == ["guest 10 has failed"]


def test_the_number_comes_before_the_next_such_line_if_nobody_has_looked() -> None:
    now, kept = [0.0], Kept()
    logger = Logger("here", observer=Repeating(kept, lambda: now[0], alike=1, period=60.0))
    for at in (0.0, 1.0, 60.0):
        now[0] = at
        logger.info("again")
    assert kept.lines() == ["again", "1 more like it: again", "again"]


def test_at_the_end_all_that_was_held_back_is_told() -> None:
    kept = Kept()
    repeating = Repeating(kept, lambda: 0.0, alike=1)
    for _ in range(3):
        Logger("here", observer=repeating).info("again")
    repeating.look(over=True)
    assert kept.lines() == ["again", "2 more like it: again"]
    repeating.look(over=True)
    assert len(kept.events) == 2


def test_what_an_operator_does_is_always_written() -> None:
    kept = Kept()
    log = Logger("here", observer=Repeating(kept, lambda: 0.0, alike=2))
    for number in range(5):
        log.info("Ban {number}", number=number, audit=True)
    assert kept.lines() == [f"Ban {number}" for number in range(5)]


def test_other_lines_are_not_alike() -> None:
    kept = Kept()
    repeating = Repeating(kept, lambda: 0.0, alike=1)
    one, other = (Logger(name, observer=repeating) for name in ("one", "other"))
    for _ in range(2):
        one.info("a {it}", it="guest")
        one.info("b {it}", it="guest")
        other.info("a {it}", it="guest")
        one.failure("a {it}", failure(ValueError()), it="guest")
        one.failure("a {it}", failure(KeyError()), it="guest")
    assert len(kept.events) == 5


def test_so_many_kinds_of_lines_are_told_apart_and_no_more() -> None:
    now, kept = [0.0], Kept()
    repeating = Repeating(kept, lambda: now[0], alike=1)
    for number in range(quiet.KINDS + 10):
        Logger("here", observer=repeating).info(f"kind {number}")
    assert len(kept.events) == quiet.KINDS + 1
    assert len(repeating._kinds) == quiet.KINDS + 1
    now[0] = PERIOD
    repeating.look()
    assert kept.lines()[-1] == "9 more like it: of all kinds"
    assert not repeating._kinds


def test_a_failure_that_is_held_back_keeps_nothing_alive() -> None:
    class Connection:
        pass

    def fail() -> Failure:
        connection = Connection()
        known.append(ref(connection))
        return failure(ValueError(connection))

    known: list[ref[Connection]] = []
    repeating = Repeating(LogPublisher(), lambda: 0.0, alike=1)
    for _ in range(2):
        Logger(observer=repeating).failure("oh", fail())
    gc.collect()
    assert [each() for each in known] == [None, None]


def test_the_log_of_the_process_is_escaped_and_brief_until_the_end() -> None:
    reactor, kept = MemoryReactorClock(), Kept()
    service = Quiet(reactor)
    log = Logger("here", observer=service.before(kept))
    service.startService()
    for _ in range(ALIKE + 5):
        log.info("a bell{it}", it="\x07")
    assert kept.lines() == ["a bell\\x07"] * ALIKE
    reactor.advance(PERIOD - 1)
    assert len(kept.events) == ALIKE
    reactor.advance(LOOK_EVERY)
    assert kept.lines()[ALIKE:] == ["5 more like it: a bell{it}"]
    for _ in range(ALIKE + 3):
        log.info("bye")
    service.stopService()
    for call, args, kwargs in reactor.triggers["after"]["shutdown"]:
        call(*args, **kwargs)
    assert kept.lines()[-1] == "3 more like it: bye"
