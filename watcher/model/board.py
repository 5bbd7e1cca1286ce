"""The board: what it knows of incidents, what a level is about, and how it stands."""

from dataclasses import dataclass
from datetime import datetime

from watcher.model.alerts import Confidence, IncidentId, Level
from watcher.model.language import Claim, IndicatorId, Severity, SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a level is about; written as `problem`, `category:rhetoric` or `indicator:icbm-launch`."""

    kind: SubjectKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind.value

    @property
    def word(self) -> str:
        """What people call it."""
        return self.name or f"the {self.kind}"


def subject_of(text: str) -> Subject | None:
    """Return the subject that a text of `str(subject)` stands for; None when it stands for none."""
    kind, _, name = text.partition(":")
    found = next((each for each in SubjectKind if each == kind), None)
    return (
        Subject(kind=found, name=name) if found and bool(name) == (found is not SubjectKind.PROBLEM) else None
    )


PROBLEM = Subject(kind=SubjectKind.PROBLEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What the board knows of an incident: some of its fields, by the same names."""

    id: IncidentId
    indicator: IndicatorId
    indicators: frozenset[IndicatorId]
    title: str
    severity: Severity
    claim: Claim
    confidence: Confidence
    denied: bool
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """The level of a subject since a moment, and its cause; the board's history has one line for each change.

    The last line is the present. `before` is the level it had. `overridden` is whether an analyst set it.
    """

    subject: Subject
    level: Level
    since: datetime
    before: Level = Level.QUIET
    pressure: float = 0.0
    because: tuple[str, ...] = ()
    incidents: tuple[IncidentId, ...] = ()
    overridden: bool = False
