"""A report counts what was recorded in its time, each thing once."""

from dataclasses import replace
from datetime import date, timedelta

from tests.builders import NOON, an_alert, an_alert_item, an_incident
from watcher.alerting.review import action_of
from watcher.export.report import Section, report_markdown, report_page
from watcher.lab.report import PeriodRecord, sections_of
from watcher.model.alerts import AlertId, Confidence, Incident, IncidentSource, Kind, Reason
from watcher.model.language import Severity
from watcher.model.news import FeedId, Grade
from watcher.model.polling import Poll, PollStatus
from watcher.model.review import ActionKind

SINCE = NOON - timedelta(days=13)
NOTHING = PeriodRecord(
    since=SINCE, now=NOON, alerts=(), incidents=(), actions=(), levels=(), polls={}, failing={}, days={}
)
FIRST = replace(
    an_alert(alert_id="a1", incident="i1", at=NOON),
    items=(replace(an_alert_item("ICBM"), published=NOON - timedelta(minutes=10)),),
)


def section(record: PeriodRecord, title: str) -> Section:
    (found,) = (each for each in sections_of(record) if each.title == title)
    return found


def published_by(incident: Incident, **minutes: float) -> Incident:
    """Return an incident with publishers, each some minutes after noon."""
    sources = tuple(
        IncidentSource(name=name, grade=Grade.C, at=NOON + timedelta(minutes=after))
        for name, after in minutes.items()
    )
    return replace(incident, owner_sources=sources)


def test_a_time_without_anything_is_a_report_all_the_same() -> None:
    sections = sections_of(NOTHING)

    assert section(NOTHING, "Alerts by indicator and week").says == "No alert."
    assert "No poll" in section(NOTHING, "Feeds").says
    assert "<h2>" in report_page("Report", "", sections)
    assert "## Calendar" in report_markdown("Report", "", sections)


def test_alerts_are_counted_by_week_without_summaries_repeats_and_the_boards() -> None:
    week_before = replace(FIRST, id=AlertId("a0"), at=NOON - timedelta(days=7), incident="i0")
    repeat = replace(FIRST, id=AlertId("a2"), repeats="a1")
    board = replace(FIRST, id=AlertId("a3"), kind=Kind.BOARD)
    record = replace(NOTHING, alerts=(week_before, FIRST, repeat, board))

    found = section(record, "Alerts by indicator and week")

    assert found.headings == ("indicator", "21 Sep", "28 Sep", "5 Oct", "all")
    assert found.rows == [("icbm-launch", "", 1, 1, 2)]
    assert section(record, "In short").says == "2 alerts about 0 incidents."


def test_a_long_time_has_wider_columns_and_loses_nothing() -> None:
    alerts = [
        replace(FIRST, id=AlertId(f"a{week}"), at=NOON - timedelta(days=7 * week)) for week in range(200)
    ]
    record = replace(NOTHING, since=NOON - timedelta(days=1400), alerts=tuple(reversed(alerts)))

    found = section(record, "Alerts by indicator and week")
    (row,) = found.rows

    assert len(found.headings) <= 55
    assert sum(count for count in row[1:-1] if isinstance(count, int)) == row[-1] == 200


def test_lead_times_are_from_publication_to_alert_and_from_there_to_the_second_publisher() -> None:
    incidents = (
        published_by(an_incident("i1"), wire=-5, daily=30),
        published_by(an_incident("i2"), wire=-5),
    )
    alone = replace(FIRST, id=AlertId("a2"), incident="i2")

    rows = section(replace(NOTHING, alerts=(FIRST, alone), incidents=incidents), "Lead times").rows

    assert rows[1] == ("within 15 minutes", 2, 0)
    assert rows[2] == ("within an hour", 0, 1)
    assert rows[-1] == ("nobody else", "", 1)


def test_corroboration_and_precision_are_told_by_severity() -> None:
    confirmed = replace(an_incident("i1"), confidence=Confidence.CORROBORATED, origins=frozenset({"a", "b"}))
    other = replace(an_incident("i2"), severity=Severity.LOW)
    alerts = (
        FIRST,
        replace(FIRST, id=AlertId("a2"), incident="i2", severity=Severity.LOW, reason=Reason.NEW),
    )
    actions = [
        action_of(ActionKind.VERDICT, "i1", "kim", NOON, value="useful"),
        action_of(ActionKind.VERDICT, "i2", "kim", NOON, value="noise"),
    ]
    record = replace(NOTHING, alerts=alerts, incidents=(confirmed, other), actions=actions)

    assert section(record, "Corroboration").rows == [("critical", 1, 0, 1), ("low", 0, 1, 0)]
    assert [row[:5] for row in section(record, "Precision").rows] == [
        ("all", 1, 1, 0, 0.5),
        ("critical", 1, 0, 0, 1.0),
        ("low", 0, 1, 0, 0.0),
        ("icbm-launch", 1, 1, 0, 0.5),
    ]


def test_feeds_that_failed_most_come_first_and_older_polls_do_not_count() -> None:
    def polls(name: str, *statuses: PollStatus) -> list[Poll]:
        at = [NOON - timedelta(days=1), NOON, NOON - timedelta(days=99)]
        return [
            Poll(feed=FeedId(name), at=when, status=each) for when, each in zip(at, statuses, strict=False)
        ]

    record = replace(
        NOTHING,
        polls={
            FeedId("good"): polls("good", PollStatus.OK, PollStatus.OK, PollStatus.ERROR),
            FeedId("bad"): polls("bad", PollStatus.ERROR, PollStatus.OK),
        },
        failing={FeedId("bad"): "gone"},
    )

    found = section(record, "Feeds")

    assert found.rows == [("bad", 2, 1, 0, "gone"), ("good", 2, 0, 0, "")]
    assert found.says.startswith("1 of 2 feeds never failed")
    assert found.says.endswith("1 feed fails now.")


def test_the_calendar_has_the_days_of_the_time_and_those_to_come() -> None:
    days = {date(2026, 10, 10): ["party-day"], date(2026, 11, 3): ["us-elections"]}

    found = section(replace(NOTHING, alerts=(FIRST,), days=days), "Calendar")

    assert found.rows == [("2026-10-10", "party-day", 1), ("2026-11-03", "us-elections", "")]


def test_a_long_time_has_every_day_of_the_calendars_in_its_picture() -> None:
    since = NOON - timedelta(days=800)
    days = {(since + timedelta(days=number)).date(): [f"day-{number}"] for number in (0, 1, 5)}

    ((_, picture),) = section(replace(NOTHING, since=since, days=days), "Calendar").pictures

    assert [f"day-{number}" in picture for number in (0, 1, 5)] == [True, True, True]
