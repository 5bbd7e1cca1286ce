"""A digest tells once, by story, of the alerts since the last, and a quiet time from a dead watcher."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.builders import NOON, an_alert, an_entry
from watcher.delivery.digest import MOST_ENTRIES, Coverage, begin, coverage_of, digest_of, due
from watcher.delivery.render import alert_line, html, text
from watcher.model.alerts import Alert, ChannelId, Kind, Reason
from watcher.model.language import Severity
from watcher.model.news import FeedId
from watcher.model.polling import Poll, PollStatus
from watcher.model.routes import Route, Schedule

DESK = ChannelId("desk")
SINCE = NOON - timedelta(hours=24)
DAILY = Route(channel=DESK, digest=Schedule(name="daily 12:00", times=(time(12),)))
AWAKE = Coverage(polled=40, read=36, last=NOON - timedelta(minutes=2))


def told(name: str, incident: str, severity: Severity = Severity.HIGH, hours: float = 1) -> Alert:
    """Return an alert that was made some hours before noon."""
    alert = an_alert(f"Title {name}", alert_id=name, at=NOON - timedelta(hours=hours))
    return replace(alert, incident=incident, severity=severity, indicator_title="Launch")


def the_digest(*alerts: Alert, coverage: Coverage = AWAKE, route: Route = DAILY) -> Alert:
    (alert,) = digest_of(route, alerts, coverage, SINCE, NOON).alerts
    return alert


def test_alerts_of_one_incident_are_one_entry_and_the_gravest_comes_first() -> None:
    alerts = [
        told("a", "one", hours=9),
        told("b", "two", Severity.CRITICAL, hours=8),
        told("c", "one", hours=2),
    ]

    first, second = the_digest(*alerts).entries

    assert (first.incident, first.severity, first.alerts) == ("two", Severity.CRITICAL, ("b",))
    assert (second.incident, second.alerts, second.title) == ("one", ("a", "c"), "Title c")
    assert (second.first, second.last) == (alerts[0].at, alerts[2].at)


def test_an_incident_is_as_grave_as_the_gravest_alert_about_it() -> None:
    (entry,) = the_digest(
        told("a", "one", Severity.CRITICAL, hours=3), told("b", "one", Severity.LOW, hours=2)
    ).entries

    assert entry.severity is Severity.CRITICAL


def test_a_digest_holds_what_its_channel_takes_and_what_is_for_others_not() -> None:
    route = replace(DAILY, least=Severity.HIGH)
    alerts = [
        told("mine", "one"),
        told("slight", "two", Severity.LOW),
        replace(told("to others", "three"), only="phone"),
        replace(told("a digest", "four"), kind=Kind.COLLECTION, reason=Reason.DIGEST),
        told("before", "five", hours=25),
        told("after", "six", hours=0),
    ]

    assert [entry.alerts for entry in the_digest(*alerts, route=route).entries] == [("mine",)]


def test_a_quiet_time_says_that_it_was_quiet_and_that_the_watcher_was_awake() -> None:
    quiet = the_digest()

    assert quiet.title == "nothing to report, and the watcher was at work"
    assert quiet.why == (
        "From 2026-10-09 12:00 to 2026-10-10 12:00 (UTC): no alert for this channel. "
        "The watcher was at work: it read 36 of 40 feeds, the last at 2026-10-10 11:58."
    )


def test_a_time_in_which_no_feed_was_read_is_not_called_quiet() -> None:
    blind = the_digest(coverage=coverage_of([], SINCE, NOON))

    assert blind.title == "nobody watched for 1 day; nothing to report"
    assert blind.why.startswith("Nobody watched for 1 day. From 2026-10-09 12:00 to")
    assert "the watcher did not run, or could not read any" in blind.why
    assert "at work" not in blind.why


def test_a_digest_with_alerts_says_first_that_nobody_watched_for_a_while() -> None:
    blind = the_digest(told("a", "one"), coverage=replace(AWAKE, unwatched=timedelta(hours=9)))

    assert blind.title == "nobody watched for 9 hours; 1 story, the gravest high"
    assert blind.why.startswith("Nobody watched for 9 hours. ")


def test_times_in_a_digest_are_those_of_its_channel() -> None:
    assert "to 2026-10-10 21:00 (KST)" in the_digest(route=replace(DAILY, zone=ZoneInfo("Asia/Seoul"))).why


def test_a_digest_made_twice_is_one_and_the_next_is_another() -> None:
    next_day = digest_of(DAILY, (), AWAKE, NOON, NOON + timedelta(hours=24)).alerts[0]

    assert the_digest().id == the_digest(told("a", "one")).id
    assert the_digest().id != the_digest(route=replace(DAILY, channel=ChannelId("phone"))).id
    assert the_digest().id != next_day.id


def test_a_digest_is_for_its_channel_alone_and_notes_that_it_was_made() -> None:
    cycle = digest_of(DAILY, (), AWAKE, SINCE, NOON)

    assert cycle.alerts[0].only == DESK
    assert cycle.digests == {DESK: NOON}


def test_more_stories_than_anyone_reads_are_counted() -> None:
    many = the_digest(*(told(f"a{number}", f"i{number}") for number in range(MOST_ENTRIES + 3)))

    assert len(many.entries) == MOST_ENTRIES
    assert many.entries_not_shown == 3
    assert many.title == "53 stories, the gravest high"


# --- when ---------------------------------------------------------------------------------------------------


def test_the_first_digest_is_due_at_the_first_of_its_times_after_the_service_began() -> None:
    morning = NOON - timedelta(hours=2)
    noted = begin(DAILY, None, morning)

    assert noted
    assert noted.digests == {DESK: SINCE}
    assert due(DAILY, None, morning) is None
    assert due(DAILY, SINCE, morning) is None
    assert due(DAILY, SINCE, NOON) == (SINCE, NOON)
    assert begin(DAILY, SINCE, NOON) is None


def test_a_digest_that_was_missed_is_made_for_the_whole_time_since_the_last() -> None:
    long_ago = NOON - timedelta(days=5)

    assert due(DAILY, long_ago, NOON + timedelta(hours=3)) == (long_ago, NOON)


def test_a_clock_that_ran_ahead_costs_no_digest_but_its_own() -> None:
    ahead = datetime.fromisoformat("2036-10-10T12:00:00+00:00")

    assert due(DAILY, ahead, NOON) is None
    noted = begin(DAILY, ahead, NOON)
    assert noted
    assert noted.digests == {DESK: NOON}


def test_a_channel_without_a_digest_has_none() -> None:
    assert begin(Route(channel=DESK), None, NOON) is None
    assert due(Route(channel=DESK), None, NOON) is None


def a_poll(feed: str, hours: float, status: PollStatus = PollStatus.OK) -> Poll:
    return Poll(feed=FeedId(feed), at=NOON - timedelta(hours=hours), status=status)


def test_a_watch_counts_the_feeds_that_were_read_in_its_time() -> None:
    polls = [
        a_poll("good", 3),
        a_poll("good", 2),
        a_poll("same", 5, PollStatus.NOT_MODIFIED),
        a_poll("bad", 1, PollStatus.ERROR),
        a_poll("later", 0),
        a_poll("earlier", 25),
    ]

    assert coverage_of(polls, SINCE, NOON) == Coverage(
        polled=3, read=2, last=NOON - timedelta(hours=2), unwatched=timedelta(hours=19)
    )


@pytest.mark.parametrize(
    ("hours", "unwatched"),
    [
        pytest.param(range(0, 30, 6), 0, id="a poll every six hours is a watch"),
        pytest.param([30, 24, 22, 10, 5], 12, id="a gap in the middle"),
        pytest.param([30, 20, 16, 12, 9], 9, id="a watcher that died on the way"),
        pytest.param([30, 1], 23, id="a watcher that came back for the digest"),
        pytest.param([], 24, id="no poll at all"),
        pytest.param([10, 4], 0, id="of what is no longer kept nothing is known"),
    ],
)
def test_it_is_counted_for_how_long_no_feed_was_read(hours: Sequence[float], unwatched: float) -> None:
    polls = [a_poll("wire", each) for each in hours]

    assert coverage_of(polls, SINCE, NOON).unwatched == timedelta(hours=unwatched)


def test_a_feed_that_only_fails_is_no_watch() -> None:
    polls = [a_poll("bad", hours, PollStatus.ERROR) for hours in range(30)]

    assert coverage_of(polls, SINCE, NOON).unwatched == timedelta(hours=24)


# --- how it reads -------------------------------------------------------------------------------------------

ENTRIES = (an_entry(alerts=("a1", "a2")), an_entry("Drill <b>ends</b>", severity=Severity.LOW))


def test_a_digest_reads_as_text_by_severity() -> None:
    shown = text(replace(the_digest(), entries=ENTRIES))

    assert shown.startswith("[INFO] Digest, daily 12:00: nothing to report")
    assert (
        "CRITICAL\n- ICBM test: North Korea fires suspected ICBM\n"
        "  escalated, 2026-10-10 13:00:00 UTC; 2 alerts since" in shown
    )
    assert "LOW\n- ICBM test: Drill <b>ends</b>\n" in shown
    assert shown.index("CRITICAL") < shown.index("LOW\n")


def test_a_digest_reads_as_html_in_which_titles_are_inert() -> None:
    digest = replace(the_digest(), entries=ENTRIES)

    assert "<h3>critical</h3>\n<ul>\n<li>ICBM test: North Korea" in html(digest)
    assert "Drill &lt;b&gt;ends&lt;/b&gt;" in html(digest)


def test_the_log_line_of_a_digest_has_its_entries_and_whom_it_is_for() -> None:
    line = alert_line(replace(the_digest(), entries=ENTRIES))

    assert (line["kind"], line["reason"], line["only"]) == (Kind.COLLECTION, Reason.DIGEST, "desk")
    assert isinstance(line["entries"], list)
    assert line["entries"][0] == {
        "incident": "incident of North Korea fires suspected ICBM",
        "indicator": "ICBM test",
        "severity": "critical",
        "title": "North Korea fires suspected ICBM",
        "reason": "escalated",
        "first": "2026-10-10T12:00:00Z",
        "last": "2026-10-10T13:00:00Z",
        "alerts": ["a1", "a2"],
    }
