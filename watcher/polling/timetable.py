"""Feeds and what changes of their states in, who is due and when the next is out, without looking at all.

The times stand in a heap. A time that has changed stays in it until it comes, and is passed over then.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from heapq import heappop, heappush

from watcher.model.news import Feed, FeedId
from watcher.model.polling import FeedState
from watcher.polling.cadence import due_at, is_due

_NEVER = datetime.min.replace(tzinfo=UTC)


class Timetable:
    """When each feed of a list is due, by the states that it was told of."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._feeds = {feed.id: feed for feed in feeds}
        self._places = {feed: place for place, feed in enumerate(self._feeds)}
        self._unpolled = dict.fromkeys(self._feeds)
        self._states: dict[FeedId, FeedState] = {}
        self._times: list[tuple[datetime, FeedId]] = []
        self._last_poll = _NEVER

    def learn(self, states: Mapping[FeedId, FeedState]) -> None:
        """Take in states that are new or have changed."""
        for feed, state in states.items():
            if feed in self._feeds:
                self._unpolled.pop(feed, None)
                self._states[feed] = state
                self._last_poll = max(self._last_poll, state.last_poll or _NEVER)
                heappush(self._times, (due_at(state), feed))

    def due(self, now: datetime) -> list[Feed]:
        """Return the feeds to poll now, in the order of the list."""
        if now < self._last_poll:
            return self._due_by_a_clock_set_back(now)
        due = set(self._unpolled)
        while (first := self.first_due()) is not None and first <= now:
            due.add(heappop(self._times)[1])
        for feed in due & self._states.keys():  # until it is polled, it stays due
            heappush(self._times, (due_at(self._states[feed]), feed))
        return [self._feeds[feed] for feed in sorted(due, key=self._places.__getitem__)]

    def first_due(self) -> datetime | None:
        """Return when the first feed is due of those that were polled."""
        while self._times and due_at(self._states[self._times[0][1]]) != self._times[0][0]:
            heappop(self._times)
        return self._times[0][0] if self._times else None

    def _due_by_a_clock_set_back(self, now: datetime) -> list[Feed]:
        """Look at all: whoever was polled after now is due as well."""
        polled = (state.last_poll for state in self._states.values())
        self._last_poll = max(filter(None, polled), default=_NEVER)
        return [feed for name, feed in self._feeds.items() if is_due(self._states.get(name), now)]
