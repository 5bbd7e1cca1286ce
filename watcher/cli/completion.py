"""The beginning of a word in, its completions for the shell out; none if nothing can be read."""

from contextlib import closing

from watcher import bootstrap
from watcher.alerting.review import mutes
from watcher.cli.common import settings_of
from watcher.clock import utc_now
from watcher.errors import WatcherError
from watcher.model.language import Category

_NEWEST = 30


def complete_indicator(incomplete: str) -> list[tuple[str, str]]:
    """Return the indicators of the list in use whose name begins so, each with its title."""
    try:
        listed = bootstrap.indicators_in_use(settings_of())
    except WatcherError:
        return []
    return [(each.id, each.title) for each in listed.indicators if each.id.startswith(incomplete)]


def complete_mutable(incomplete: str) -> list[tuple[str, str]]:
    """Return what can be muted: the newest alerts, the indicators, and the categories."""
    categories = [(name.value, "a category") for name in Category if name.startswith(incomplete)]
    return [*complete_indicator(incomplete), *categories, *complete_alert(incomplete)]


def complete_muted(incomplete: str) -> list[tuple[str, str]]:
    """Return what is muted now and begins so, each with the reason."""
    try:
        with closing(bootstrap.read_store(settings_of())) as store:
            muted = mutes(store.actions(), utc_now())
    except WatcherError:
        return []
    return [(target, action.why) for target, action in muted.items() if target.startswith(incomplete)]


def complete_channel(incomplete: str) -> list[str]:
    """Return the channels whose name begins so."""
    try:
        return [spec.id for spec in settings_of().channels if spec.id.startswith(incomplete)]
    except WatcherError:
        return []


def complete_alert(incomplete: str) -> list[tuple[str, str]]:
    """Return the ids of the newest alerts that begin so, each with its title."""
    try:
        with closing(bootstrap.read_store(settings_of())) as store:
            newest = store.alerts(limit=_NEWEST)
    except WatcherError:
        return []
    return [(alert.id, alert.title) for alert in newest if alert.id.startswith(incomplete)]
