"""How late the reactor is."""

from twisted.internet.testing import MemoryReactorClock

from roulette.ops.reactor_lag import EVERY, ReactorLag


def test_it_is_measured_while_the_service_runs() -> None:
    reactor = MemoryReactorClock()
    lag = ReactorLag(reactor)
    lag.startService()
    reactor.advance(EVERY)
    assert sum(lag.seconds.counts) == 0, "the reactor does not run yet"
    reactor.run()
    for _ in range(3):
        reactor.advance(EVERY)
    assert lag.seconds.counts[0] == 3
    reactor.advance(EVERY + 0.2)
    assert (sum(lag.seconds.counts), round(lag.seconds.sum, 6)) == (4, 0.2)
    lag.stopService()
    assert not reactor.getDelayedCalls()


def test_a_service_that_was_stopped_before_the_reactor_ran_measures_nothing() -> None:
    reactor = MemoryReactorClock()
    lag = ReactorLag(reactor)
    lag.startService()
    lag.stopService()
    reactor.run()
    assert not reactor.getDelayedCalls()
