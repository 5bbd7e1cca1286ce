"""What people are told of feeds that fail and work again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_feed
from watcher.collection.feeds import APART, STEADY, tell_of_feeds
from watcher.errors import FetchError
from watcher.model.alerts import Alert, Kind, Reason
from watcher.model.news import FeedId
from watcher.model.polling import FeedState, Fetched
from watcher.polling.cadence import after_answer, after_error

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Watch:
    """Feeds, polled by hand, and the alerts about them."""

    names: Sequence[str]
    now: timedelta = timedelta()
    alerts: list[Alert] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = {name: FeedState(feed=FeedId(name), next_due=NOON) for name in self.names}

    def poll(
        self, failing: Iterable[str] = (), *, after: timedelta = 5 * MINUTE, only: Iterable[str] | None = None
    ) -> list[Reason]:
        """Poll feeds, of which some fail; return the reasons of the alerts it brings."""
        self.now += after
        down = set(failing)
        for name in self.names if only is None else only:
            self.states[name] = self._polled(name, fails=name in down)
        cycle = tell_of_feeds(list(self.states.values()), NOON + self.now)
        if cycle is None:
            return []
        self.states |= {state.feed: state for state in cycle.states}
        self.alerts += cycle.alerts
        return [alert.reason for alert in cycle.alerts]

    def _polled(self, name: str, *, fails: bool) -> FeedState:
        feed, now = a_feed(name), NOON + self.now
        if fails:
            return after_error(self.states[name], feed, FetchError("http", "404 Not Found"), now)
        return after_answer(
            self.states[name], Fetched(feed=feed.id, status=200, body=b"<rss/>", url=feed.url), feed, now
        )


def test_a_feed_that_fails_three_times_in_a_row_is_told_of_once() -> None:
    watch = Watch(["kcna", "wire"])

    told = [watch.poll(["kcna"], after=2 * HOUR) for _ in range(9)]

    assert told == [[], [], [Reason.FEED_FAILING], *[[]] * 6]
    (alert,) = watch.alerts
    assert (alert.kind, alert.title) == (Kind.COLLECTION, "1 of 2 feeds is failing: kcna")
    assert "kcna: http: 404 Not Found" in alert.why


def test_a_feed_that_fails_now_and_then_is_not_worth_an_alert() -> None:
    watch = Watch(["kcna", "wire"])

    for down in (["kcna"], ["kcna"], [], ["kcna"], ["kcna"], []):
        assert watch.poll(down, after=2 * HOUR) == []


def test_feeds_that_fail_together_are_told_of_together() -> None:
    watch = Watch(["a", "b", "c", "d", "e", "wire"])

    for _ in range(3):
        watch.poll(["a", "b", "c", "d", "e"])

    (alert,) = watch.alerts
    assert alert.title == "5 of 6 feeds are failing: a, b, c and 2 more"
    assert alert.feeds == tuple("abcde")


def test_when_every_feed_fails_one_alert_says_so_and_speaks_for_all() -> None:
    names = [f"feed-{number}" for number in range(40)]
    watch = Watch(names)

    for _ in range(3):
        for name in names:
            watch.poll(names, after=MINUTE / 10, only=[name])
    for _ in range(20):
        watch.poll(names, after=3 * HOUR)

    assert [alert.title for alert in watch.alerts] == ["All 40 feeds are failing"]


def test_feeds_found_out_within_an_hour_of_an_alert_are_named_in_the_next() -> None:
    watch = Watch(["a", "b", "c", "wire"])
    for down in (["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"]):
        watch.poll(down)

    watch.poll(["a", "b", "c"], after=APART)

    assert [alert.feeds for alert in watch.alerts] == [("a",), ("b", "c")]


def test_that_every_feed_fails_is_told_at_once_even_if_one_was_just_told_of() -> None:
    watch = Watch(["a", "b", "c"])
    for _ in range(3):
        watch.poll(["a"])

    told = [watch.poll(["a", "b", "c"]) for _ in range(30)]

    assert [at for at, reasons in enumerate(told, start=1) if reasons] == [3]
    assert [alert.title for alert in watch.alerts] == [
        "1 of 3 feeds is failing: a",
        "All 3 feeds are failing",
    ]


def test_a_feed_works_again_when_it_has_for_a_day() -> None:
    watch = Watch(["kcna", "wire"])
    for _ in range(3):
        watch.poll(["kcna"])

    told = [watch.poll(after=HOUR) for _ in range(30)]

    assert [at for at, reasons in enumerate(told, start=1) if reasons] == [STEADY // HOUR]
    assert watch.alerts[-1].reason is Reason.FEED_RECOVERED
    assert watch.alerts[-1].title == "1 of 2 feeds is working again: kcna"


def test_a_feed_that_failed_again_after_working_again_is_news_again() -> None:
    watch = Watch(["kcna", "wire"])
    for down in (["kcna"], [], ["kcna"]):
        for _ in range(30):
            watch.poll(down, after=HOUR)

    assert [alert.reason for alert in watch.alerts] == [
        Reason.FEED_FAILING,
        Reason.FEED_RECOVERED,
        Reason.FEED_FAILING,
    ]
    assert len({alert.id for alert in watch.alerts}) == 3


@given(st.lists(st.sets(st.sampled_from("abc")), max_size=200))
def test_feeds_that_come_and_go_never_make_a_storm(downs: list[set[str]]) -> None:
    watch = Watch("abcd")

    for down in downs:
        watch.poll(down, after=10 * MINUTE)

    days = len(downs) * 10 * MINUTE // STEADY + 1
    told = [alert.feeds.count(name) for name in "abcd" for alert in watch.alerts]
    assert sum(told) <= 3 * 2 * days
    assert all(
        later.at - earlier.at >= APART for earlier, later in zip(watch.alerts, watch.alerts[1:], strict=False)
    )


def test_a_feed_that_worked_before_and_after_one_bad_poll_still_works_again() -> None:
    watch = Watch(["kcna", "wire"])
    for _ in range(3):
        watch.poll(["kcna"])

    for hour in range(25):
        watch.poll(["kcna"] if hour == 12 else [], after=HOUR)

    assert watch.alerts[-1].reason is Reason.FEED_RECOVERED
