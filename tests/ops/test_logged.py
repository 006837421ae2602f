"""How often something was logged."""

from twisted.logger import Logger

from roulette.ops.logged import Logged


def test_what_an_operator_should_look_at_is_counted_while_the_service_runs() -> None:
    log, logged = Logger(), Logged()
    log.error("before")
    logged.startService()
    log.info("a guest has come")
    log.warn("{well}", well="hm")
    log.error("no")
    log.error("no")
    log.critical("dear me")
    logged.stopService()
    log.error("after")
    assert logged.counts == {"warn": 1, "error": 2, "critical": 1}
