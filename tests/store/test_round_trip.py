"""What is recorded is read back equal, whatever it says."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item, posted
from tests.store.kinds import Real
from watcher.model.alerts import (
    ALERT_LOG,
    Alert,
    AlertId,
    AlertItem,
    Confidence,
    Context,
    Held,
    Hit,
    Incident,
    IncidentId,
    Kind,
    LastAlert,
    Level,
    LevelStep,
    Reason,
    Sighting,
    TimelineEntry,
)
from watcher.model.language import Claim, IndicatorId, Severity
from watcher.model.news import FeedId, Hub, Item, ItemId, ItemKeys, Point, PollHints
from watcher.model.polling import Cycle, FeedState, Habits, Notice, Poll, PollStatus
from watcher.model.subscription import Subscription
from watcher.store.values import from_json, moment, stamp, to_json

EARLIEST = datetime.min.replace(tzinfo=UTC)

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
WORDS = st.frozensets(TEXT, max_size=4)
COUNT = st.integers(0, 2**40)
LEVEL = st.sampled_from(Level)
MOMENT = st.datetimes(timezones=st.just(UTC))
MAYBE_MOMENT = st.none() | MOMENT
CLAIM, SEVERITY, CONFIDENCE = st.sampled_from(Claim), st.sampled_from(Severity), st.sampled_from(Confidence)
POINT = st.builds(
    Point, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), depth=st.none() | st.floats(0, 800)
)

ITEM = st.builds(
    Item,
    id=TEXT.map(ItemId),
    feed=TEXT.map(FeedId),
    owner=TEXT,
    title=TEXT,
    seen=MOMENT,
    keys=st.builds(ItemKeys, guid=TEXT, link=TEXT, title=TEXT),
    text_hash=TEXT,
    summary=TEXT,
    url=TEXT,
    published=MAYBE_MOMENT,
    language=TEXT,
    point=st.none() | POINT,
    notes=TEXTS,
    revision=COUNT,
)
HIT = st.builds(
    Hit,
    item=ITEM,
    indicator=TEXT.map(IndicatorId),
    claim=CLAIM,
    severity=SEVERITY,
    score=st.floats(0, 1),
    evidence=TEXTS,
    cues=TEXTS,
    timing=TEXTS,
    step=COUNT,
    incident=TEXT.map(IncidentId),
)
TOLD = st.builds(LastAlert, at=MOMENT, severity=SEVERITY, claim=CLAIM, step=COUNT, confidence=CONFIDENCE)
MOMENT_TOLD = st.builds(TimelineEntry, at=MOMENT, item=TEXT.map(ItemId), owner=TEXT, title=TEXT, new=TEXTS)
SIGHTING = st.builds(Sighting, item=TEXT.map(ItemId), wording=WORDS)
INCIDENT = st.builds(
    Incident,
    id=TEXT.map(IncidentId),
    family=TEXT,
    indicator=TEXT.map(IndicatorId),
    title=TEXT,
    opened=MOMENT,
    updated=MOMENT,
    severity=SEVERITY,
    claim=CLAIM,
    step=COUNT,
    indicators=WORDS,
    items=COUNT,
    origins=WORDS,
    owners=WORDS,
    sightings=st.lists(SIGHTING, max_size=3).map(tuple),
    confidence=CONFIDENCE,
    told=st.none() | TOLD,
    denied=st.booleans(),
    timeline=st.lists(MOMENT_TOLD, max_size=2).map(tuple),
    held=st.none() | st.builds(Held, reason=st.sampled_from(Reason), since=MOMENT),
    closed=MAYBE_MOMENT,
)
ALERT_ITEM = st.builds(
    AlertItem,
    id=TEXT.map(ItemId),
    feed=TEXT,
    owner=TEXT,
    title=TEXT,
    url=TEXT,
    published=MAYBE_MOMENT,
    seen=MOMENT,
    lang=TEXT,
)
ALERT = st.builds(
    Alert,
    id=TEXT.map(AlertId),
    at=MOMENT,
    kind=st.sampled_from(Kind),
    reason=st.sampled_from(Reason),
    indicator=TEXT,
    category=TEXT,
    severity=SEVERITY,
    title=TEXT,
    why=TEXT,
    incident=TEXT,
    claim=st.none() | CLAIM,
    level=LEVEL,
    evidence=TEXTS,
    origins=TEXTS,
    owners=COUNT,
    items=st.lists(ALERT_ITEM, max_size=2).map(tuple),
    context=st.builds(
        Context, confidence=st.none() | st.sampled_from(Confidence), timeline=TEXTS, step=COUNT, link=TEXT
    ),
    changes=st.lists(st.builds(LevelStep, subject=TEXT, before=LEVEL, level=LEVEL), max_size=2).map(tuple),
    incidents=TEXTS,
)
STATE = st.builds(
    FeedState,
    feed=TEXT.map(FeedId),
    next_due=MOMENT,
    etag=TEXT,
    modified=TEXT,
    body_hash=TEXT,
    failures=COUNT,
    seeded=st.booleans(),
    last_poll=MAYBE_MOMENT,
    last_ok=MAYBE_MOMENT,
    last_new=MAYBE_MOMENT,
    error=TEXT,
    damage=TEXT,
    moved_to=TEXT,
    last_failing=MAYBE_MOMENT,
    told_failing=st.booleans(),
    told_at=MAYBE_MOMENT,
    last_missed=MAYBE_MOMENT,
    hints=st.builds(
        PollHints,
        ttl=COUNT,
        skip_hours=st.lists(st.integers(0, 23), max_size=3).map(tuple),
        skip_days=st.lists(st.integers(0, 6), max_size=3).map(tuple),
    ),
    habits=st.builds(
        Habits,
        since=MAYBE_MOMENT,
        gaps=st.lists(COUNT, max_size=3).map(tuple),
        known=TEXTS,
        notices=st.lists(
            st.builds(
                Notice,
                reason=st.sampled_from(Reason),
                what=TEXT,
                since=MOMENT,
                told=MAYBE_MOMENT,
                over=MAYBE_MOMENT,
            ),
            max_size=2,
        ).map(tuple),
    ),
    hub=st.builds(Hub, url=TEXT, topic=TEXT),
)
SUBSCRIPTION = st.builds(
    Subscription,
    feed=TEXT.map(FeedId),
    hub=st.builds(Hub, url=TEXT, topic=TEXT),
    callback=TEXT,
    secret=TEXT,
    asked=MOMENT,
    tries=COUNT,
    agreed=MAYBE_MOMENT,
    until=MAYBE_MOMENT,
)
POLL = st.builds(
    Poll,
    feed=TEXT.map(FeedId),
    at=MOMENT,
    status=st.sampled_from(PollStatus),
    error=TEXT,
    items=COUNT,
    new=COUNT,
    notes=TEXTS,
)


@settings(max_examples=30, deadline=None)
@given(HIT, INCIDENT, ALERT, STATE, POLL)
def test_what_is_recorded_is_read_back_equal(
    fresh: Callable[[], Real], hit: Hit, incident: Incident, alert: Alert, state: FeedState, poll: Poll
) -> None:
    assert hit.incident is not None
    cycle = Cycle(
        polls=(poll,), states=(state,), items=(hit.item,), hits=(hit,), incidents=(incident,), alerts=(alert,)
    )

    with closing(fresh()) as store:
        store.record(cycle, posted(cycle.alerts, ALERT_LOG))

        assert store.item(hit.item.id) == hit.item
        assert store.hits(hit.incident) == [hit]
        assert store.open_incidents(EARLIEST) == [incident]
        assert store.held_incidents() == ([incident] if incident.held else [])
        assert store.alerts() == [alert]
        assert store.states() == {state.feed: state}
        assert store.polls(poll.feed) == [poll]
        (delivery,) = store.lease(ALERT_LOG, alert.at, alert.at, 1)
        assert (delivery.alert, delivery.next_try) == (alert, alert.at)


@settings(max_examples=20, deadline=None)
@given(subscription=SUBSCRIPTION)
def test_a_subscription_is_read_back_equal(fresh: Callable[[], Real], subscription: Subscription) -> None:
    with closing(fresh()) as store:
        store.subscribe(subscription)

        assert store.subscriptions() == [subscription]


@given(MOMENT, MOMENT)
def test_times_compare_as_text_as_they_do_as_times(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) == (one < other)
    assert moment(stamp(one)) == one


def test_a_time_is_stored_in_utc() -> None:
    seoul = timezone(timedelta(hours=9))

    assert stamp(datetime(2026, 10, 10, 21, 0, tzinfo=seoul)) == "2026-10-10T12:00:00.000000Z"


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        stamp(NOON.replace(tzinfo=None))


def test_a_row_outlives_a_field_dropped_from_the_model() -> None:
    text = (
        '{"alert":"dropped","item":"wire-en/1","owner":"wire","origin":"jcs","wording":["icbm"],'
        '"at":"2026-10-10T12:00:00.000000Z"}'
    )

    assert from_json(Sighting, text) == Sighting(item=ItemId("wire-en/1"), wording=frozenset({"icbm"}))


def test_what_is_no_value_of_ours_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        to_json(object())


@pytest.mark.parametrize(
    ("written", "read"),
    [("half \ud83d", "half \ufffd"), ("\ud83d\ude80 whole", "🚀 whole"), ("a\0b", "a\ufffdb")],
)
def test_text_that_no_database_can_hold_is_replaced(database: Real, written: str, read: str) -> None:
    item = an_item(written, guid="g1")
    alert = an_alert(alert_id=written)
    cycle = Cycle(
        items=(item,), hits=(a_hit(item),), incidents=(an_incident(items=(item,)),), alerts=(alert,)
    )
    database.record(cycle, posted([alert], ALERT_LOG))

    found = database.item(item.id)
    assert found is not None
    assert found.title == read
    assert database.known(item.feed, [ItemKeys(guid="", link="", title=item.keys.title)])
    assert database.alert(AlertId(written)) is not None
