"""What is usual for a feed, and what is odd about it although it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest

from tests.builders import NOON, a_feed, an_item
from watcher.collection import habits
from watcher.collection.feeds import tell_of_feeds
from watcher.collection.habits import notice_of
from watcher.model.alerts import Alert, Reason
from watcher.model.news import Document, Item
from watcher.model.polling import FeedState, Fetched
from watcher.polling.cadence import after_answer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WIRE = replace(a_feed("wire"), every=HOUR)
ENGLISH = "Ministry says the talks on grain will go on next week in the capital"


@dataclass
class Reader:
    """A feed polled every hour, and what people are told of it."""

    state: FeedState = field(default_factory=lambda: FeedState(feed=WIRE.id, next_due=NOON))
    hours: int = 0
    listed: tuple[Item, ...] = ()
    alerts: list[Alert] = field(default_factory=list)
    numbers: count = field(default_factory=count)  # type: ignore[type-arg]

    def polls(
        self,
        new: int = 0,
        *,
        after: int = 1,
        keeps: bool = True,
        title: str = "Wire",
        words: str = ENGLISH,
        form: str = "rss20",
    ) -> None:
        """Poll after some hours; the feed lists new items before those it keeps."""
        self.hours += after
        items = tuple(an_item(f"{words} {next(self.numbers)}") for _ in range(new))
        self.listed = (*items, *(self.listed if keeps else ()))[:20]
        document = Document(format=form, title=title, items=self.listed) if items else None
        self._digest(document, items)

    def week(self, *, workdays: int = 5, hours: Sequence[int] = range(9, 18)) -> None:
        """Let a week pass of an office that publishes on workdays."""
        for day in range(7):
            for hour in range(24):
                self.polls(int(day < workdays and hour in hours))

    def lists(self, *ages: timedelta | None, after: int = 1) -> None:
        """Poll after some hours; all that the feed lists was published so long ago, or names no date."""
        self.hours += after
        now = NOON + self.hours * HOUR
        items = tuple(
            replace(an_item(f"{ENGLISH} {next(self.numbers)}"), published=now - age if age else None)
            for age in ages
        )
        self._digest(Document(format="rss20", title="Wire", items=items), ())

    @property
    def reasons(self) -> list[Reason]:
        return [alert.reason for alert in self.alerts]

    def _digest(self, document: Document | None, items: tuple[Item, ...]) -> None:
        now = NOON + self.hours * HOUR
        answer = Fetched(
            feed=WIRE.id, status=200 if document else 304, body=b"x" if document else None, url=WIRE.url
        )
        after = after_answer(self.state, answer, WIRE, now, document, items)
        self.state = replace(after, habits=habits.after_poll(self.state, after, WIRE, document, items, now))
        if cycle := tell_of_feeds([self.state], now):
            (self.state,) = cycle.states
            self.alerts += cycle.alerts


# --- silence ------------------------------------------------------------------------------------------------


def test_weekends_are_no_silence() -> None:
    reader = Reader()

    for _ in range(8):
        reader.week()

    assert reader.alerts == []


def test_a_feed_that_answers_but_brings_nothing_for_far_longer_than_ever_is_silent_and_told_of_once() -> None:
    reader = Reader()
    for _ in range(4):
        reader.week()

    for _ in range(30):
        reader.week(workdays=0)

    (alert,) = reader.alerts
    assert (alert.reason, alert.title) == (Reason.FEED_SILENT, "1 of 1 feeds is silent: wire")
    assert "nothing new for 8 days, where 3 days is already long" in alert.why


def test_a_silent_feed_that_publishes_again_is_told_of_at_once() -> None:
    reader = Reader()
    for workdays in (5, 5, 5, 0, 0, 5, 5, 5):
        reader.week(workdays=workdays)

    assert reader.reasons == [Reason.FEED_SILENT, Reason.FEED_RECOVERED]
    assert reader.alerts[-1].title == "1 of 1 feeds publishes again: wire"
    assert reader.state.habits.notices == ()


def test_a_wire_that_never_rests_is_silent_after_a_day_and_not_before() -> None:
    reader = Reader()
    for _ in range(14 * 24):
        reader.polls(1)
    for _ in range(23):
        reader.polls()
    assert reader.alerts == []

    reader.polls()

    assert reader.reasons == [Reason.FEED_SILENT]


def test_a_monthly_is_not_silent_between_its_numbers() -> None:
    reader = Reader()

    for _ in range(12):
        for hour in range(30 * 24):
            reader.polls(int(hour == 0))

    assert reader.alerts == []


def test_nothing_is_said_of_silence_before_the_feed_is_known() -> None:
    reader = Reader()
    for day in range(5):
        for hour in range(24):
            reader.polls(int(hour == day))

    for _ in range(90 * 24):
        reader.polls()

    assert reader.alerts == []


@pytest.mark.parametrize("hours", [-1, 9, 10 * 365 * 24], ids=lambda hours: f"{hours} hours")
def test_time_in_which_nobody_looked_is_no_silence(hours: int) -> None:
    reader = Reader()
    for _ in range(14 * 24):
        reader.polls(1)

    reader.polls(after=hours)
    for _ in range(22):
        reader.polls()
    reader.polls(1)

    assert Reason.FEED_SILENT not in reader.reasons
    assert max(reader.state.habits.gaps) <= 24 * 60


# --- standing still -----------------------------------------------------------------------------------------


def test_a_feed_that_was_left_standing_is_told_of_once_from_its_first_poll_on() -> None:
    reader = Reader()

    reader.lists(900 * DAY, 901 * DAY, None)
    for _ in range(60):
        reader.polls(after=24)

    (alert,) = reader.alerts
    assert (alert.reason, alert.title) == (Reason.FEED_FROZEN, "1 of 1 feeds is frozen: wire")
    assert f"wire: its newest item is of {NOON - 900 * DAY + HOUR:%Y-%m-%d}" in alert.why
    assert notice_of(reader.state.habits, Reason.FEED_FROZEN)


def test_after_a_long_time_without_polls_a_feed_has_a_week_before_it_is_frozen() -> None:
    reader = Reader()
    reader.lists(HOUR)

    for hours in (300 * 24, *[12] * 13):
        reader.polls(after=hours)
    at_first = list(reader.reasons)
    for _ in range(3):
        reader.polls(after=12)

    assert (at_first, reader.reasons) == ([], [Reason.FEED_FROZEN])


def test_a_frozen_feed_that_lists_something_new_publishes_again() -> None:
    reader = Reader()
    reader.lists(900 * DAY)

    reader.lists(HOUR, 900 * DAY, after=48)
    reader.lists(900 * DAY, after=48)

    assert reader.reasons == [Reason.FEED_FROZEN, Reason.FEED_RECOVERED]
    assert reader.state.habits.notices == ()


@pytest.mark.parametrize(
    "ages", [(habits.FROZEN_AFTER - DAY, 3 * habits.FROZEN_AFTER), (None, None), (900 * DAY, None, None), ()]
)
def test_a_quarterly_a_feed_without_dates_and_an_empty_one_are_not_frozen(
    ages: tuple[timedelta | None, ...],
) -> None:
    reader = Reader()

    reader.lists(*ages)

    assert reader.alerts == []


def test_a_feed_that_stood_still_while_it_was_watched_is_frozen_without_a_new_document() -> None:
    reader = Reader()
    reader.lists(HOUR)

    for _ in range(200):
        reader.polls(after=24)

    assert reader.reasons == [Reason.FEED_FROZEN]


def test_a_silent_feed_is_not_told_of_again_as_frozen() -> None:
    reader = Reader()
    for _ in range(14 * 24):
        reader.polls(1)
    reader.lists(DAY)

    for _ in range(300):
        for _ in range(4):
            reader.polls(after=6)

    assert reader.reasons == [Reason.FEED_SILENT]


# --- overlap ------------------------------------------------------------------------------------------------


def test_a_list_with_nothing_of_the_last_one_has_probably_lost_items() -> None:
    reader = Reader()
    reader.polls(20)
    reader.polls(3)

    reader.polls(20)

    (alert,) = reader.alerts
    assert (alert.reason, alert.title) == (Reason.ITEMS_MISSED, "1 of 1 feeds probably lost items: wire")
    assert "wire: all 20 items were new after 1 hour; `every` is 1 hour; make it shorter" in alert.why


def test_after_a_pause_of_ours_it_is_not_the_pace_that_lost_items() -> None:
    reader = Reader()
    reader.polls(20)

    reader.polls(20, after=48)

    assert (
        "all 20 items were new after 2 days; the watcher had not polled it for that long"
        in reader.alerts[0].why
    )


def test_a_feed_whose_lists_never_overlap_is_told_of_once() -> None:
    reader = Reader()

    for _ in range(30):
        reader.polls(4, after=24, keeps=False)

    assert reader.reasons == [Reason.ITEMS_MISSED]


def test_a_feed_that_loses_items_every_few_hours_is_told_of_once_a_day() -> None:
    reader = Reader()

    for hour in range(10 * 24):
        reader.polls(20 if hour % 4 == 0 else 1)

    assert set(reader.reasons) == {Reason.ITEMS_MISSED}
    assert len(reader.alerts) == 10


def test_a_list_of_one_may_turn_over() -> None:
    reader = Reader()

    for _ in range(9):
        reader.polls(1, keeps=False)

    assert reader.alerts == []


# --- character ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (
            {"words": "국방부는 다음 주 수도에서 열리는 곡물 회담이 계속될 것이라고 밝혔다"},
            "its writing was Latin and is Korean",
        ),
        (
            {"words": "В столице на следующей неделе продолжатся переговоры о зерне"},
            "its writing was Latin and is Cyrillic",
        ),
        (
            {"words": "首都で来週も穀物をめぐる協議が続くと省は述べた"},
            "its writing was Latin and is Japanese",
        ),
        ({"form": "atom10"}, "its format was rss and is atom"),
        ({"title": "This domain is for sale"}, "its title was Wire and is This domain is for sale"),
    ],
)
def test_a_feed_that_became_another_is_told_of(after: dict[str, str], says: str) -> None:
    reader = Reader()
    reader.polls(20)

    reader.polls(20, keeps=False, **after)  # type: ignore[arg-type]

    (alert,) = reader.alerts
    assert (alert.reason, alert.title) == (
        Reason.FEED_CHANGED,
        "1 of 1 feeds looks like a different feed: wire",
    )
    assert f"wire: {says}" in alert.why


def test_a_new_title_over_the_same_items_is_no_other_feed() -> None:
    reader = Reader()
    reader.polls(20)

    for hour in range(48):
        reader.polls(2, title=f"Wire, the news of hour {hour}")

    assert reader.alerts == []


def test_a_feed_that_changes_to_and_fro_is_told_of_once() -> None:
    reader = Reader()
    reader.polls(20)

    for hour in range(30 * 24):
        reader.polls(1, form="atom10" if hour % 2 else "rss20")

    assert reader.reasons == [Reason.FEED_CHANGED]


def test_a_feed_in_two_languages_is_no_change() -> None:
    reader = Reader()

    for hour in range(48):
        reader.polls(
            3,
            words=ENGLISH
            if hour % 2
            else "국방부는 다음 주 수도에서 열리는 곡물 회담이 계속될 것이라고 밝혔다",
        )

    assert len(reader.alerts) <= 1


def test_what_is_remembered_of_a_feed_stays_small() -> None:
    reader = Reader()

    for hour in range(200 * 24):
        reader.polls(int(hour % 5 == 0), title=f"Title {'abcdefghijklm'[hour % 13]}")

    assert len(reader.state.habits.gaps) == habits.DAYS_KEPT
    assert len(reader.state.habits.known) <= 11
    assert notice_of(reader.state.habits, Reason.FEED_CHANGED) is None
