"""A channel and its outbox in, alerts handed over out."""

from datetime import timedelta

from watcher.delivery import backoff, routing
from watcher.errors import DeliveryError
from watcher.model.alerts import DeliveryState
from watcher.model.routes import Route
from watcher.ports import Channel, Clock, Outbox

LEASE = timedelta(minutes=5)
"""How long a delivery is held by whoever tries it; after that it is free again, should the holder have died."""

_BATCH = 50


def deliver(channel: Channel, store: Outbox, clock: Clock, route: Route | None = None) -> int:
    """Hand over what a channel is due, oldest first, until it is empty or the channel refuses; return how many were taken.

    What became due again in the channel's quiet hours waits for their end.
    """
    route = route or Route(channel=channel.id)
    taken = 0
    while batch := store.lease(channel.id, clock(), clock() + LEASE, _BATCH):
        for delivery in batch:
            if rest := routing.rest_of(route, delivery.alert, clock()):
                store.settle(backoff.after_rest(delivery, rest), clock())
                continue
            try:
                channel.send(delivery.alert)
            except DeliveryError as error:
                settled = backoff.after_failure(delivery, error, clock())
            except Exception as error:  # noqa: BLE001 - a bug that one alert brings out must not hold its channel unseen; it is shown by name
                settled = backoff.after_failure(
                    delivery, DeliveryError(f"internal: {type(error).__name__}: {error}"), clock()
                )
            else:
                settled = backoff.after_success(delivery, clock())
            store.settle(settled, clock())
            if settled.state is DeliveryState.PENDING:
                return taken
            taken += settled.state is DeliveryState.DELIVERED
    return taken
