"""Changed incidents and what else is going on in, a decision about each out, and the alerts.

The gravest incident is judged first, because it may silence others and takes its share of the day's budget
before them. An incident is inhibited when every new item of it rather reports a graver incident that people
know of: the drill that a report of a launch mentions is part of that report. One that has a report of its own
speaks.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from watcher.alerting import facts
from watcher.alerting.build import alert_about
from watcher.alerting.decide import Circumstances, Policy, Reasoned, confidence_of, decide, policy_of, tell
from watcher.alerting.review import mute_of
from watcher.incidents.occurrence import features_of
from watcher.model.alerts import HELD, Alert, Decision, Held, Hit, Incident, IncidentId, Reason
from watcher.model.language import Calendar, CalendarId, Indicator, IndicatorId, Severity
from watcher.model.news import ItemId
from watcher.model.review import Action, TrackRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the decisions of one poll go by.

    `budget` is how many alerts of a severity a day may bring, `spent` how many it has brought. `muted` are
    the mutes that hold, by target. `late` says that the feed had not been seen for unusually long. `records`
    say how the indicators have done so far, `known` are the open incidents. `page` is the address of the page
    that people can open, if there is one.
    """

    now: datetime
    indicators: Mapping[IndicatorId, Indicator]
    budget: Mapping[Severity, int] = field(default_factory=dict)
    spent: Mapping[Severity, int] = field(default_factory=dict)
    muted: Mapping[str, Action] = field(default_factory=dict)
    records: Mapping[IndicatorId, TrackRecord] = field(default_factory=dict)
    calendars: Mapping[CalendarId, Calendar] = field(default_factory=dict)
    known: Sequence[Incident] = ()
    page: str = ""
    late: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An incident as it stands after its decision."""

    incident: Incident
    decision: Decision
    alert: Alert | None


def decide_all(
    incidents: Sequence[Incident], hits: Sequence[Hit], situation: Situation
) -> tuple[Decided, ...]:
    """Decide about every changed incident, the gravest first; `hits` are the new ones, each with its incident."""
    floor = _Floor(spent=Counter(situation.spent), standing={incident.id: incident for incident in incidents})
    for hit in hits:
        floor.by_item[hit.item.id].append(hit)
        floor.by_incident[hit.incident].append(hit)
    judged = []
    for incident in sorted(
        incidents, key=lambda incident: (-incident.severity, incident.opened, incident.id)
    ):
        one = _judge(incident, floor, situation)
        floor.standing[incident.id] = one.incident
        floor.spent[one.incident.severity] += one.alert is not None
        judged.append(one)
    return tuple(judged)


def alert_of(incident: Incident, hits: Sequence[Hit], reason: Reason, situation: Situation) -> Alert:
    """Return the alert that says, for a reason, what some hits add to an incident, with what is known beside it."""
    alert = alert_about(incident, hits, reason, situation.now, situation.indicators, late=situation.late)
    record = situation.records.get(incident.indicator)
    context = replace(
        alert.context,
        base_rate=facts.base_rate(record, situation.now),
        precision=facts.precision(record),
        calendar=facts.near_days(hits, situation.calendars, situation.now),
        against=facts.against(incident, situation.known, situation.indicators, situation.now),
        link=f"{situation.page}/incidents/{incident.id}" if situation.page else "",
    )
    return replace(alert, context=context)


@dataclass(frozen=True, slots=True)
class _Floor:
    """All that is before the bench: the new hits, the incidents as they stand by now, and the alerts of the day."""

    spent: Counter[Severity]
    standing: dict[IncidentId, Incident]
    by_item: defaultdict[ItemId, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    by_incident: defaultdict[IncidentId | None, list[Hit]] = field(default_factory=lambda: defaultdict(list))

    def graver(self, incident: Incident, own: Sequence[Hit]) -> Incident | None:
        """Return a graver incident, already told, that every one of these hits' items rather reports."""
        speaking = [self._speaks_for(incident, hit) for hit in own]
        return speaking[-1] if speaking and all(speaking) else None

    def _speaks_for(self, incident: Incident, hit: Hit) -> Incident | None:
        more_direct = [other.incident for other in self.by_item[hit.item.id] if other.score > hit.score]
        others = [self.standing[other] for other in more_direct if other in self.standing]
        return next((other for other in others if other.told and other.severity > incident.severity), None)


def _judge(incident: Incident, floor: _Floor, situation: Situation) -> Decided:
    own = floor.by_incident[incident.id]
    indicator = situation.indicators.get(incident.indicator)
    policy = policy_of(indicator) if indicator else Policy()
    incident = replace(incident, confidence=confidence_of(incident, policy))
    graver = floor.graver(incident, own)
    circumstances = Circumstances(
        fresh=any(hit.fresh and not hit.item.revision and not features_of(hit.item).retold for hit in own),
        muted=mute_of(incident, indicator, situation.muted),
        inhibited=f"{graver.indicator}: {graver.title} ({graver.id})" if graver else "",
        late=situation.late,
        budget=_overdrawn(incident.severity, situation, floor.spent),
    )
    reasoned = decide(incident, situation.now, policy, circumstances)
    if not reasoned.reason.speaks:
        return Decided(
            incident=_kept(incident, reasoned, situation.now),
            decision=_decision(incident, own, reasoned, situation.now),
            alert=None,
        )
    alert = alert_of(incident, own, reasoned.reason, situation)
    decision = replace(_decision(incident, own, reasoned, situation.now), alert=alert.id)
    return Decided(incident=tell(incident, situation.now), decision=decision, alert=alert)


def _overdrawn(severity: Severity, situation: Situation, spent: Mapping[Severity, int]) -> str:
    allowed = situation.budget.get(severity)
    if allowed is None or spent.get(severity, 0) < allowed:
        return ""
    return f"{allowed} alerts of severity {severity.word} a day are allowed, and today has had them"


def _kept(incident: Incident, reasoned: Reasoned, now: datetime) -> Incident:
    """Return the incident, waiting to be summed up if that is why nothing is said of it now."""
    if reasoned.reason not in HELD or incident.held:
        return incident
    return replace(incident, held=Held(reason=reasoned.reason, since=now, because=reasoned.because))


def _decision(incident: Incident, own: Sequence[Hit], reasoned: Reasoned, now: datetime) -> Decision:
    return Decision(
        incident=incident.id, at=now, reason=reasoned.reason, item=own[-1].item.id, because=reasoned.because
    )
