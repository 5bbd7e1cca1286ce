"""What was recorded under an indicator's old name in, the same under its new name out."""

from dataclasses import replace

from watcher.model.alerts import Alert, Incident
from watcher.model.board import LevelChange, Subject
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.review import Action


def renamed_incident(incident: Incident, old: IndicatorId, new: IndicatorId) -> Incident:
    """Return an incident by the new name of an indicator that hit in it, also as its leader or family."""
    return replace(
        incident,
        family=new if incident.family == old else incident.family,
        indicator=_of(incident.indicator, old, new),
        indicators=frozenset(_of(name, old, new) for name in incident.indicators),
    )


def renamed_alert(alert: Alert, old: IndicatorId, new: IndicatorId) -> Alert:
    """Return an alert by the new name of an indicator; a channel that still takes the old one is told."""
    names = tuple(sorted(_of(name, old, new) for name in alert.context.indicators))
    led = alert.indicator == old
    return replace(
        alert,
        indicator=new if led else alert.indicator,
        formerly=tuple(dict.fromkeys((*alert.formerly, old))) if led else alert.formerly,
        context=replace(alert.context, indicators=names),
    )


def renamed_level(change: LevelChange, old: IndicatorId, new: IndicatorId) -> LevelChange:
    """Return a line of the board's history by the new name of the indicator that it is about."""
    about = Subject(kind=SubjectKind.INDICATOR, name=old)
    return replace(change, subject=replace(about, name=new)) if change.subject == about else change


def renamed_action(action: Action, old: IndicatorId, new: IndicatorId) -> Action:
    """Return a mute or a level set by hand by the new name of the indicator that it is about."""
    targets = {str(old): str(new), f"{SubjectKind.INDICATOR}:{old}": f"{SubjectKind.INDICATOR}:{new}"}
    return replace(action, target=targets.get(action.target, action.target))


def _of(name: IndicatorId, old: IndicatorId, new: IndicatorId) -> IndicatorId:
    return new if name == old else name
