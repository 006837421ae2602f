"""When Python looks for garbage."""

import gc

from twisted.internet.testing import MemoryReactor

from roulette.ops.collector import THRESHOLDS, Collector


def test_it_is_set_while_the_service_runs() -> None:
    before, reactor = gc.get_threshold(), MemoryReactor()
    collector = Collector(reactor)
    collector.startService()
    assert gc.get_threshold() == before
    reactor.run()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 1000
    collector.stopService()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_service_that_was_stopped_before_the_reactor_ran_sets_nothing() -> None:
    before, reactor = gc.get_threshold(), MemoryReactor()
    collector = Collector(reactor)
    collector.startService()
    collector.stopService()
    reactor.run()
    assert gc.get_threshold() == before
