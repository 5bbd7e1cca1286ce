"""The actions of reviewers as one journal, the source of mutes, verdicts, acknowledgements and overrides."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActionKind(StrEnum):
    """What a reviewer did."""

    MUTE = "mute"
    UNMUTE = "unmute"
    ACKNOWLEDGE = "acknowledge"
    VERDICT = "verdict"
    OVERRIDE = "override"
    NOTE = "note"
    MERGE = "merge"
    SPLIT = "split"
    HANDOVER = "handover"


class Verdict(StrEnum):
    """What a reviewer says of an incident."""

    USEFUL = "useful"
    NOISE = "noise"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a reviewer did: never changed afterwards, only followed by another.

    `target` is what it is about: an incident, an indicator, a category, or `problem`. `value` is the verdict,
    the level, the incident that is merged into the target, or the items that are split from it, one a line.
    It holds until `until`, or for good.
    """

    id: str
    at: datetime
    by: str
    kind: ActionKind
    target: str
    value: str = ""
    why: str = ""
    until: datetime | None = None


class ReviewState(StrEnum):
    """What reviewers have done about an alert; `reviewed` is any verdict, `new` is nothing at all."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    REVIEWED = "reviewed"
    USEFUL = "useful"
    NOISE = "noise"
    MISSED = "missed"
    MUTED = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What reviewers have said of an alert or an incident: the last action of each kind, if there is one.

    A `mute` may be of the incident, its indicator or its category.
    """

    acknowledgement: Action | None = None
    verdict: Action | None = None
    mute: Action | None = None

    @property
    def states(self) -> tuple[ReviewState, ...]:
        """The states that apply."""
        found = [ReviewState.ACKNOWLEDGED] if self.acknowledgement else []
        found += [ReviewState.REVIEWED, ReviewState(self.verdict.value)] if self.verdict else []
        found += [ReviewState.MUTED] if self.mute else []
        return tuple(found) or (ReviewState.NEW,)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """The record of an indicator since a moment: the incidents it opened, the last one, and the verdicts."""

    since: datetime
    openings: int = 0
    last: datetime | None = None
    useful: int = 0
    noise: int = 0
