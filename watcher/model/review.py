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


class Verdict(StrEnum):
    """What a reviewer says of an incident."""

    USEFUL = "useful"
    NOISE = "noise"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a reviewer did: never changed afterwards, only followed by another.

    `target` is what it is about: an incident, an indicator, a category, or `problem`. `value` is the verdict
    or the level. It holds until `until`, or for good.
    """

    id: str
    at: datetime
    by: str
    kind: ActionKind
    target: str
    value: str = ""
    why: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """The record of an indicator since a moment: the incidents it opened, the last one, and the verdicts."""

    since: datetime
    openings: int = 0
    last: datetime | None = None
    useful: int = 0
    noise: int = 0
