"""What the store knows of feeds and their hubs in, requests to the hubs out: subscriptions and renewals.

What a hub then does is up to it: it asks whether we meant it, and calls when there is news. Both are answered
by `watcher.web.websub`, in another process, by way of the store. Whatever goes wrong here is a line in the
log, for the feeds are polled all the same.
"""

import logging
from collections.abc import Iterator, Sequence
from secrets import token_urlsafe
from threading import Thread
from urllib.parse import urlencode

from watcher.errors import FetchError
from watcher.model.news import Feed, FeedId, Hub
from watcher.model.polling import Cycle, Request
from watcher.model.subscription import Subscription
from watcher.polling.hubs import HUB_LEASE, HubAction, hub_of, next_action, requested_again
from watcher.ports import Clock, Fetcher, Store


class Subscriber:
    """Asks hubs, in a thread of its own.

    `callbacks` is what the addresses begin with that hubs call us at.
    """

    def __init__(self, callbacks: str, store: Store, fetcher: Fetcher, clock: Clock) -> None:
        self._callbacks, self._store, self._fetcher, self._clock = callbacks, store, fetcher, clock
        self._thread: Thread | None = None
        self._log = logging.getLogger("watcher.service")

    def look(self) -> Iterator[Cycle]:
        """Ask the hubs that are to be asked now; there is never anything to tell.

        Raises:
            StoreError: the database cannot be used; nothing is asked that is not written down.
        """
        if not (self._thread and self._thread.is_alive()) and (to_ask := self._write_down()):
            self._thread = Thread(target=self._ask, args=(to_ask,), name="websub", daemon=True)
            self._thread.start()
        yield from ()

    def _write_down(self) -> Sequence[Subscription]:
        """Write down what is asked for next, before the hub could answer; return it."""
        now, known = self._clock(), {each.feed: each for each in self._store.subscriptions()}
        to_ask: list[Subscription] = []
        for state in self._store.states().values():
            hub, subscription = hub_of(state, now), known.get(state.feed)
            action = next_action(hub, subscription, self._callbacks, now)
            if action is HubAction.FORGET:
                self._store.unsubscribe(state.feed)
            elif action is HubAction.SUBSCRIBE:
                to_ask.append(self._new(state.feed, hub))
            elif action is HubAction.RENEW and subscription:
                to_ask.append(requested_again(subscription, now))
        for each in to_ask:
            self._store.subscribe(each)
        return to_ask

    def _new(self, feed: FeedId, hub: Hub) -> Subscription:
        return Subscription(
            feed=feed,
            hub=hub,
            callback=f"{self._callbacks}{token_urlsafe(32)}",
            secret=token_urlsafe(32),
            asked=self._clock(),
        )

    def _ask(self, subscriptions: Sequence[Subscription]) -> None:
        tries = {each.feed: each.tries for each in subscriptions}
        for feed, answer in self._fetcher.fetch([_request(each) for each in subscriptions]):
            if isinstance(answer, FetchError) and not _is_taken(answer):
                self._log.warning(
                    "hub_refused", extra={"feed": feed.id, "error": str(answer), "tries": tries[feed.id]}
                )
            else:
                self._log.info("hub_asked", extra={"feed": feed.id, "tries": tries[feed.id]})


def _request(subscription: Subscription) -> Request:
    """Return the request to a hub.

    What is allowed to the feed is not to its hub: the feed names it, not the operator.
    """
    form = {
        "hub.mode": "subscribe",
        "hub.callback": subscription.callback,
        "hub.topic": subscription.hub.topic,
        "hub.secret": subscription.secret,
        "hub.lease_seconds": int(HUB_LEASE.total_seconds()),
    }
    hub = Feed(id=subscription.feed, url=subscription.hub.url, owner="hub")
    return Request(feed=hub, form=urlencode(form))


def _is_taken(error: FetchError) -> bool:
    """Say whether the answer only was none that a feed gives: a hub says 202 and nothing else."""
    return error.status is not None and 200 <= error.status < 300
