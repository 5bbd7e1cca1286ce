"""What reviewers did in, what follows from it out: what is muted."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from watcher.model.alerts import Incident
from watcher.model.language import Indicator
from watcher.model.review import Action, Deed


def mute_of(incident: Incident, indicator: Indicator | None, actions: Sequence[Action], now: datetime) -> str:
    """Return who muted an incident, its indicator or its category, until when and why; an empty string when nobody did."""
    targets = {incident.id, incident.indicator, *([indicator.category] if indicator else [])}
    muted = {action.target: action for action in _in_force(actions, now) if action.target in targets}
    return "; ".join(f"{action.target}{_until(action)} by {action.by}: {action.why}" for action in muted.values())


def _in_force(actions: Iterable[Action], now: datetime) -> list[Action]:
    """Return the mutes that hold: the last word about each target."""
    last: dict[str, Action] = {}
    for action in actions:
        if action.deed in (Deed.MUTE, Deed.UNMUTE) and action.at <= now:
            last[action.target] = action
    return [action for action in last.values() if action.deed is Deed.MUTE and (action.until is None or now < action.until)]


def _until(action: Action) -> str:
    return f" until {action.until:%Y-%m-%d %H:%MZ}" if action.until else ""
