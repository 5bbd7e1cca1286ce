"""The beginning of a word in, its completions for the shell out; none if nothing can be read."""

from contextlib import closing

from watcher import bootstrap
from watcher.cli.common import settings_of
from watcher.errors import WatcherError

_NEWEST = 30


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
