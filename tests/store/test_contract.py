"""What every store promises, said once for the fake and for SQLite."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item, posted
from tests.fakes import FakeStore
from tests.store.kinds import Either
from watcher.alerting.review import action_of
from watcher.errors import ConflictError, UsageError
from watcher.model.alerts import (
    ALERT_LOG,
    AlertId,
    ChannelId,
    Decision,
    Delivery,
    DeliveryState,
    Incident,
    IncidentId,
    Kind,
    Level,
    MergedPart,
    Reason,
)
from watcher.model.board import LevelChange, Subject
from watcher.model.language import Claim, IndicatorId, Severity, SubjectKind
from watcher.model.news import FeedId, Hub, Item, ItemId, ItemKeys
from watcher.model.polling import Cycle, FeedState, Poll, PollStatus, Regrouping
from watcher.model.retention import DAYS_HEARD_KEPT
from watcher.model.review import Action, ActionKind, TrackRecord, Verdict
from watcher.model.subscription import Subscription
from watcher.ports import (
    Archive,
    Board,
    Catalogue,
    Feeds,
    History,
    Hubs,
    Notes,
    Outbox,
    OutboxAdmin,
    OutboxStatus,
    Pending,
    Pruning,
    Recorder,
    Reviews,
    Store,
)

WIRE = FeedId("wire-en")
DESK = ChannelId("desk")
A_WHILE = timedelta(minutes=5)
FOREVER = NOON + timedelta(days=999)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def tell(store: Either, *names: str, channels: Sequence[ChannelId] = (DESK,)) -> None:
    """Record alerts of these names, a minute apart."""
    for minute, name in enumerate(names):
        alert = an_alert(alert_id=name, at=at(minute))
        store.record(Cycle(alerts=(alert,)), posted([alert], *channels))


def take(store: Either, minutes: float, *, limit: int = 10, channel: ChannelId = DESK) -> list[Delivery]:
    """Lease what is due some minutes after noon."""
    return list(store.lease(channel, at(minutes), at(minutes) + A_WHILE, limit))


def names(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.alert.id for delivery in deliveries]


def ended(
    delivery: Delivery, state: DeliveryState, *, next_try: datetime = NOON, error: str = ""
) -> Delivery:
    return replace(delivery, state=state, attempts=delivery.attempts + 1, next_try=next_try, error=error)


def test_both_stores_stand_behind_the_port(store: Either) -> None:
    behind: Store = store

    assert behind.noted("last_tick") == ""


# --- items --------------------------------------------------------------------------------------------------


def test_an_item_is_known_by_any_one_of_its_keys(store: Either) -> None:
    item = an_item("Missile launch", guid="g1", link="wire.example/1")
    store.record(Cycle(items=(item,)), ())

    for same in (
        ItemKeys(guid="g1", link="other", title="other"),
        ItemKeys(guid="other", link="wire.example/1", title="other"),
        ItemKeys(guid="other", link="other", title="missile launch"),
    ):
        assert [known.id for known in store.known(WIRE, [same])] == [item.id]


def test_an_item_that_shares_all_its_keys_is_known_once(store: Either) -> None:
    item = an_item("Missile launch", guid="g1", link="wire.example/1")
    store.record(Cycle(items=(item,)), ())

    (known,) = store.known(WIRE, [item.keys, item.keys])

    assert (known.keys, known.text_hash, known.revision) == (item.keys, item.text_hash, item.revision)


def test_an_empty_key_agrees_with_nothing(store: Either) -> None:
    store.record(Cycle(items=(an_item("Missile launch", guid="g1", link=""),)), ())

    assert store.known(WIRE, [ItemKeys(guid="", link="", title="")]) == []


def test_a_key_of_one_kind_does_not_agree_with_another_kind(store: Either) -> None:
    store.record(Cycle(items=(an_item("Missile launch", guid="g1", link="l1"),)), ())

    assert store.known(WIRE, [ItemKeys(guid="l1", link="g1", title="g1")]) == []


def test_another_feeds_items_are_not_known(store: Either) -> None:
    item = an_item("Missile launch", feed="wire-ko")
    store.record(Cycle(items=(item,)), ())

    assert store.known(WIRE, [item.keys]) == []


def test_two_thousand_items_are_known_at_once(store: Either) -> None:
    items = tuple(an_item(f"Story {number}", link=f"wire.example/{number}") for number in range(2000))
    store.record(Cycle(items=items), ())

    assert len(store.known(WIRE, [item.keys for item in items])) == 2000


def test_the_newest_revision_of_an_item_is_kept(store: Either) -> None:
    first, second = an_item("Projectile fired", guid="g1"), an_item("Missile fired", guid="g1", revision=1)
    store.record(Cycle(items=(first,)), ())
    store.record(Cycle(items=(second,)), ())
    store.record(Cycle(items=(first,)), ())

    assert store.item(first.id) == second
    assert store.item(ItemId("never seen")) is None


# --- hits, incidents, decisions -----------------------------------------------------------------------------


def test_the_hits_of_an_incident_come_oldest_first_each_with_its_item_as_it_stood_then(
    store: Either,
) -> None:
    first, edited, later = (
        an_item("Projectile", guid="g1"),
        an_item("Missile", guid="g1", revision=1),
        an_item("Copy", minutes=9),
    )
    store.record(
        Cycle(
            items=(first, later),
            hits=(a_hit(later), a_hit(first)),
            incidents=(an_incident(items=(first, later)),),
        ),
        (),
    )
    store.record(Cycle(items=(edited,), hits=(a_hit(edited),)), ())

    assert store.hits(IncidentId("i1")) == [a_hit(first), a_hit(edited), a_hit(later)]


def test_a_hit_belongs_to_the_incident_it_joined_only(store: Either) -> None:
    item = an_item("Missile launch")
    hits = (
        a_hit(item),
        a_hit(item, indicator="parade", incident="i2"),
        a_hit(item, indicator="tension", incident=None),
    )
    store.record(Cycle(items=(item,), hits=hits), ())

    assert store.hits(IncidentId("i2")) == [hits[1]]
    assert store.hits(IncidentId("i3")) == []


def test_a_hit_found_again_replaces_the_one_before(store: Either) -> None:
    item = an_item("Missile launch")
    store.record(Cycle(items=(item,), hits=(a_hit(item, score=0.2),)), ())
    store.record(Cycle(items=(item,), hits=(a_hit(item, score=0.9),)), ())

    assert [hit.score for hit in store.hits(IncidentId("i1"))] == [0.9]


def test_incidents_are_open_since_their_last_update(store: Either) -> None:
    old, fresh = an_incident("old", minutes=1), an_incident("fresh", minutes=10)
    store.record(Cycle(incidents=(fresh, old)), ())

    assert store.open_incidents(at(2)) == [fresh]
    assert store.open_incidents(at(1)) == [fresh, old]
    assert store.open_incidents(at(11)) == []


def test_the_incident_opened_first_comes_first(store: Either) -> None:
    second, first = an_incident("a", minutes=1), replace(an_incident("z", minutes=2), opened=at(-1))
    store.record(Cycle(incidents=(second, first)), ())

    assert store.open_incidents(NOON) == [first, second]


def test_a_changed_incident_is_read_changed(store: Either) -> None:
    incident = an_incident(minutes=1)
    store.record(Cycle(incidents=(incident,)), ())
    (known,) = store.open_incidents(NOON)
    assert known == incident

    grown = replace(known, items=7)
    store.record(Cycle(incidents=(grown,)), ())

    assert store.open_incidents(NOON) == [grown]


def test_an_incident_of_a_first_poll_waits_for_the_summary(store: Either) -> None:
    store.record(Cycle(incidents=(an_incident("loud"), an_incident("quiet", seeding=True))), ())
    (quiet,) = store.held_incidents()
    assert quiet == an_incident("quiet", seeding=True)

    store.record(Cycle(incidents=(replace(quiet, held=None),)), ())

    assert store.held_incidents() == []


def test_decisions_are_kept_in_order_and_once_the_silent_ones_too(store: Either) -> None:
    incident, item = IncidentId("i1"), ItemId("wire-en/1")
    silent = Decision(incident=incident, at=at(2), reason=Reason.NOTHING_NEW, item=item)
    spoken = Decision(incident=incident, at=at(1), reason=Reason.NEW, item=item, alert=AlertId("a1"))
    cycle = Cycle(decisions=(silent, spoken))
    store.record(cycle, ())
    store.record(cycle, ())

    assert store.decisions(incident) == [spoken, silent]
    assert store.decisions(incident, latest=1) == [silent]
    assert store.decisions(IncidentId("i2")) == []


# --- polls and states ---------------------------------------------------------------------------------------


def test_the_last_state_of_a_feed_counts(store: Either) -> None:
    failing = FeedState(feed=WIRE, next_due=at(15), failures=1, error="timeout: 30 s", last_poll=NOON)
    well = FeedState(feed=WIRE, next_due=at(30), etag='W/"1"', seeded=True, last_poll=at(15), last_ok=at(15))
    store.record(Cycle(states=(failing,)), ())
    store.record(Cycle(states=(replace(well, version=store.states()[WIRE].version),)), ())

    assert store.states() == {WIRE: well}


def test_polls_are_remembered_newest_first(store: Either) -> None:
    polls = [
        Poll(feed=WIRE, at=at(minute), status=PollStatus.OK, items=30, new=minute, notes=("cut",))
        for minute in range(3)
    ]
    other = Poll(feed=FeedId("other"), at=NOON, status=PollStatus.ERROR, error="dns: no such host")
    for poll in (*polls, other):
        store.record(Cycle(polls=(poll,)), ())

    assert store.polls(WIRE, limit=2) == [polls[2], polls[1]]
    assert store.latest_polls() == {WIRE: polls[2], other.feed: other}


def test_what_is_noted_is_read_back_and_may_change(store: Either) -> None:
    store.note("last_tick", "2026-10-10T12:00:00Z")
    store.note("last_tick", "2026-10-10T12:01:00Z")

    assert store.noted("last_tick") == "2026-10-10T12:01:00Z"


def test_what_a_cycle_notes_is_noted_with_it(store: Either) -> None:
    store.note("disk_low", "before")

    store.record(
        Cycle(alerts=(an_alert(),), notes={"disk_low": "", "canary_lost": "2026-10-10T12:00:00Z"}), ()
    )

    assert (store.noted("disk_low"), store.noted("canary_lost")) == ("", "2026-10-10T12:00:00Z")


def test_the_days_on_which_an_indicator_was_heard_add_up_and_only_the_newest_are_kept(
    store: Either,
) -> None:
    kim, days = (
        IndicatorId("kim"),
        [(NOON + timedelta(days=day)).date() for day in range(DAYS_HEARD_KEPT + 9)],
    )
    store.record(Cycle(heard={kim: frozenset(days[9:]), IndicatorId("other"): frozenset(days[:1])}), ())
    store.record(Cycle(heard={kim: frozenset((days[0], days[9], days[-1]))}), ())
    assert list(store.days_heard(kim)) == days[9:]

    store.record(Cycle(heard={kim: frozenset((days[-1] + timedelta(days=1),))}), ())

    assert list(store.days_heard(kim)) == [*days[10:], days[-1] + timedelta(days=1)]
    assert list(store.days_heard(IndicatorId("other"))) == days[:1]
    assert list(store.days_heard(IndicatorId("never"))) == []


def test_until_when_a_channel_has_had_its_digests_is_remembered(store: Either) -> None:
    store.record(Cycle(digests={DESK: NOON, ALERT_LOG: at(1)}), ())
    store.record(Cycle(digests={DESK: at(2)}), ())

    assert [store.digested_until(each) for each in (DESK, ALERT_LOG, ChannelId("x"))] == [at(2), at(1), None]


# --- conflicts ----------------------------------------------------------------------------------------------


def test_what_was_changed_since_it_was_read_is_not_written_over_and_nothing_of_the_cycle_is(
    store: Either,
) -> None:
    incident = an_incident()
    store.record(Cycle(incidents=(incident,), states=(FeedState(feed=WIRE, next_due=NOON),)), ())
    (read,), state = store.open_incidents(NOON), store.states()[WIRE]
    store.record(Cycle(incidents=(replace(read, items=1),), states=(replace(state, etag="1"),)), ())

    late = Cycle(incidents=(replace(read, items=2),), alerts=(an_alert(),))
    with pytest.raises(ConflictError, match="incident i1 was changed by another"):
        store.record(late, posted(late.alerts, DESK))
    with pytest.raises(ConflictError, match="state of feed wire-en was changed by another"):
        store.record(Cycle(items=(an_item("News"),), states=(replace(state, etag="2"),)), ())

    assert [each.items for each in store.open_incidents(NOON)] == [1]
    assert store.states()[WIRE].etag == "1"
    assert (store.alerts(), store.delivery_counts()) == ([], {})
    assert store.item(an_item("News").id) is None


def test_two_cannot_open_the_same_incident_with_different_news(store: Either) -> None:
    store.record(Cycle(incidents=(an_incident(),)), ())

    with pytest.raises(ConflictError):
        store.record(Cycle(incidents=(an_incident(minutes=1),)), ())


def test_a_cycle_that_goes_by_a_note_that_has_changed_is_not_recorded(store: Either) -> None:
    store.record(Cycle(notes={"disk_low": "now"}, noted={"disk_low": ""}), ())

    with pytest.raises(ConflictError, match="note disk_low was changed"):
        store.record(Cycle(notes={"disk_low": "later"}, noted={"disk_low": ""}), ())
    store.record(Cycle(notes={"disk_low": ""}, noted={"disk_low": "now"}), ())

    assert store.noted("disk_low") == ""


# --- alerts and the outbox ----------------------------------------------------------------------------------


def test_an_alert_goes_once_to_every_channel(store: Either) -> None:
    tell(store, "a1", channels=(ALERT_LOG, DESK))

    assert names(take(store, 0)) == ["a1"]
    assert names(take(store, 0, channel=ALERT_LOG)) == ["a1"]
    assert take(store, 0, channel=ChannelId("other")) == []


def test_recording_an_alert_again_does_not_deliver_it_again(store: Either) -> None:
    tell(store, "a1")
    (delivery,) = take(store, 0)
    store.settle(ended(delivery, DeliveryState.DELIVERED), NOON)

    tell(store, "a1", channels=(DESK, ALERT_LOG))

    assert take(store, 99) == []
    assert store.delivery_counts() == {DESK: {"pending": 0, "delivered": 1, "dead": 0}}
    assert len(store.alerts()) == 1


def test_alerts_are_read_newest_first(store: Either) -> None:
    tell(store, "a1", "a2", "a3")

    assert [alert.id for alert in store.alerts(limit=2)] == ["a3", "a2"]
    assert [alert.id for alert in store.alerts(since=at(1))] == ["a3", "a2"]
    assert store.alert(AlertId("a1")) == an_alert(alert_id="a1")
    assert store.alert(AlertId("a9")) is None


def test_alerts_are_read_by_severity(store: Either) -> None:
    grave, slight = (
        an_alert(alert_id="grave"),
        replace(an_alert(alert_id="slight", at=at(1)), severity=Severity.LOW),
    )
    store.record(Cycle(alerts=(grave, slight)), ())

    assert [alert.id for alert in store.alerts(least=Severity.LOW)] == ["slight", "grave"]
    assert [alert.id for alert in store.alerts(least=Severity.HIGH)] == ["grave"]


def test_a_lease_takes_the_oldest_alerts_first_and_no_more_than_asked(store: Either) -> None:
    tell(store, "a1", "a2", "a3")

    assert names(take(store, 3, limit=2)) == ["a1", "a2"]


def test_what_is_leased_is_nobody_elses_until_the_lease_ends(store: Either) -> None:
    tell(store, "a1", "a2")
    take(store, 2, limit=1)

    assert take(store, 2) == []
    assert names(take(store, 7)) == ["a1", "a2"]


def test_who_has_lost_a_lease_settles_nothing(store: Either) -> None:
    tell(store, "a1", "a2")
    (lost, behind) = take(store, 1)
    (held, held_behind) = take(store, 7)

    assert not store.settle(ended(lost, DeliveryState.DELIVERED), at(8))
    assert not store.settle(ended(lost, DeliveryState.PENDING, next_try=at(20), error="503"), at(8))
    assert take(store, 8) == []
    assert store.delivery_counts() == {DESK: {"pending": 2, "delivered": 0, "dead": 0}}
    assert store.settle(ended(held, DeliveryState.DELIVERED), at(8))
    assert store.settle(ended(held_behind, DeliveryState.DELIVERED), at(8))
    assert not store.settle(ended(behind, DeliveryState.DEAD), at(8))
    assert store.delivery_counts() == {DESK: {"pending": 0, "delivered": 2, "dead": 0}}


def test_what_was_released_or_given_up_is_no_longer_its_holders(store: Either) -> None:
    tell(store, "a1")
    (lost,) = take(store, 0)
    store.release()
    assert not store.settle(ended(lost, DeliveryState.DELIVERED), NOON)

    (lost,) = take(store, 0)
    store.abandon([], "gone")

    assert not store.settle(ended(lost, DeliveryState.DELIVERED), NOON)
    assert store.dead_counts() == {DESK: 1}


def test_the_deliveries_of_one_message_end_together(store: Either) -> None:
    tell(store, "a1", "a2", "a3")
    first, second, third = take(store, 2)
    with_first = replace(ended(second, DeliveryState.DELIVERED), told_with="a1")

    assert store.settle(ended(first, DeliveryState.DELIVERED), at(2), with_first)

    assert store.settle(ended(third, DeliveryState.DELIVERED), at(2))
    assert [
        (each.state, each.told_with)
        for name in ("a1", "a2", "a3")
        for each in store.deliveries(AlertId(name))
    ] == [(DeliveryState.DELIVERED, with_name) for with_name in ("", "a1", "")]


def test_a_message_that_failed_waits_whole_and_keeps_back_no_other(store: Either) -> None:
    tell(store, "a1", "a2", "a3")
    first, second, third = take(store, 2)
    again = [ended(each, DeliveryState.PENDING, next_try=at(9), error="503") for each in (second, first)]

    assert store.settle(again[0], at(2), again[1])
    assert take(store, 3) == []
    store.let_go(third)

    assert names(take(store, 4)) == ["a3"]
    assert names(take(store, 9)) == ["a1", "a2", "a3"]


def test_what_is_let_go_of_is_only_what_was_leased_together(store: Either) -> None:
    tell(store, "a1", "a2", "a3")
    (lost, *_) = take(store, 2)
    (held, *_) = take(store, 7)

    store.let_go(lost)
    assert take(store, 8) == []
    store.let_go(held)

    assert names(take(store, 8)) == ["a1", "a2", "a3"]


def test_what_failed_is_due_at_once_when_it_is_hastened_and_what_waits_for_its_hour_is_not(
    store: Either,
) -> None:
    quiet = an_alert(alert_id="quiet")
    store.record(Cycle(alerts=(quiet,)), posted([quiet], DESK, next_try=at(60)))
    tell(store, "a1", "a2", channels=(DESK, ALERT_LOG))
    for delivery in (*take(store, 2), *take(store, 2, channel=ALERT_LOG)):
        store.settle(ended(delivery, DeliveryState.PENDING, next_try=at(30), error="503"), at(2))
    assert take(store, 3) == []

    store.hasten(DESK, at(3))

    assert names(take(store, 3)) == ["a1", "a2"]
    assert take(store, 3, channel=ALERT_LOG) == []


def test_what_a_channel_was_told_lately_is_known(store: Either) -> None:
    tell(store, "a1", "a2", "a3", channels=(DESK, ALERT_LOG))
    first, second, _ = take(store, 2)
    for each in (first, second):
        store.settle(ended(each, DeliveryState.DELIVERED), at(2))

    assert [alert.id for alert in store.told(DESK, at(0))] == ["a1", "a2"]
    assert [alert.id for alert in store.told(DESK, at(1))] == ["a2"]
    assert store.told(ALERT_LOG, at(0)) == []


def test_the_first_that_waits_of_every_channel_is_told(store: Either) -> None:
    tell(store, "a1", "a2", "a3", channels=(DESK, ALERT_LOG))
    first, second = take(store, 2, limit=2)
    store.settle(ended(first, DeliveryState.DELIVERED), NOON)
    store.settle(ended(second, DeliveryState.PENDING, next_try=at(10), error="503"), NOON)

    waiting = store.first_waiting()

    assert [(each.channel, each.alert.id, each.attempts, each.error) for each in waiting] == [
        (DESK, "a2", 1, "503"),
        (ALERT_LOG, "a1", 0, ""),
    ]


def test_the_last_that_was_given_up_of_every_channel_is_told(store: Either) -> None:
    tell(store, "a1", "a2", "a3", channels=(DESK, ALERT_LOG))
    for delivery in take(store, 2, limit=2):
        store.settle(ended(delivery, DeliveryState.DEAD, error="404"), NOON)

    assert [(each.channel, each.alert.id, each.state, each.error) for each in store.last_dead()] == [
        (DESK, "a2", DeliveryState.DEAD, "404")
    ]


def test_the_last_dead_of_every_channel_come_by_channel(store: Either) -> None:
    tell(store, "a1", channels=(DESK, ALERT_LOG))
    for channel in (ALERT_LOG, DESK):
        (delivery,) = take(store, 0, channel=channel)
        store.settle(ended(delivery, DeliveryState.DEAD, error="404"), NOON)

    assert [each.channel for each in store.last_dead()] == [DESK, ALERT_LOG]


def test_one_that_is_put_off_to_its_hour_keeps_its_place_and_lets_nobody_take_those_behind_it(
    store: Either,
) -> None:
    tell(store, "a1", "a2")
    first, _ = take(store, 1)

    store.settle(ended(first, DeliveryState.PENDING, next_try=at(60)), at(1))

    assert take(store, 2) == []
    assert names(take(store, 7)) == ["a2"]


def test_releasing_frees_what_the_dead_held_and_keeps_what_waits(store: Either) -> None:
    tell(store, "a1", channels=(DESK, ALERT_LOG))
    take(store, 0)
    (waiting,) = take(store, 0, channel=ALERT_LOG)
    store.settle(ended(waiting, DeliveryState.PENDING, next_try=at(10), error="503"), NOON)

    store.release()

    assert names(take(store, 0)) == ["a1"]
    assert take(store, 0, channel=ALERT_LOG) == []


def test_a_delivery_is_not_due_before_its_next_try(store: Either) -> None:
    tell(store, "a1")
    (delivery,) = take(store, 0)
    store.settle(ended(delivery, DeliveryState.PENDING, next_try=at(10), error="503"), NOON)

    assert take(store, 9) == []
    (again,) = take(store, 10)
    assert (again.attempts, again.error, again.next_try) == (1, "503", at(10))


def test_a_delivery_that_waits_for_its_hour_holds_back_no_other(store: Either) -> None:
    quiet, urgent = an_alert(alert_id="quiet"), an_alert(alert_id="urgent", at=at(1))
    store.record(Cycle(alerts=(quiet,)), posted([quiet], DESK, next_try=at(10)))
    store.record(Cycle(alerts=(urgent,)), posted([urgent], DESK))

    assert names(take(store, 1)) == ["urgent"]
    assert names(take(store, 10)) == ["quiet", "urgent"]


def test_more_that_wait_for_their_hour_than_are_asked_for_hide_nothing(store: Either) -> None:
    waiting = [an_alert(alert_id=f"quiet {number}") for number in range(9)]
    store.record(Cycle(alerts=tuple(waiting)), posted(waiting, DESK, next_try=at(10)))
    tell(store, "urgent")

    assert names(take(store, 1, limit=2)) == ["urgent"]


def test_a_failure_behind_a_delivery_that_waits_for_its_hour_is_the_one_to_tell_of(store: Either) -> None:
    quiet = an_alert(alert_id="quiet")
    store.record(Cycle(alerts=(quiet,)), posted([quiet], DESK, next_try=at(10)))
    tell(store, "urgent", "later")
    urgent, _ = take(store, 2)
    store.settle(ended(urgent, DeliveryState.PENDING, next_try=at(9), error="503"), at(2))

    assert [(each.alert.id, each.error) for each in store.first_waiting()] == [("urgent", "503")]


def test_an_hour_that_a_clock_set_back_makes_far_away_is_not_waited_for(store: Either) -> None:
    quiet = an_alert(alert_id="quiet", at=at(600))
    store.record(Cycle(alerts=(quiet,)), posted([quiet], DESK, next_try=at(700)))

    assert names(take(store, 1)) == ["quiet"]


def test_what_waits_for_a_channel_that_is_gone_is_given_up_and_can_be_tried_again(store: Either) -> None:
    tell(store, "a1", "a2", channels=(DESK, ALERT_LOG))

    assert store.abandon([ALERT_LOG], "no longer configured") == 2
    assert store.abandon([ALERT_LOG], "no longer configured") == 0
    assert store.delivery_counts() == {
        DESK: {"pending": 0, "delivered": 0, "dead": 2},
        ALERT_LOG: {"pending": 2, "delivered": 0, "dead": 0},
    }
    assert [(each.channel, each.error) for each in store.deliveries(AlertId("a1"))] == [
        (DESK, "no longer configured"),
        (ALERT_LOG, ""),
    ]
    assert store.retry_dead(DESK) == 2
    assert names(take(store, 2)) == ["a1", "a2"]


def test_what_waits_for_a_channel_goes_to_those_that_stand_in_its_place(store: Either) -> None:
    first, second = ChannelId("desk/1"), ChannelId("desk/2")
    tell(store, "a1", "a2")
    (taken,) = take(store, 0, limit=1)
    store.settle(ended(taken, DeliveryState.DELIVERED), NOON)

    assert store.pass_on(DESK, [first, second]) == 1
    assert store.pass_on(DESK, [first, second]) == 0
    assert [names(take(store, 2, channel=each)) for each in (DESK, first, second)] == [[], ["a2"], ["a2"]]


def test_what_nobody_can_stand_in_for_stays_where_it_is(store: Either) -> None:
    tell(store, "a1", channels=(DESK, ChannelId("desk/1")))
    (taken,) = take(store, 0, channel=ChannelId("desk/1"))
    store.settle(ended(taken, DeliveryState.DELIVERED), NOON)

    assert store.pass_on(DESK, [ChannelId("desk/1")]) == store.pass_on(DESK, []) == 0
    assert names(take(store, 0)) == ["a1"]


def test_dead_deliveries_can_be_forgotten_and_the_alerts_stay(store: Either) -> None:
    tell(store, "a1", "a2")
    (first,) = take(store, 1, limit=1)
    store.settle(ended(first, DeliveryState.DEAD, error="410"), NOON)

    assert (store.forget_dead(DESK), store.forget_dead(DESK)) == (1, 0)
    assert names(take(store, 2)) == ["a2"]
    assert len(store.alerts()) == 2


def test_a_clock_that_was_set_back_holds_nothing_back(store: Either) -> None:
    ahead = an_alert(alert_id="ahead", at=at(600))
    store.record(Cycle(alerts=(ahead,)), posted([ahead], DESK))
    tell(store, "a1")
    first, behind = take(store, 600)
    store.settle(ended(first, DeliveryState.PENDING, next_try=at(601), error="503"), at(600))
    store.let_go(behind)
    (second,) = take(store, 600)
    store.settle(ended(second, DeliveryState.PENDING, next_try=at(601), error="503"), at(600))

    assert take(store, 600) == []
    assert names(take(store, 1)) == ["ahead", "a1"]


def test_an_alert_of_a_clock_that_ran_ahead_is_due_at_once(store: Either) -> None:
    ahead = an_alert(alert_id="ahead", at=at(600))
    store.record(Cycle(alerts=(ahead,)), posted([ahead], DESK))

    assert names(take(store, 1)) == ["ahead"]


def test_a_dead_delivery_holds_nothing_back(store: Either) -> None:
    tell(store, "a1", "a2")
    (first,) = take(store, 1, limit=1)
    store.settle(ended(first, DeliveryState.DEAD, next_try=FOREVER, error="410"), NOON)

    assert names(take(store, 1)) == ["a2"]
    assert store.delivery_counts() == {DESK: {"pending": 1, "delivered": 0, "dead": 1}}


def test_a_dead_delivery_can_be_tried_again_from_the_start(store: Either) -> None:
    tell(store, "a1", "a2", channels=(DESK, ALERT_LOG))
    for delivery in (*take(store, 1), *take(store, 1, channel=ALERT_LOG)):
        store.settle(ended(delivery, DeliveryState.DEAD, next_try=FOREVER, error="410"), NOON)

    assert store.retry_dead(DESK) == 2

    assert [each.next_try for name in ("a1", "a2") for each in store.deliveries(AlertId(name))][::2] == [
        NOON,
        at(1),
    ]
    again = take(store, 1)
    assert [(delivery.alert.id, delivery.attempts) for delivery in again] == [("a1", 0), ("a2", 0)]
    assert take(store, 1, channel=ALERT_LOG) == []


def test_trying_dead_deliveries_again_sends_nothing_twice(store: Either) -> None:
    tell(store, "a1", "a2", "a3")
    first, second, third = take(store, 2)
    store.settle(ended(first, DeliveryState.DELIVERED), NOON)
    store.settle(ended(second, DeliveryState.DEAD, next_try=FOREVER, error="410"), NOON)

    assert store.retry_dead(DESK) == 1
    store.let_go(third)
    assert names(take(store, 3)) == ["a2", "a3"]


def test_settling_what_was_never_sent_changes_nothing(store: Either) -> None:
    store.settle(Delivery(alert=an_alert(), channel=DESK, next_try=NOON, state=DeliveryState.DELIVERED), NOON)

    assert store.delivery_counts() == {}


def test_recording_a_cycle_twice_is_recording_it_once(store: Either) -> None:
    item = an_item("Missile launch")
    cycle = Cycle(
        polls=(Poll(feed=WIRE, at=NOON, status=PollStatus.OK),),
        states=(FeedState(feed=WIRE, next_due=NOON),),
        items=(item,),
        hits=(a_hit(item),),
        incidents=(an_incident(items=(item,)),),
        alerts=(an_alert(),),
    )
    store.record(cycle, posted(cycle.alerts, DESK))
    store.record(cycle, posted(cycle.alerts, DESK))

    assert store.polls(WIRE) == list(cycle.polls)
    assert store.hits(IncidentId("i1")) == list(cycle.hits)
    assert store.open_incidents(NOON) == list(cycle.incidents)
    assert store.alerts() == list(cycle.alerts)
    assert store.delivery_counts() == {DESK: {"pending": 1, "delivered": 0, "dead": 0}}


def test_a_firing_is_an_incident_of_which_a_title_says_that_it_has_happened(store: Either) -> None:
    first, second = an_item("North Korea fires missile"), an_item("North Korea may fire missile")
    happened, guessed = an_incident("i1", items=(first,)), an_incident("i2", items=(second,))
    hits = (
        a_hit(first, indicator="launch", incident="i1"),
        a_hit(first, indicator="icbm", incident="i1"),
        a_hit(first, indicator="other", incident="i1"),
        a_hit(second, indicator="icbm", incident="i2", score=0.7),
        replace(a_hit(second, indicator="launch", incident="i2"), claim=Claim.SPECULATED),
    )
    store.record(Cycle(items=(first, second), hits=hits, incidents=(happened, guessed)), ())

    fired = store.firings([IndicatorId("launch"), IndicatorId("icbm")], NOON)

    assert [(firing.indicator, firing.incident, firing.at, firing.title) for firing in fired] == [
        ("icbm", "i1", NOON, happened.title),
        ("launch", "i1", NOON, happened.title),
    ]
    assert store.firings([IndicatorId("launch")], NOON + timedelta(seconds=1)) == []


# --- hubs ---------------------------------------------------------------------------------------------------


def a_subscription(feed: str = WIRE, *, tries: int = 1) -> Subscription:
    hub = Hub(url="https://hub.example/", topic="https://wire.example/f")
    callback = f"https://watcher.example/websub/{feed}"
    return Subscription(feed=FeedId(feed), hub=hub, callback=callback, secret="hush", asked=NOON, tries=tries)


def test_the_last_subscription_of_a_feed_counts_until_it_is_forgotten(store: Either) -> None:
    store.subscribe(a_subscription("wire-ko"))
    store.subscribe(a_subscription())
    store.subscribe(a_subscription(tries=2))
    assert list(store.subscriptions()) == [a_subscription(tries=2), a_subscription("wire-ko")]

    store.unsubscribe(WIRE)
    store.unsubscribe(WIRE)

    assert list(store.subscriptions()) == [a_subscription("wire-ko")]


def test_a_call_of_a_hub_outlasts_the_record_of_a_poll_that_began_before_it(store: Either) -> None:
    state = FeedState(feed=WIRE, next_due=at(15), last_poll=NOON, seeded=True)
    store.record(Cycle(states=(state,)), ())

    read = store.states()[WIRE]
    store.poll_soon(WIRE, at(9))
    store.record(Cycle(states=(replace(read, next_due=at(30)),)), ())

    assert store.states() == {WIRE: replace(state, next_due=at(30), called=at(9))}


def test_the_last_call_of_a_hub_counts_and_which_was_answered_is_recorded(store: Either) -> None:
    state = FeedState(feed=WIRE, next_due=at(15), last_poll=NOON, seeded=True)
    store.record(Cycle(states=(state,)), ())

    for minute in (8, 9):
        store.poll_soon(WIRE, at(minute))
    read = store.states()[WIRE]
    store.record(Cycle(states=(replace(read, answered=at(8)),)), ())

    assert store.states() == {WIRE: replace(state, called=at(9), answered=at(8))}


def test_of_a_feed_that_was_never_polled_no_call_is_noted(store: Either) -> None:
    store.poll_soon(WIRE, at(9))
    state = FeedState(feed=WIRE, next_due=at(15))
    store.record(Cycle(states=(state,)), ())

    assert store.states() == {WIRE: state}


# --- every question -----------------------------------------------------------------------------------------


def an_archive(store: Either) -> tuple[Item, Item, Item]:
    """Record three items, of which one was edited, with hits of two indicators in two incidents."""
    first, edited = an_item("Missile fired", guid="g1"), an_item("Missile launched", guid="g1", revision=1)
    second, third = an_item("Parade in Pyongyang", minutes=1), an_item("Harvest report", minutes=2)
    hits = (a_hit(first), a_hit(second, indicator="parade", incident="i2"))
    store.record(Cycle(items=(second, first), hits=hits, incidents=(an_incident(),)), ())
    store.record(Cycle(items=(third, edited), hits=(a_hit(edited), a_hit(edited, indicator="a"))), ())
    return edited, second, third


def test_all_items_come_in_the_order_in_which_they_were_seen_each_as_it_is_now(store: Either) -> None:
    assert list(store.items()) == []

    recorded = an_archive(store)

    assert list(store.items()) == list(recorded)


def test_hits_are_found_by_their_items_all_revisions(store: Either) -> None:
    edited, second, third = an_archive(store)

    found = store.hits_on([edited.id, third.id])

    assert {name: [(hit.indicator, hit.item.revision) for hit in hits] for name, hits in found.items()} == {
        edited.id: [("icbm-launch", 0), ("a", 1), ("icbm-launch", 1)]
    }
    assert [hit.item for hit in store.hits_on([second.id])[second.id]] == [second]


def test_words_are_searched_the_newest_first_and_no_more_than_asked_for(store: Either) -> None:
    edited, second, third = an_archive(store)
    more = [an_item(f"Parade number {number}", minutes=9 + number) for number in range(3)]
    store.record(Cycle(items=tuple(more)), ())

    assert list(store.search("PARADE")) == [*reversed(more), second]
    assert list(store.search("parade", limit=2)) == [more[2], more[1]]
    assert list(store.search("parade", since=at(10))) == [more[2], more[1]]
    assert list(store.search("missile launched")) == [edited]
    assert list(store.search("report harvest")) == [third]
    assert list(store.search("fired")) == []
    with pytest.raises(UsageError):
        store.search(" ")


def test_one_incident_is_read_as_it_was_written(store: Either) -> None:
    incident = an_incident(minutes=3)
    store.record(Cycle(incidents=(incident, an_incident("i2"))), ())

    assert store.incident(incident.id) == incident
    assert store.incident(IncidentId("i9")) is None


def test_incidents_are_unclosed_that_nothing_has_joined_for_a_while(store: Either) -> None:
    old, fresh = an_incident("old", minutes=1), an_incident("fresh", minutes=5)
    closed = replace(an_incident("closed", minutes=1), closed=at(2))
    store.record(Cycle(incidents=(fresh, closed, old)), ())

    assert store.unclosed_incidents(at(5)) == [old]
    assert store.unclosed_incidents(at(1)) == []
    assert store.unclosed_incidents(at(6)) == [fresh, old]


def test_alerts_about_incidents_alone_are_counted_by_severity_since_a_moment(store: Either) -> None:
    early, grave, other = (an_alert(alert_id=f"a{minute}", at=at(minute)) for minute in range(3))
    slight = replace(an_alert(alert_id="a3", at=at(3)), severity=Severity.LOW)
    board = replace(an_alert(alert_id="a4", at=at(4)), kind=Kind.BOARD)
    collection = replace(an_alert(alert_id="a5", at=at(5)), kind=Kind.COLLECTION)
    store.record(Cycle(alerts=(early, grave, other, slight, board, collection)), ())

    assert store.alerts_by_severity(at(1)) == {Severity.CRITICAL: 2, Severity.LOW: 1}
    assert store.alerts_by_severity(at(6)) == {}
    assert store.alert_counts() == {
        ("incident", Severity.CRITICAL): 3,
        ("incident", Severity.LOW): 1,
        ("board", Severity.CRITICAL): 1,
        ("collection", Severity.CRITICAL): 1,
    }


def test_no_more_is_read_than_anyone_asks_for_at_first(store: Either) -> None:
    items = tuple(an_item(f"Parade {number}", minutes=number) for number in range(51))
    alerts = tuple(an_alert(alert_id=f"{number:03}", at=NOON) for number in range(101))
    polls = tuple(Poll(feed=WIRE, at=at(minute), status=PollStatus.OK) for minute in range(21))
    store.record(Cycle(items=items, alerts=alerts, polls=polls), ())

    assert [alert.id for alert in store.alerts()] == [f"{number:03}" for number in range(100, 0, -1)]
    assert (len(store.search("parade")), len(store.polls(WIRE))) == (50, 20)


def test_incidents_that_wait_come_in_the_order_in_which_they_opened(store: Either) -> None:
    second, first = an_incident("a", seeding=True), replace(an_incident("z", seeding=True), opened=at(-1))
    store.record(Cycle(incidents=(second, first)), ())

    assert store.held_incidents() == store.unclosed_incidents(at(1)) == [first, second]


def test_an_incident_is_one_firing_of_an_indicator_however_many_titles_say_so(store: Either) -> None:
    items = (an_item("Missile fired"), an_item("Missile launched"))
    hits = tuple(a_hit(item) for item in items)
    store.record(Cycle(items=items, hits=hits, incidents=(an_incident(items=items),)), ())

    assert len(store.firings([IndicatorId("icbm-launch")], NOON)) == 1


def a_verdict(number: int, incident: str, value: Verdict) -> Action:
    return Action(
        id=f"v{number}", at=at(number), by="kim", kind=ActionKind.VERDICT, target=incident, value=value
    )


def test_a_track_record_is_of_openings_and_the_last_verdict_about_each(store: Either) -> None:
    opened = [
        replace(an_alert(alert_id=f"a{number}", at=at(number)), incident=f"i{number}") for number in range(5)
    ]
    escalated = replace(opened[4], id=AlertId("e"), at=at(8), reason=Reason.ESCALATED)
    other = replace(opened[4], id=AlertId("o"), at=at(9), indicator="parade", incident="p")
    board = replace(opened[4], id=AlertId("b"), at=at(9), kind=Kind.BOARD, incident="board")
    store.record(Cycle(alerts=(*opened, escalated, other, board)), ())
    verdicts = [(0, Verdict.USEFUL), (1, Verdict.NOISE), (2, Verdict.NOISE), (3, Verdict.NOISE)]
    for number, (incident, value) in enumerate([*verdicts, (1, Verdict.USEFUL)]):
        store.add_action(a_verdict(number, f"i{incident}", value))
    store.add_action(replace(a_verdict(7, "i4", Verdict.USEFUL), kind=ActionKind.ACKNOWLEDGE))
    store.add_action(a_verdict(8, "board", Verdict.USEFUL))

    assert store.track_records(at(1)) == {
        "icbm-launch": TrackRecord(since=at(1), openings=4, last=at(4), useful=1, noise=2),
        "parade": TrackRecord(since=at(1), openings=1, last=at(9)),
    }
    assert store.track_records(at(10)) == {}


def test_what_a_reviewer_did_is_there_once_in_order(store: Either) -> None:
    first, second = a_verdict(2, "i1", Verdict.NOISE), a_verdict(1, "i2", Verdict.USEFUL)
    for action in (first, second, replace(first, why="again")):
        store.add_action(action)

    assert list(store.actions()) == [first, second]


def test_the_state_of_one_feed_is_that_among_all(store: Either) -> None:
    states = [FeedState(feed=FeedId(name), next_due=NOON, failures=len(name)) for name in ("b", "aa")]
    store.record(Cycle(states=tuple(states)), ())
    store.poll_soon(FeedId("b"), at(1))

    assert list(store.states()) == ["aa", "b"]
    assert store.state(FeedId("b")) == store.states()[FeedId("b")] == replace(states[0], called=at(1))
    assert store.state(FeedId("c")) is None


def test_what_changes_of_the_states_is_told_by_whomever_it_was_changed(store: Either) -> None:
    a, b = (FeedState(feed=FeedId(name), next_due=NOON) for name in "ab")
    store.record(Cycle(states=(a, b)), ())

    first, found = store.changed_states(0)
    assert found == {a.feed: a, b.feed: b}
    store.record(Cycle(states=(replace(store.states()[b.feed], failures=1),)), ())
    second, changed = store.changed_states(first)
    store.poll_soon(a.feed, at(1))
    third, called = store.changed_states(second)

    assert changed[b.feed].failures == 1
    assert called[a.feed].called == at(1)
    assert store.changed_states(0)[1] == store.states()
    assert first < second < third


def test_the_states_of_some_feeds_are_those_among_all(store: Either) -> None:
    a, b, c = map(FeedId, ("a", "b", "c"))
    store.record(Cycle(states=tuple(FeedState(feed=feed, next_due=NOON) for feed in (a, b))), ())

    assert store.states([b, c]) == {b: store.states()[b]}

    store.record(Cycle(states=(replace(store.states([b])[b], failures=1),)), ())
    store.poll_soon(b, at(1))

    assert store.states([b]) == {b: store.state(b)}
    assert store.states([b])[b].failures == 1
    assert store.states([b])[b].called == at(1)
    assert store.states([]) == {}


def test_the_oldest_item_and_the_size_are_told(store: Either) -> None:
    assert store.oldest() is None
    an_archive(store)

    taken, free = store.size()
    assert store.oldest() == NOON
    assert 0 <= free < taken
    assert store.give_back() == 0


PORTS = (
    History, Feeds, Pending, Board, Archive, Catalogue, Outbox, OutboxStatus, OutboxAdmin,
    Recorder, Reviews, Hubs, Notes, Pruning,
)  # fmt: skip


def test_all_that_was_recorded_under_an_old_name_is_found_under_the_new_one(store: Either) -> None:
    item, old, new = an_item("North Korea fires ICBM"), IndicatorId("icbm-launch"), IndicatorId("rocket")
    incident = an_incident(items=(item,))
    level = LevelChange(subject=Subject(kind=SubjectKind.INDICATOR, name=old), level=Level.WATCH, since=NOON)
    alert = replace(an_alert(), incident=incident.id)
    store.record(
        Cycle(
            items=(item,),
            hits=(a_hit(item),),
            incidents=(incident,),
            alerts=(alert,),
            levels=(level,),
            heard={old: frozenset({NOON.date()})},
        ),
        posted([alert], DESK),
    )
    store.add_action(action_of(ActionKind.MUTE, old, "lee", NOON, why="a drill", until=at(60)))
    store.add_action(action_of(ActionKind.OVERRIDE, f"indicator:{old}", "lee", NOON, value="watch", why="so"))
    assert store.open_incidents(NOON)

    store.rename(old, new)

    (known,) = store.open_incidents(NOON)
    assert (known.indicator, known.version) == (new, 2)
    assert [hit.indicator for hit in store.hits(incident.id)] == [new]
    assert [each.subject.name for each in store.board()] == [new]
    assert (store.days_heard(new), store.days_heard(old)) == ((NOON.date(),), ())
    assert [action.target for action in store.actions_in_force(NOON)] == [new, f"indicator:{new}"]
    assert [(told.indicator, told.formerly) for told in store.alerts()] == [(new, (old,))]
    assert [each.alert.indicator for each in take(store, 1)] == [new]


def test_what_a_search_finds_is_counted(store: Either) -> None:
    store.record(Cycle(items=tuple(an_item(f"ICBM {number}", guid=str(number)) for number in range(60))), ())

    assert store.count_found("icbm") == 60
    assert store.count_found("rocket") == 0


# --- what reviewers join by hand ----------------------------------------------------------------------------


def an_incident_of(store: Either, name: str) -> Incident:
    """Record an incident with a report, an alert and an answer; return it as the store has it."""
    item = an_item(f"{name} reported", guid=name)
    alert = replace(an_alert(name, alert_id=f"alert of {name}"), incident=name)
    decision = Decision(incident=IncidentId(name), at=NOON, reason=Reason.NEW, item=item.id, alert=alert.id)
    incident = an_incident(name, items=(item,))
    hit = a_hit(item, incident=name)
    cycle = Cycle(items=(item,), hits=(hit,), incidents=(incident,), decisions=(decision,), alerts=(alert,))
    store.record(cycle, posted([alert], "desk"))
    store.add_action(a_verdict(len(store.actions()), name, Verdict.USEFUL))
    found = store.incident(incident.id)
    assert found
    return found


def merged(store: Either, kept: Incident, gone: Incident) -> Cycle:
    part = MergedPart(
        id=gone.id,
        title=gone.title,
        opened=gone.opened,
        claim=gone.claim,
        directness=gone.directness,
        kinds=gone.kinds,
        timeline=gone.timeline,
        items=frozenset({ItemId("wire-en/i2")}),
    )
    moved = {alert.id: kept.id for alert in store.alerts_of(gone.id)}
    return Cycle(
        incidents=(replace(kept, items=2, parts=(part,)),),
        hits=tuple(replace(hit, incident=kept.id) for hit in store.hits(gone.id)),
        regrouping=Regrouping(merged=gone, into=kept.id, alerts=moved),
    )


def test_what_was_merged_is_found_in_the_one_and_by_its_own_name_too(store: Either) -> None:
    one, other = an_incident_of(store, "i1"), an_incident_of(store, "i2")

    store.record(merged(store, one, other), ())

    (whole,) = store.open_incidents(NOON)
    assert store.incident(other.id) == store.incident(one.id) == whole
    assert [part.id for part in whole.parts] == [other.id]
    assert len(store.hits(one.id)) == len(store.decisions(one.id)) == len(store.alerts_of(one.id)) == 2
    assert [*store.hits(other.id), *store.decisions(other.id), *store.alerts_of(other.id)] == []
    assert [action.target for action in store.actions()] == [one.id, one.id]
    assert {each.alert.incident for each in store.lease(DESK, NOON, FOREVER, 9)} == {one.id}


def test_what_stands_by_itself_again_is_found_by_its_own_name(store: Either) -> None:
    one, other = an_incident_of(store, "i1"), an_incident_of(store, "i2")
    store.record(merged(store, one, other), ())
    (whole,) = store.open_incidents(NOON)
    hits = tuple(replace(hit, incident=other.id) for hit in store.hits(one.id) if "i2" in hit.item.title)
    alerts = {AlertId("alert of i2"): other.id}

    store.record(
        Cycle(
            incidents=(replace(whole, parts=()), replace(other, version=0)),
            hits=hits,
            regrouping=Regrouping(alerts=alerts),
        ),
        (),
    )

    assert [each.id for each in store.open_incidents(NOON)] == [one.id, other.id]
    assert store.incident(other.id) == other
    assert [alert.id for alert in store.alerts_of(other.id)] == ["alert of i2"]
    assert len(store.hits(other.id)) == len(store.hits(one.id)) == 1


def test_what_has_changed_since_it_was_read_is_not_merged(store: Either) -> None:
    one, other = an_incident_of(store, "i1"), an_incident_of(store, "i2")
    cycle = merged(store, one, other)
    store.record(Cycle(incidents=(replace(other, title="more is known"),)), ())

    with pytest.raises(ConflictError, match="incident i2"):
        store.record(cycle, ())

    assert [each.items for each in store.open_incidents(NOON)] == [1, 1]


def test_merges_and_splits_are_asked_for_in_order_after_the_last_that_was_followed(store: Either) -> None:
    words = [replace(a_verdict(number, "i1", Verdict.NOISE)) for number in range(4)]
    kinds = (ActionKind.MERGE, ActionKind.NOTE, ActionKind.SPLIT, ActionKind.MERGE)
    for word, kind in zip(words, kinds, strict=True):
        store.add_action(replace(word, kind=kind))

    assert [each.id for each in store.joins_asked("")] == ["v0", "v2", "v3"]
    assert [each.id for each in store.joins_asked("v0")] == ["v2", "v3"]
    assert store.joins_asked("v3") == []


def test_every_method_of_every_port_is_called_in_the_suites_that_both_stores_go_through() -> None:
    suites = [
        Path(__file__).with_name(f"test_{name}.py") for name in ("contract", "levels", "tick", "pruning")
    ]
    trees = [ast.parse(suite.read_text(encoding="utf-8")) for suite in suites]
    calls = (node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    called = {call.attr for call in calls if isinstance(call, ast.Attribute)}

    methods = {name for port in PORTS for name in vars(port) if not name.startswith("_")}
    assert methods <= called
    assert methods <= set(dir(FakeStore))
