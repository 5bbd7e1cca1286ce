"""What reviewers do in, what follows from it out: what is muted, answered or judged, which levels are set."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from watcher.errors import UsageError
from watcher.model.alerts import Alert, AlertId, Incident, Kind, Level
from watcher.model.language import Category, Indicator, IndicatorId
from watcher.model.review import Action, ActionKind, Review
from watcher.text.suggest import did_you_mean

_ANSWERS = frozenset({ActionKind.ACKNOWLEDGE, ActionKind.VERDICT, ActionKind.MUTE})
_LEVELS = frozenset(level.value for level in Level)


def action_of(
    kind: ActionKind,
    target: str,
    by: str,
    now: datetime,
    *,
    value: str = "",
    why: str = "",
    until: datetime | None = None,
) -> Action:
    """Return what a reviewer did as one entry of the journal."""
    said = why if kind is ActionKind.NOTE else value
    content = f"{now.isoformat()}\n{by}\n{kind}\n{target}\n{said}".encode(errors="replace")
    name = sha256(content).hexdigest()[:20]
    return Action(id=name, at=now, by=by, kind=kind, target=target, value=value, why=why, until=until)


def mute_target(name: str, alert: Alert | None, incident: str, indicators: Iterable[IndicatorId]) -> str:
    """Return the incident, the indicator or the category that a mute of a name is about.

    `alert` is the alert with that id, `incident` the incident that it belongs to or that has the id itself.

    Raises:
        UsageError: nothing has that name, or it may not be muted: alerts about the watcher itself never are.
    """
    if alert and alert.kind is not Kind.INCIDENT:
        raise UsageError(
            f"{name} is not about the news and cannot be muted; solve the problem that it reports"
        )
    known = [*Category, *indicators]
    if not incident and name not in known:
        raise UsageError(
            f"no alert, incident, indicator or category is called {name!r}{did_you_mean(name, known)}"
        )
    return incident or name


def mutes(actions: Iterable[Action], now: datetime) -> Mapping[str, Action]:
    """Return the mutes that hold, by target: the last word about each."""
    found = _last_words(actions, {ActionKind.MUTE, ActionKind.UNMUTE}, now)
    return {target: action for target, action in found.items() if action.kind is ActionKind.MUTE}


def muted_names(muted: Mapping[str, Action], indicators: Iterable[Indicator]) -> frozenset[str]:
    """Return the targets of mutes, and the indicators of each category among them."""
    return frozenset(muted) | {each.id for each in indicators if each.category.value in muted}


def mute_of(incident: Incident, indicator: Indicator | None, muted: Mapping[str, Action]) -> str:
    """Return who muted an incident, its indicator or its category, until when and why; empty if nobody."""
    targets = dict.fromkeys((incident.id, incident.indicator, *([indicator.category] if indicator else [])))
    found = [muted[target] for target in targets if target in muted]
    return "; ".join(f"{action.target}{_until(action)} by {action.by}: {action.why}" for action in found)


def answered(alert: Alert, actions: Iterable[Action]) -> bool:
    """Say whether somebody has acknowledged, reviewed or muted an alert's incident since the alert."""
    since = (action for action in actions if action.at >= alert.at and action.kind in _ANSWERS)
    return any(action.target in (alert.incident, alert.indicator, alert.category) for action in since)


def reviews(alerts: Iterable[Alert], actions: Sequence[Action], now: datetime) -> Mapping[AlertId, Review]:
    """Return what reviewers have said of each alert.

    An acknowledgement is about the alerts before it, a verdict about all of the incident. A mute counts while
    it lasts.
    """
    said, muted = _said(actions), mutes(actions, now)
    found = {}
    for alert in alerts:
        targets = (alert.incident, alert.indicator, alert.category)
        review = _review(targets if alert.kind is Kind.INCIDENT else targets[:1], said, muted)
        before = review.acknowledgement and review.acknowledgement.at < alert.at
        found[alert.id] = replace(review, acknowledgement=None) if before else review
    return found


def review_of(targets: Sequence[str], actions: Sequence[Action], now: datetime) -> Review:
    """Return what reviewers have said of an incident or an item, the first of `targets`.

    The others are what a mute may be about instead: its indicator and its category.
    """
    return _review(targets, _said(actions), mutes(actions, now))


def _said(actions: Iterable[Action]) -> Mapping[tuple[ActionKind, str], Action]:
    """Return the last action of each kind about each target."""
    return {(action.kind, action.target): action for action in actions}


def _review(
    targets: Sequence[str], said: Mapping[tuple[ActionKind, str], Action], muted: Mapping[str, Action]
) -> Review:
    return Review(
        acknowledgement=said.get((ActionKind.ACKNOWLEDGE, targets[0])),
        verdict=said.get((ActionKind.VERDICT, targets[0])),
        mute=next((muted[target] for target in targets if target in muted), None),
    )


def review_lines(review: Review) -> tuple[str, ...]:
    """Return a line for each thing that reviewers have said: what, who, when and why."""
    said = []
    if action := review.acknowledgement:
        said.append(f"acknowledged {_by_whom(action)}")
    if action := review.verdict:
        said.append(f"verdict {action.value} {_by_whom(action)}")
    if action := review.mute:
        said.append(f"muted ({action.target}{_until(action)}) {_by_whom(action)}")
    return tuple(said)


def review_dict(review: Review) -> dict[str, object]:
    """Return the JSON form: the states, and who said what, when and why."""
    actions = {
        "acknowledgement": review.acknowledgement,
        "verdict": review.verdict,
        "mute": review.mute,
    }
    return {"states": [state.value for state in review.states]} | {
        name: {"by": action.by, "at": action.at, "note": action.why}
        | ({"verdict": action.value} if action.kind is ActionKind.VERDICT else {})
        | ({"target": action.target, "until": action.until} if action.kind is ActionKind.MUTE else {})
        for name, action in actions.items()
        if action
    }


def overrides(actions: Iterable[Action], now: datetime) -> Mapping[str, Action]:
    """Return the levels of the board that are set by hand, by target; one without a level lifts it."""
    found = _last_words(actions, {ActionKind.OVERRIDE}, now)
    return {target: action for target, action in found.items() if action.value in _LEVELS}


def set_by(action: Action) -> str:
    """Return who set a level, until when and why."""
    return f"set by {action.by}{_until(action)}: {action.why}"


def _last_words(
    actions: Iterable[Action], kinds: Collection[ActionKind], now: datetime
) -> Mapping[str, Action]:
    """Return the last action of some kinds about each target, unless it has ended."""
    last = {action.target: action for action in actions if action.kind in kinds and action.at <= now}
    return {target: action for target, action in last.items() if action.until is None or now < action.until}


def _by_whom(action: Action) -> str:
    note = f": {action.why}" if action.why else ""
    return f"by {action.by} at {action.at:%Y-%m-%d %H:%MZ}{note}"


def _until(action: Action) -> str:
    return f" until {action.until:%Y-%m-%d %H:%MZ}" if action.until else ""
