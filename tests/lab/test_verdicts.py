"""What is true of alerts measured by the verdicts of reviewers."""

from dataclasses import replace

from tests.builders import NOON, an_alert
from watcher.alerting.review import action_of
from watcher.lab.verdicts import OnVerdicts, on_verdicts
from watcher.model.alerts import Alert, IncidentId, Kind
from watcher.model.language import Severity
from watcher.model.review import Action, ActionKind, Verdict


def told(incident: str, *severities: Severity) -> list[Alert]:
    return [
        replace(an_alert(alert_id=f"{incident}/{number}", incident=incident), severity=severity)
        for number, severity in enumerate(severities)
    ]


def said(target: str, verdict: Verdict) -> Action:
    return action_of(ActionKind.VERDICT, target, "kim", NOON, value=verdict)


def row(found: OnVerdicts, name: str) -> tuple[int, int, int]:
    (judged,) = (each for each in (*found.severities, found.all) if each.name == name)
    return judged.useful, judged.noise, judged.unjudged


def test_a_long_story_counts_once_in_the_severity_of_its_gravest_alert() -> None:
    alerts = told("parade", *[Severity.MEDIUM] * 8, Severity.HIGH) + told("talks", Severity.HIGH)

    found = on_verdicts(alerts, [said("parade", Verdict.NOISE), said("talks", Verdict.USEFUL)])

    assert row(found, "high") == row(found, "all") == (1, 1, 0)
    assert (found.all.precision, found.all.precision_by_alert) == (0.5, 0.1)
    assert found.all.interval == (0.0945, 0.9055)


def test_the_gravest_severity_comes_first() -> None:
    alerts = told("a", Severity.LOW) + told("b", Severity.CRITICAL) + told("c", Severity.MEDIUM)

    assert [each.name for each in on_verdicts(alerts, []).severities] == ["critical", "medium", "low"]


def test_the_last_verdict_counts_and_what_nobody_judged_is_no_part_of_precision() -> None:
    alerts = told("parade", Severity.HIGH) + told("talks", Severity.HIGH)
    acknowledged = action_of(ActionKind.ACKNOWLEDGE, "talks", "kim", NOON)

    found = on_verdicts(alerts, [said("parade", Verdict.NOISE), acknowledged, said("parade", Verdict.USEFUL)])

    assert row(found, "high") == (1, 0, 1)
    assert found.all.precision == 1


def test_what_was_missed_is_counted_apart() -> None:
    verdicts = [said("an item", Verdict.MISSED), said("parade", Verdict.MISSED)]

    found = on_verdicts(told("parade", Severity.HIGH), verdicts)

    assert (found.missed, row(found, "high"), found.all.precision, found.all.interval) == (
        2,
        (0, 0, 1),
        None,
        None,
    )


def test_summaries_repeats_and_alerts_about_the_watcher_are_not_judged() -> None:
    (alert,) = told("parade", Severity.HIGH)
    others = [
        replace(alert, incident="start", incidents=(IncidentId("parade"),)),
        replace(alert, repeats=alert.id),
        replace(alert, kind=Kind.COLLECTION),
    ]

    assert row(on_verdicts([alert, *others], [said("parade", Verdict.USEFUL)]), "all") == (1, 0, 0)
    assert on_verdicts(others, []).severities == ()
