"""Alerts and what reviewers said of their incidents in, how many were worth it by severity out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watcher.lab.shares import Bounds, share, wilson
from watcher.model.alerts import Alert, Kind
from watcher.model.language import Severity
from watcher.model.review import Action, ActionKind, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The incidents whose gravest alert has one severity, counted by the last verdict on each.

    `useful_alerts` and `noise_alerts` count the alerts of the same incidents: a long story has many.
    """

    name: str
    useful: int = 0
    noise: int = 0
    unjudged: int = 0
    useful_alerts: int = 0
    noise_alerts: int = 0

    @property
    def precision(self) -> float | None:
        """How many of the judged incidents were useful."""
        return share(self.useful, self.useful + self.noise)

    @property
    def interval(self) -> Bounds | None:
        """The 95 % interval of that."""
        return wilson(self.useful, self.useful + self.noise)

    @property
    def precision_by_alert(self) -> float | None:
        """How many of the alerts of judged incidents were useful; one story may decide it."""
        return share(self.useful_alerts, self.useful_alerts + self.noise_alerts)

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "precision": self.precision,
            "interval": self.interval,
            "useful": self.useful,
            "noise": self.noise,
            "not_judged": self.unjudged,
            "by_alert": {
                "precision": self.precision_by_alert,
                "useful": self.useful_alerts,
                "noise": self.noise_alerts,
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OnVerdicts:
    """How alerts come out by their reviewers: the gravest severity first, and all together.

    `missed` is how often reviewers said that there should have been an alert.
    """

    severities: tuple[Judged, ...]
    all: Judged
    missed: int

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        by_severity = {each.name: each.as_dict() for each in self.severities}
        return {"all": self.all.as_dict(), "by_severity": by_severity, "missed": self.missed}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """The alerts of one incident."""

    severity: Severity
    alerts: int
    verdict: str


def on_verdicts(alerts: Iterable[Alert], actions: Sequence[Action]) -> OnVerdicts:
    """Return what the verdicts say of the alerts; `actions` are all of the journal, the oldest first.

    An incident counts once, in the severity of its gravest alert, however often it alerted. Summaries of
    several incidents and repeats of an alert count nowhere.
    """
    said = {action.target: action.value for action in actions if action.kind is ActionKind.VERDICT}
    told: dict[str, list[Severity]] = {}
    for alert in alerts:
        if alert.kind is Kind.INCIDENT and not (alert.incidents or alert.repeats or alert.entries):
            told.setdefault(alert.incident, []).append(alert.severity)
    stories = [
        _Story(severity=max(severities), alerts=len(severities), verdict=said.get(incident, ""))
        for incident, severities in told.items()
    ]
    return OnVerdicts(
        severities=tuple(
            _judged(severity.word, [each for each in stories if each.severity is severity])
            for severity in sorted({each.severity for each in stories}, reverse=True)
        ),
        all=_judged("all", stories),
        missed=sum(value == Verdict.MISSED for value in said.values()),
    )


def _judged(name: str, stories: Sequence[_Story]) -> Judged:
    useful, noise = (
        [each for each in stories if each.verdict == word] for word in (Verdict.USEFUL, Verdict.NOISE)
    )
    return Judged(
        name=name,
        useful=len(useful),
        noise=len(noise),
        unjudged=len(stories) - len(useful) - len(noise),
        useful_alerts=sum(each.alerts for each in useful),
        noise_alerts=sum(each.alerts for each in noise),
    )
