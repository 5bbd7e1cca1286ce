"""The names of a list in, the store by these names out, and what still goes by a name that nothing has."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from watcher.alerting.review import mutes, overrides
from watcher.model.alerts import ChannelId, IncidentId
from watcher.model.board import subject_of
from watcher.model.language import Category, IndicatorList, SubjectKind
from watcher.model.review import Action
from watcher.model.routes import LEADING_OTHERS, Route
from watcher.ports import RoundStore, Store

NAMES = "indicators"
"""Under this the store remembers which names indicators have and had."""

_RENAMED = "renamed "


def take_names(listed: IndicatorList, store: Store) -> None:
    """Let everything recorded go by the names of a list: what an indicator was called before is renamed once.

    Raises:
        StoreError: it cannot be written.
    """
    for indicator in listed.indicators:
        for old in indicator.was:
            if store.noted(f"{_RENAMED}{old}") != indicator.id:
                # first: who is killed before the end renames again, whichever way the list goes then
                store.note(f"{_RENAMED}{indicator.id}", "")
                store.rename(old, indicator.id)
                store.note(f"{_RENAMED}{old}", indicator.id)
    if store.noted(NAMES) != (known := " ".join(sorted(former_and_present(listed)))):
        store.note(NAMES, known)


def former_and_present(listed: IndicatorList) -> frozenset[str]:
    """Return the names that the indicators of a list have and had."""
    return frozenset(name for each in listed.indicators for name in (each.id, *each.was))


def names_of_nothing(routes: Mapping[ChannelId, Route], store: RoundStore, now: datetime) -> tuple[str, ...]:
    """Return a sentence for each channel, mute and level that goes by a name which no indicator has or had.

    The names are those of the list that was last in use; before there was one, nothing is said.
    """
    names = store.noted(NAMES).split()
    if not names:
        return ()
    actions = store.actions_in_force(now)
    incidents = {target for target in mutes(actions, now) if not mute_of_nothing(target, store)}
    return (*unmatched_routes(routes, names), *unmatched_actions(actions, {*names, *incidents}, now))


def mute_of_nothing(target: str, store: RoundStore) -> str:
    """Return that a mute has no effect, or an empty string; its target may be an incident."""
    names = store.noted(NAMES).split()
    known = not names or target in names or target in {*Category} or store.hits(IncidentId(target))
    return "" if known else "it has no effect: no indicator has that name"


def unmatched_routes(routes: Mapping[ChannelId, Route], names: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each channel that takes alerts of indicators that no list has."""
    known = {*names, *LEADING_OTHERS}
    unknown = {channel: route.indicators - known for channel, route in routes.items()}
    return tuple(
        f"channel {channel} takes alerts of {', '.join(sorted(missing))}, and no indicator has that name: "
        f"correct `indicators` in [channels.{channel}], or write `was: {min(missing)}` at the indicator that "
        "has a new name"
        for channel, missing in unknown.items()
        if missing
    )


def unmatched_actions(actions: Iterable[Action], known: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Return a sentence for each mute, and each level set by hand, of what is not among the known names."""
    actions, known = tuple(actions), {*known, *Category}
    levels = ((target, subject_of(target)) for target in overrides(actions, now))
    unknown = [
        *(("mute of", target) for target in mutes(actions, now) if target not in known),
        *(
            ("level set for", target)
            for target, subject in levels
            if subject and subject.kind is SubjectKind.INDICATOR and subject.name not in known
        ),
    ]
    return tuple(
        f"the {what} {target} has no effect: no indicator has that name; if it has a new name, write "
        f"`was: {target.rpartition(':')[2]}` at it"
        for what, target in unknown
    )
