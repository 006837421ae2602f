"""No row of the wire without a test over a real socket."""

from roulette.core.events import Code, Reason, Stage
from roulette.wire import v1_frames
from roulette.wire.closing import Closing
from tests.e2e import (
    test_v1,
    test_v1_draining,
    test_v1_fast,
    test_v1_operator,
    test_v1_refused,
    test_v1_resume,
    test_v1_search,
    test_v1_time,
)
from tests.e2e.wire_rows import CLOSES, ERRORS, REASONS, ROWS, SAID, STAGES, TOLD, covered_by

MODULES = (
    test_v1,
    test_v1_draining,
    test_v1_operator,
    test_v1_fast,
    test_v1_refused,
    test_v1_resume,
    test_v1_search,
    test_v1_time,
)


def test_the_rows_are_those_of_the_code() -> None:
    said = {frame.__struct_config__.tag: fields(frame) for frame in v1_frames.VERBS}
    assert said == SAID
    told = {frame.__struct_config__.tag: fields(frame) for frame in v1_frames.EVENTS.values()}
    assert told == {kind: needed | optional for kind, (needed, optional) in TOLD.items()}
    assert set(Stage) == STAGES
    assert set(Reason) == REASONS
    assert set(Code) == ERRORS
    # The WebSocket's own, and the server's own mistakes, of which the wire promises nothing.
    assert {closing.code for closing in Closing} | {1000, 1007, 1009} == CLOSES | {1011}


def fields(frame: type[v1_frames.Frame]) -> set[str]:
    return set(frame.__struct_encode_fields__)


def test_every_row_has_a_test() -> None:
    covered: set[str] = set()
    for module in MODULES:
        for test in vars(module).values():
            covered |= covered_by(test)
    assert covered == ROWS
