"""What the alert log says of an alert, and what older watchers stored of one, is read with all it has."""

import json
from dataclasses import replace

import pytest

from tests.builders import an_alert, an_entry
from watcher.delivery.render import alert_json, alert_line
from watcher.model.alerts import Alert, Confidence, Context, IncidentId, Level, LevelStep
from watcher.model.language import IndicatorId
from watcher.store.lines import alert_of_line, upgraded
from watcher.store.values import from_json

ROSE = LevelStep(subject="problem", before=Level.QUIET, level=Level.WATCH)
ALERTS = {
    "incident": replace(
        an_alert(
            context=Context(
                confidence=Confidence.CORROBORATED,
                indicators=(IndicatorId("icbm-launch"), IndicatorId("missile-launch")),
                items_in_all=60,
                step=3,
                corroboration="2 of 2 origins",
                cues=("speculated: may",),
                timeline=("10 Oct 12:00Z wire: first report, speculated; 10 Oct 12:15Z wire: occurred, jcs",),
                late="wire had not been polled for 9 hours",
                base_rate="1.0 a week",
                precision="3 of 4",
                calendar=("party-day today",),
                against=("denied: no",),
                link="https://watcher.example/incidents/i1",
            )
        ),
        items_not_shown=10,
        indicator_title="ICBM test",
        repeats="a0",
    ),
    "board": replace(
        an_alert(items=()),
        subject="problem",
        changes=(ROSE, replace(ROSE, subject="category:rhetoric")),
        because=("+3.98 provocation; +0.25 rhetoric",),
        incidents=(IncidentId("i1"), IncidentId("i2")),
    ),
    "feeds": replace(an_alert(), feeds=("a", "b")),
    "config": replace(an_alert(), mistakes=12),
    "digest": replace(an_alert(), entries=(an_entry(),), entries_not_shown=3, only="desk"),
}
FIELDS = ("indicator_title", "context", "incidents", "feeds", "mistakes", "subject", "changes", "because")


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS)
def test_an_alert_is_read_back_from_its_line(alert: Alert) -> None:
    assert alert_of_line(alert_json(alert).encode()) == alert


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS)
def test_an_alert_that_was_stored_with_details_in_text_has_them_as_fields(alert: Alert) -> None:
    line = alert_line(alert)
    contract = list(line)[: list(line).index("items") + 1]
    details = {
        name: " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in line.items()
        if name not in contract and name not in ("entries", "only")
    }
    stored = {name: line[name] for name in contract} | {"severity": 4, "details": details}

    found = from_json(Alert, upgraded(json.dumps(stored)))

    assert found == replace(alert, entries=(), only="")


@pytest.mark.parametrize(
    "line",
    [b"", b'{"id":"a1"', b"[]", b"null", b'{"id":"a1","severity":"grave"}', b'{"severity":4}', b"[" * 9999],
)
def test_a_line_that_was_torn_or_that_a_person_wrote_is_no_alert(line: bytes) -> None:
    assert alert_of_line(line) is None
