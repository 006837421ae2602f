"""Every reason for a refusal is known beforehand."""

from inspect import isfunction

from twisted.internet.testing import MemoryReactorClock

from roulette.web import refusals
from roulette.web.refusals import REASONS, Refusal, Refusals


def test_the_reasons_are_those_of_the_table() -> None:
    table = [each for each in vars(refusals).values() if isinstance(each, Refusal)]
    made = [
        each(1.0)
        for each in vars(refusals).values()
        if isfunction(each) and each.__annotations__.get("return") is Refusal
    ]
    assert made
    assert {each.reason for each in (*table, *made)} <= set(REASONS)
    assert len(set(REASONS)) == len(REASONS)


def test_the_totals_have_every_reason() -> None:
    refused = Refusals(MemoryReactorClock())
    refused.note(refusals.SLOW)
    assert refused.totals() == {**dict.fromkeys(REASONS, 0), refusals.SLOW: 1}
