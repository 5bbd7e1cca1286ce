"""What is known of feeds: how they are doing, what they have brought, and what their hubs were asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from watcher.model.news import FeedId, ItemKeys, KnownItem
from watcher.model.polling import FeedState, Poll
from watcher.model.subscription import Subscription
from watcher.ports import Feeds, Hubs
from watcher.store import forgotten, rows
from watcher.store.connection import Connected
from watcher.store.engine import Engine
from watcher.store.kept import KeptStates
from watcher.store.values import stamp, storable, to_json

# Three lookups by index; UNION drops an item that is found by more than one key.
_KNOWN = " UNION ".join(
    f"""SELECT {rows.KNOWN.columns} FROM items
    WHERE feed = :feed AND key_{key} IN (SELECT value FROM json_each(:{key}))"""  # noqa: S608  our own words only
    for key in ("guid", "link", "title")
)
_LATEST_POLLS = """
    SELECT polls.* FROM (SELECT feed, max(at) AS at FROM polls GROUP BY feed) AS latest
    JOIN polls ON polls.feed = latest.feed AND polls.at = latest.at
"""
_SUBSCRIBE = rows.SUBSCRIPTION.upsert("feed")


class FeedTables(Connected, Feeds, Hubs):
    """How feeds are doing, and what hubs were asked for."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._states = KeptStates(engine.seen)

    def states(self, feeds: Sequence[FeedId] | None = None) -> Mapping[FeedId, FeedState]:
        with self._reading() as connection:
            if feeds is None:
                return self._states.all(connection)
            return self._states.some(connection, [FeedId(storable(feed)) for feed in feeds])

    def changed_states(self, since: int) -> tuple[int, Mapping[FeedId, FeedState]]:
        with self._reading() as connection:
            return self._states.changed(connection, since)

    def state(self, feed: FeedId) -> FeedState | None:
        with self._reading() as connection:
            return self._states.one(connection, FeedId(storable(feed)))

    def known(self, feed: FeedId, keys: Sequence[ItemKeys]) -> Sequence[KnownItem]:
        wanted = {
            "feed": storable(feed),
            "guid": _listed(key.guid for key in keys),
            "link": _listed(key.link for key in keys),
            "title": _listed(key.title for key in keys),
        }
        with self._reading() as connection:
            stored = [rows.KNOWN.value(row) for row in connection.execute(_KNOWN, wanted)]
            return [*stored, *forgotten.find(connection, feed, keys)]

    def polls(self, feed: FeedId, *, limit: int = 20) -> Sequence[Poll]:
        asked = "SELECT * FROM polls WHERE feed = ? ORDER BY at DESC LIMIT ?"
        return [rows.POLL.value(row) for row in self._rows(asked, (storable(feed), limit))]

    def latest_polls(self) -> Mapping[FeedId, Poll]:
        found = map(rows.POLL.value, self._rows(_LATEST_POLLS))
        return {poll.feed: poll for poll in found}

    def subscriptions(self) -> Sequence[Subscription]:
        found = self._rows("SELECT * FROM subscriptions ORDER BY feed")
        return [rows.SUBSCRIPTION.value(row) for row in found]

    def subscribe(self, subscription: Subscription) -> None:
        self._write(_SUBSCRIBE, rows.SUBSCRIPTION.row(subscription))

    def unsubscribe(self, feed: FeedId) -> None:
        self._write("DELETE FROM subscriptions WHERE feed = ?", (storable(feed),))

    def poll_soon(self, feed: FeedId, at: datetime) -> None:
        with self._reading():  # so that nobody asks in between
            self._write("UPDATE feeds SET called = ? WHERE feed = ?", (stamp(at), storable(feed)))
            self._states.look_again()


def _listed(keys: Iterable[str]) -> str:
    return to_json(frozenset(filter(None, keys)))
