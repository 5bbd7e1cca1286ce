"""The beginning of a word in, how the shell may complete it out; where nothing can be read there is nothing to offer."""

from contextlib import closing

from watcher.cli.options import settings_of

_NEWEST = 30


def channels(incomplete: str) -> list[str]:
    """Return the channels whose name begins so."""
    from watcher.errors import WatcherError

    try:
        names = [spec.id for spec in settings_of().channels]
    except WatcherError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def alerts(incomplete: str) -> list[tuple[str, str]]:
    """Return the ids of the newest alerts that begin so, each with its title."""
    from watcher import bootstrap
    from watcher.errors import WatcherError

    try:
        with closing(bootstrap.read_store(settings_of())) as store:
            newest = store.alerts(limit=_NEWEST)
    except WatcherError:
        return []
    return [(alert.id, alert.title) for alert in newest if alert.id.startswith(incomplete)]
