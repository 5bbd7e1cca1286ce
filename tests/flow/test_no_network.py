"""No feed can be reached: one alert says so after the first round, and one that it is over."""

import logging
from datetime import timedelta

import pytest

from tests.flow.harness import Harness, harness
from watcher.errors import FetchError
from watcher.model.alerts import Reason
from watcher.model.language import Severity
from watcher.service.daemon import Daemon, Plan

pytestmark = pytest.mark.usefixtures("each_store")

NAMES = ("wire", "paper", "radio")
NO_NETWORK = FetchError("dns", "Could not resolve host: wire.example")
GONE = FetchError("http", "404 Not Found", status=404)
UNREACHABLE = (Reason.FEEDS_UNREACHABLE, "No feed can be reached: is there a network, a proxy, a resolver?")
OVER = (Reason.RECOVERED, "Feeds can be reached again; those that could not are polled now")


def cut_off(*names: str) -> Harness:
    made = harness(*names)
    for name in names:
        made.news.fails(name, NO_NETWORK)
    return made


def logged(made: Harness, caplog: pytest.LogCaptureFixture, hours: float) -> list[str]:
    """Let a tick of the service come a while later; return what it warns of."""
    plan = Plan(feeds=made.feeds, rules=made.rules)
    made.clock.passes(hours)
    caplog.clear()
    Daemon(made.world, plan, lambda: plan, lambda: None)._tick()
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_first_round_in_which_no_feed_is_reached_is_one_alert_however_long_it_lasts() -> None:
    watching = cut_off(*NAMES)

    (alert,) = watching.later(hours=0)
    later = [told for _ in range(48) for told in watching.hears(hours=0.5)]

    assert (alert.reason, alert.title) == UNREACHABLE
    assert alert.severity is Severity.HIGH
    assert "dns 3; for instance paper: dns: Could not resolve host: wire.example" in alert.why
    assert later == []


def test_when_a_feed_works_one_alert_says_so_and_the_others_are_asked_at_once() -> None:
    watching = cut_off(*NAMES)
    watching.later(hours=0)
    for _ in range(8):
        watching.later(hours=1)
    watching.news.publishes("wire")
    watching.news.publishes("paper")

    told = [told for _ in range(12) for told in watching.hears(hours=0.5)]
    polled = [cycle.polls[0].at for cycle in watching.polls() if cycle.polls]

    assert told == [OVER, (Reason.FEED_FAILING, "1 of 3 feeds is failing: radio")]
    assert polled == []
    assert {name: state.error for name, state in watching.store.states().items() if state.error} == {
        "radio": str(NO_NETWORK)
    }


def test_what_comes_and_goes_after_that_is_no_storm() -> None:
    watching = cut_off(*NAMES)
    watching.later(hours=0)
    told = []
    for down in (False, True) * 40:
        for name in NAMES:
            watching.news.fails(name, NO_NETWORK) if down else watching.news.publishes(name)
        told += [reason for reason, _ in watching.hears(hours=1)]

    assert told.count(Reason.RECOVERED) == 1
    assert len(told) <= 4


@pytest.mark.parametrize("other", [GONE, FetchError("refused", "10.0.0.1 is a private address")])
def test_feeds_of_which_one_was_reached_are_told_of_as_ever(other: FetchError) -> None:
    watching = cut_off("wire", "paper")
    watching.news.fails("paper", other)

    told = [told for _ in range(8) for told in watching.hears(hours=0.5)]

    assert told == [(Reason.FEED_FAILING, "All 2 feeds are failing")]


def test_one_feed_alone_says_nothing_about_the_network() -> None:
    watching = cut_off("wire")

    assert watching.hears(hours=0) == []


def test_a_network_that_is_lost_later_is_named_in_the_alert_about_all_feeds() -> None:
    watching = harness(*NAMES)
    watching.later(hours=0)
    for name in NAMES:
        watching.news.fails(name, NO_NETWORK)

    (alert,) = (alert for _ in range(12) for alert in watching.later(hours=0.5))

    assert (alert.reason, alert.title) == (Reason.FEED_FAILING, "All 3 feeds are failing")
    assert "no feed can be reached: is there a network, a proxy, a resolver? paper: dns:" in alert.why


def test_the_log_has_one_warning_and_not_one_for_each_feed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "watcher.service")
    watching = cut_off(*NAMES)

    assert logged(watching, caplog, 0) == ["no_feed_reached"]
    assert [
        vars(record)["feed"] for record in caplog.records if record.getMessage() == "feed_failed"
    ] == list(NAMES)
    (line,) = (record for record in caplog.records if record.getMessage() == "no_feed_reached")
    assert vars(line)["causes"] == "dns 3"


def test_the_log_warns_of_each_feed_that_fails_while_others_work(caplog: pytest.LogCaptureFixture) -> None:
    watching = cut_off(*NAMES)
    watching.news.publishes("wire")

    assert logged(watching, caplog, 0) == ["feed_failed", "feed_failed"]


def test_what_failed_while_another_worked_is_told_without_a_look_at_all_feeds(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many thousands, a node polls some at a time, and mostly one of these fails."""
    watching = cut_off(*NAMES)
    watching.news.publishes("wire")
    plan = Plan(feeds=watching.feeds, rules=watching.rules)
    cycles = watching.polls()
    monkeypatch.setattr(type(watching.store), "states", None)
    caplog.clear()

    Daemon(watching.world, plan, lambda: plan, lambda: None)._take(cycles)

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "feed_failed",
        "feed_failed",
    ]


def test_the_warning_is_not_repeated_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    watching = cut_off(*NAMES)
    plan = Plan(feeds=watching.feeds, rules=watching.rules)
    daemon = Daemon(watching.world, plan, lambda: plan, lambda: None)

    for _ in range(20):
        daemon._tick()
        watching.clock.now += timedelta(minutes=10)

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "no_feed_reached"
    ]
