"""An indicator of several incidents, or of silence, and the store in, its status in sentences out."""

from collections.abc import Iterator
from datetime import datetime

from watcher.incidents.kinds.patterns import HISTORY, firing_rule
from watcher.incidents.kinds.silence import ANYTHING, stretch_of
from watcher.model.language import Indicator, SilencePattern
from watcher.ports import History
from watcher.text.durations import in_words


def status_of(indicator: Indicator, store: History, now: datetime) -> Iterator[str]:
    """Yield the status of an indicator; nothing for one that reads single items."""
    if rule := firing_rule(indicator.pattern):
        yield from rule.status(store.firings(rule.rests_on, now - HISTORY), now)
    if isinstance(indicator.pattern, SilencePattern):
        stretch = stretch_of(store.days_heard(indicator.id), store.days_heard(ANYTHING), now.date())
        yield from stretch.in_words if stretch else ("not heard often enough yet to be missed",)
        longer = in_words(indicator.pattern.longer)
        yield f"asks for a gap longer than {longer} and than 99 of 100 gaps so far"
