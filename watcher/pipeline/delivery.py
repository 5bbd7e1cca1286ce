"""A channel and its outbox in, alerts handed over out."""

from datetime import timedelta

from watcher.delivery import backoff, routing
from watcher.errors import DeliveryError
from watcher.model.alerts import DeliveryState
from watcher.model.routes import Route
from watcher.ports import Channel, Clock, Outbox

DELIVERY_LEASE = timedelta(minutes=5)
"""How long whoever tries a delivery holds it; then it is free again, should the holder have died."""

_BATCH = 50


def deliver(channel: Channel, store: Outbox, clock: Clock, route: Route | None = None) -> int:
    """Hand over what a channel is due, oldest first, until it refuses; return how many it took.

    What became due again in the channel's quiet hours waits for their end.
    """
    route = route or Route(channel=channel.id)
    taken = 0
    while batch := store.lease(channel.id, clock(), clock() + DELIVERY_LEASE, _BATCH):
        for delivery in batch:
            if rest := routing.end_of_quiet(route, delivery.alert, clock()):
                if not store.settle(backoff.postponed(delivery, rest), clock()):
                    return taken
                continue
            try:
                channel.send(delivery.alert)
            except DeliveryError as error:
                settled = backoff.failed(delivery, error, clock())
            # A bug that one alert brings out must not hold up its channel unseen; it is shown by name.
            except Exception as bug:  # noqa: BLE001
                internal = DeliveryError(f"internal: {type(bug).__name__}: {bug}")
                settled = backoff.failed(delivery, internal, clock())
            else:
                settled = backoff.delivered(delivery, clock())
            if not store.settle(settled, clock()) or settled.state is DeliveryState.PENDING:
                return taken  # another has taken it over, and those after it; or they wait behind it
            taken += settled.state is DeliveryState.DELIVERED
    return taken
