"""A channel and its outbox in, alerts handed over out."""

from collections.abc import Sequence
from datetime import timedelta

from watcher.delivery import backoff, grouping, routing
from watcher.errors import DeliveryError
from watcher.model.alerts import ALERT_LOG, ChannelId, Delivery, DeliveryState
from watcher.model.routes import Route, heirs
from watcher.ports import Channel, Clock, Outbox, Store

DELIVERY_LEASE = timedelta(minutes=5)
"""How long whoever tries a delivery holds it; then it is free again, should the holder have died."""

_BATCH = 50
_FAILURES_IN_A_ROW = 5
"""After so many, the channel is taken to be down, and the rest of what it is due waits for the next call."""


def pass_on_from_all_but(channels: Sequence[ChannelId], store: Store) -> None:
    """Give what is pending for any other channel to those that take its place, or give it up."""
    for gone in store.delivery_counts().keys() - channels:
        store.pass_on(gone, heirs(gone, channels))
    store.abandon(channels, "the channel is no longer configured")


def deliver(channel: Channel, store: Outbox, clock: Clock, route: Route | None = None) -> int:
    """Hand over what a channel is due, oldest first; return how many alerts it took.

    Alerts about one item or incident are one message; their deliveries end together. One that fails steps
    aside for those after it, until several in a row have failed. When one that had failed is taken, or any
    by the alert log, the others that failed are due at once. What became due again in the channel's quiet
    hours waits for their end.
    """
    route = route or Route(channel=channel.id)
    taken = failures = 0
    while batch := store.lease(channel.id, clock(), clock() + DELIVERY_LEASE, _BATCH):
        told = store.told(channel.id, grouping.since(batch))
        for message in grouping.messages(batch, told):
            ended = _handed_over(message, channel, clock, route)
            if not store.settle(ended[0], clock(), *ended[1:]):
                return taken  # another has taken it over, and those after it
            if ended[0].state is DeliveryState.DELIVERED and not message.told_with:
                failures = 0
                if message.deliveries[0].error or (channel.id == ALERT_LOG and not taken):
                    store.hasten(channel.id, clock())
            failures += bool(ended[0].error)
            taken += sum(each.state is DeliveryState.DELIVERED for each in ended)
            if failures == _FAILURES_IN_A_ROW:
                store.let_go(batch[0])
                return taken
    return taken


def _handed_over(
    message: grouping.Message, channel: Channel, clock: Clock, route: Route
) -> Sequence[Delivery]:
    """Send a message, if it is to be sent now; return how its deliveries end."""
    first, *others = message.deliveries
    if message.told_with:
        return [backoff.delivered(each, clock(), message.told_with) for each in message.deliveries]
    now = clock()
    # a minute that ends later than in a minute is one of a clock that was set back since
    no_wait = message.not_before is None or message.not_before - now > grouping.MINUTE
    times = (routing.end_of_quiet(route, first.alert, now), None if no_wait else message.not_before)
    if later := [each for each in times if each and each > now]:
        return [backoff.postponed(each, max(later)) for each in message.deliveries]
    try:
        channel.send(first.alert, message.also)
    except DeliveryError as error:
        failure = error
    # A bug that one alert brings out must not hold up its channel unseen; it is shown by name.
    except Exception as bug:  # noqa: BLE001
        failure = DeliveryError(f"internal: {type(bug).__name__}: {bug}")
    else:
        told_with = [backoff.delivered(each, clock(), first.alert.id) for each in others]
        return [backoff.delivered(first, clock()), *told_with]
    return backoff.failed_together(first, others, failure, clock())
