"""A reviewer and what he does in, an entry in the journal of actions out, for page and command line alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from watcher.alerting.by_hand import first_opened, items_called, why_not_merged, why_not_split
from watcher.alerting.review import action_of, mute_target, mutes, overrides
from watcher.errors import UsageError
from watcher.model.alerts import AlertId, Incident, IncidentId, Level
from watcher.model.board import Subject
from watcher.model.language import IndicatorId
from watcher.model.news import ItemId
from watcher.model.review import ActionKind, Verdict
from watcher.ports import Archive, Notes, Reviews


class Journal(Archive, Reviews, Notes, Protocol):
    """What a review reads, and where it is written."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who reviews, at a moment. Every method returns the target that its action is about.

    Raises:
        UsageError: nobody says who it is; so does every method when what is asked for makes no sense.
    """

    journal: Journal
    by: str
    now: datetime

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise UsageError("say who you are: --by NAME")

    def mute(self, name: str, until: datetime, why: str, indicators: Iterable[IndicatorId]) -> str:
        """Suppress the alerts of an incident (or of an alert's), an indicator or a category for a while."""
        alert = self.journal.alert(AlertId(name))
        target = mute_target(name, alert, self._incident_called(name), indicators)
        return self._write(ActionKind.MUTE, target, why=_reason(why), until=until)

    def unmute(self, name: str) -> str:
        """End a mute, named by its target or by an alert of the incident."""
        alert = self.journal.alert(AlertId(name))
        target = alert.incident if alert else name
        muted = mutes(self.journal.actions(), self.now)
        if target not in muted:
            raise UsageError(f"{name!r} is not muted; muted: {', '.join(muted) or 'nothing'}")
        return self._write(ActionKind.UNMUTE, target)

    def acknowledge(self, name: str, note: str = "") -> str:
        """Answer an incident, named by its id or that of one of its alerts."""
        return self._write(ActionKind.ACKNOWLEDGE, self._incident(name), why=note)

    def judge(self, name: str, verdict: Verdict, note: str = "") -> str:
        """Give a verdict on an incident; `missed` may be about an item that no incident holds."""
        is_item = verdict is Verdict.MISSED and self.journal.item(ItemId(name))
        target = name if is_item else self._incident(name)
        return self._write(ActionKind.VERDICT, target, value=verdict, why=note)

    def note(self, name: str, words: str) -> str:
        """Write a note about an incident, which answers nothing."""
        if not words.strip():
            raise UsageError("a note needs words")
        return self._write(ActionKind.NOTE, self._incident(name), why=words)

    def merge(self, name: str, other: str, why: str = "") -> tuple[str, str]:
        """Say that two incidents are one; return which one stays, and which becomes part of it."""
        one, two = self._stored_incident(name), self._stored_incident(other)
        muted = mutes(self.journal.actions(), self.now)
        if refused := why_not_merged(one, two, muted):
            raise UsageError(f"they are not merged: {refused}")
        kept, gone = first_opened(one, two)
        return self._write(ActionKind.MERGE, kept.id, value=gone.id, why=why), gone.id

    def split(self, name: str, reports: Sequence[str], why: str = "") -> str:
        """Say that reports are of another event than their incident, or one that was merged to it is."""
        incident = self._stored_incident(name)
        items = items_called(incident, reports)
        if refused := why_not_split(incident, self.journal.hits(incident.id), items):
            raise UsageError(f"nothing is split: {refused}")
        return self._write(ActionKind.SPLIT, incident.id, value="\n".join(dict.fromkeys(reports)), why=why)

    def hand_over(self, name: str, known: str) -> str:
        """Note that somebody was told what changed, and under a name what was known then."""
        self.journal.note(name, known)
        return self._write(ActionKind.HANDOVER, "desk")

    def set_level(self, subject: Subject, level: Level, why: str, until: datetime | None = None) -> str:
        """Override the level of a subject of the board, until a moment or until it is cleared."""
        return self._write(ActionKind.OVERRIDE, str(subject), value=level, why=_reason(why), until=until)

    def clear_level(self, name: str) -> str:
        """End an override, named by its subject, in full or in short."""
        held = overrides(self.journal.actions(), self.now)
        meant = [each for each in held if name in (each, each.partition(":")[2])]
        if len(meant) != 1:
            raise UsageError(
                f"{name!r} is not a level that is set by hand; these are: {', '.join(held) or 'none'}"
            )
        return self._write(ActionKind.OVERRIDE, meant[0])

    def _write(
        self, kind: ActionKind, target: str, *, value: str = "", why: str = "", until: datetime | None = None
    ) -> str:
        self.journal.add_action(
            action_of(kind, target, self.by.strip(), self.now, value=value, why=why.strip(), until=until)
        )
        return target

    def _incident(self, name: str) -> str:
        if incident := self._incident_called(name):
            return incident
        raise UsageError(f"no alert or incident has the id {name!r}; `watcher alerts list` shows them")

    def _incident_called(self, name: str) -> str:
        """Return the incident that an alert's or an incident's id stands for, or an empty string."""
        if alert := self.journal.alert(AlertId(name)):
            return alert.incident
        if incident := self.journal.incident(IncidentId(name)):
            return incident.id
        return name if self.journal.decisions(IncidentId(name)) else ""

    def _stored_incident(self, name: str) -> Incident:
        if incident := self.journal.incident(IncidentId(self._incident(name))):
            return incident
        raise UsageError(f"{name!r} is not about one incident")


def _reason(why: str) -> str:
    if not why.strip():
        raise UsageError("say why")
    return why
