"""How the service is doing, judged from what the store remembers."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOON, a_feed, an_alert, posted
from tests.fakes import FakeStore
from watcher.errors import Mistake
from watcher.model.alerts import ALERT_LOG, ChannelId, DeliveryState
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState
from watcher.model.routes import Route
from watcher.service.health import health_of

HOUR = timedelta(hours=1)
WIRE = a_feed("wire")


def a_store(*, error: str = "", failures: int = 0, ever: bool = True) -> FakeStore:
    """Return a store of a service that polled one feed at noon."""
    store = FakeStore()
    state = FeedState(
        feed=FeedId("wire"),
        next_due=NOON,
        error=error,
        failures=failures,
        last_ok=NOON - HOUR if ever else None,
    )
    store.record(Cycle(states=(state,), alerts=(an_alert(),)), posted([an_alert()], ALERT_LOG, "desk"))
    store.note("last_tick", NOON.isoformat())
    return store


def problems(store: FakeStore, *, hours: float = 0, mistakes: tuple[Mistake, ...] = ()) -> tuple[str, ...]:
    return health_of(store, [WIRE], NOON + hours * HOUR, None, mistakes).problems


def try_desk(store: FakeStore, times: int) -> None:
    (delivery,) = store.lease(ChannelId("desk"), NOON, NOON + HOUR, 9)
    store.settle(replace(delivery, attempts=times, error="HTTP 503"), NOON)


def test_a_service_that_polls_and_delivers_is_healthy() -> None:
    assert problems(a_store()) == ()


def test_one_failure_of_a_feed_that_works_is_no_problem_and_three_are() -> None:
    assert problems(a_store(error="timeout: no answer", failures=2)) == ()
    assert problems(a_store(error="timeout: no answer", failures=3)) == (
        "feed wire has failed 3 times since 2026-10-10 11:00Z: timeout: no answer",
    )


def test_a_feed_that_never_worked_is_a_problem_at_once() -> None:
    assert problems(a_store(error="http: 404", failures=1, ever=False)) == (
        "feed wire has never worked: http: 404",
    )


def test_a_channel_that_takes_nothing_is_a_problem_long_before_its_alerts_are_given_up() -> None:
    store = a_store()
    try_desk(store, 2)
    assert problems(store) == ()

    try_desk(store, 3)
    assert problems(store) == ("channel desk has not taken an alert in 3 tries, and 1 alert waits: HTTP 503",)


def test_an_alert_log_that_cannot_be_written_is_a_problem_at_once() -> None:
    store = a_store()
    (delivery,) = store.lease(ALERT_LOG, NOON, NOON + HOUR, 9)
    store.settle(replace(delivery, attempts=1, error="alerts/ cannot be written"), NOON)

    assert problems(store) == ("1 alert waits for the alert log: alerts/ cannot be written",)


def test_a_channel_by_a_name_that_no_indicator_has_is_a_problem() -> None:
    store = a_store()
    store.note("indicators", "icbm-launch parade")
    desk = ChannelId("desk")
    routes = {desk: Route(channel=desk, indicators=frozenset({"parade", "launch"}))}

    (problem,) = health_of(store, [WIRE], NOON, None, routes=routes).problems

    assert problem.startswith("channel desk takes alerts of launch, and no indicator has that name")


def test_a_channel_that_refused_for_good_is_a_problem() -> None:
    store = a_store()
    (delivery,) = store.lease(ChannelId("desk"), NOON, NOON + HOUR, 9)
    store.settle(replace(delivery, state=DeliveryState.DEAD, error="404: check the address"), NOON)

    assert problems(store)[0].startswith("channel desk refused 1 alert for good (404: check the address); ")


def test_a_service_that_stopped_polling_is_a_problem() -> None:
    assert problems(a_store(), hours=0.4) == ()
    assert problems(a_store(), hours=2) == (
        "nothing has been polled since 2026-10-10 12:00Z: no service runs here; start `watcher run`",
    )
    assert problems(FakeStore()) == (
        "nothing has been polled yet; start `watcher run` or call `watcher poll`",
    )


def test_a_round_that_takes_long_is_no_problem_while_feeds_are_polled_in_it() -> None:
    store = a_store()
    store.record(
        Cycle(states=(FeedState(feed=FeedId("other"), next_due=NOON + 2 * HOUR, last_poll=NOON + HOUR),)), ()
    )

    assert health_of(store, [WIRE], NOON + HOUR, 4711).healthy
    assert health_of(store, [WIRE], NOON + 2 * HOUR, 4711).problems == (
        "nothing has been polled since 2026-10-10 13:00Z: a service runs, but it polls nothing; see its log",
    )


def test_a_poll_by_a_clock_that_ran_ahead_is_no_sign_of_life() -> None:
    store = a_store()
    store.record(
        Cycle(states=(FeedState(feed=FeedId("other"), next_due=NOON, last_poll=NOON + 900 * HOUR),)), ()
    )

    assert not health_of(store, [WIRE], NOON + HOUR, 4711).healthy


def test_a_service_that_was_here_and_is_gone_is_a_problem_and_a_poll_now_and_then_is_none() -> None:
    store = a_store()
    store.note("service", "started")

    assert problems(store) == ("the service that ran here has ended; start `watcher run` again",)
    assert health_of(store, [WIRE], NOON, 4711).healthy

    store.note("service", "")

    assert problems(store) == ()


def test_wrong_yaml_is_a_problem_for_each_mistake() -> None:
    mistakes = tuple(Mistake(file="feeds.yaml", line=line, column=3, what="no such key") for line in (4, 5))

    found = problems(a_store(), mistakes=mistakes)

    assert len(found) == 2
    assert found[0].endswith("feeds.yaml:4:3: no such key")


def test_many_feeds_that_fail_for_one_cause_are_one_line_for_people_and_each_its_own_for_programs() -> None:
    store = a_store()
    names = [f"feed-{number}" for number in range(40)]
    error = "dns: Could not resolve host: wire.example"
    states = tuple(
        FeedState(feed=FeedId(name), next_due=NOON, failures=3, error=error, last_ok=NOON - HOUR)
        for name in names[:39]
    )
    store.record(Cycle(states=states), ())
    odd = FeedState(feed=FeedId("feed-39"), next_due=NOON, failures=3, error="http: 404 Not Found")
    store.record(Cycle(states=(odd,)), ())

    health = health_of(store, [a_feed(name) for name in names], NOON, 4711)

    assert len(health.problems) == 40
    assert health.in_short == (
        "39 of 40 feeds fail: dns: Could not resolve host: wire.example (feed-0, feed-1, feed-2 and 36 more)",
        "feed feed-39 has never worked: http: 404 Not Found",
    )
    assert health.alike == frozenset(names[:39])


def test_that_no_feed_can_be_reached_is_the_first_problem() -> None:
    store = a_store()
    names = ("feed-1", "feed-2")
    states = [
        FeedState(
            feed=FeedId(name), next_due=NOON, failures=1, error="timeout: no answer", last_ok=NOON - HOUR
        )
        for name in names
    ]
    store.record(Cycle(states=tuple(states)), ())

    found = health_of(store, [a_feed(name) for name in names], NOON, 4711)

    assert (
        found.problems
        == found.in_short
        == ("no feed can be reached: is there a network, a proxy, a resolver?",)
    )
    assert health_of(store, [a_feed(name) for name in (*names, "unpolled")], NOON, 4711).healthy


def test_a_service_whose_rounds_have_stopped_is_a_problem_within_minutes() -> None:
    assert health_of(a_store(), [WIRE], NOON + HOUR / 15, 4711).healthy
    assert not health_of(a_store(), [WIRE], NOON + HOUR / 10, 4711).healthy


def test_a_trouble_of_the_service_itself_is_a_problem_until_it_is_over() -> None:
    store = a_store()
    store.note("canary_lost", NOON.isoformat())

    assert problems(store) == ("the alert `canary_lost` of 2026-10-10T12:00Z is not over",)
