"""A channel and its outbox in, due alerts delivered: in its own thread, so a dead channel delays no other."""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Thread

from watcher.errors import StoreError
from watcher.model.alerts import Alert
from watcher.model.routes import Route
from watcher.pipeline import deliver
from watcher.ports import Channel, Clock, Store

_LOOK_EVERY = 5.0
"""Seconds after which a courier looks by itself while something waits: for another try, or for its hour."""


class Courier:
    """Delivers one channel's outbox whenever it is woken, and now and then by itself."""

    def __init__(
        self,
        channel: Channel,
        store: Store,
        clock: Clock,
        route: Route | None = None,
        sign: Callable[[], None] = lambda: None,
        may: Callable[[], bool] = lambda: True,
        rest: float = _LOOK_EVERY,
    ) -> None:
        """Take a channel and its outbox; `sign` is called whenever the courier got on.

        `may` says whether it delivers now: of several nodes, one at a time may write the alert log. `rest` is
        after how many seconds it looks by itself when nothing waits.
        """
        self._may, self._rest = may, rest
        self._channel, self._store, self._clock, self._route, self._sign = (
            _Watched(channel, sign),
            store,
            clock,
            route,
            sign,
        )
        self._woken, self._stopped = Event(), Event()
        self._thread = Thread(target=self._run, name=f"courier-{channel.id}", daemon=True)
        self._log = logging.getLogger("watcher.service")

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to deliver."""
        self._woken.set()

    def stop(self, patience: float) -> None:
        """Let the delivery under way end, at most `patience` seconds.

        What is not settled is tried again at the next start.
        """
        self._stopped.set()
        self._woken.set()
        self._thread.join(patience)

    def _run(self) -> None:
        while not self._stopped.is_set():
            rest = _LOOK_EVERY
            try:
                if self._may() and (taken := self._deliver()):
                    self._log.info("delivered", extra={"channel": self._channel.id, "alerts": taken})
                if all(first.channel != self._channel.id for first in self._store.first_waiting()):
                    rest = self._rest
            except StoreError as error:
                self._log.error("outbox_unusable", extra={"channel": self._channel.id, "error": str(error)})
            except Exception:  # noqa: BLE001 - a bug in one channel must not end its deliveries for good; it is logged whole
                self._log.exception("courier_stumbled", extra={"channel": self._channel.id})
            self._sign()
            self._woken.wait(rest)
            self._woken.clear()

    def _deliver(self) -> int:
        return deliver(self._channel, self._store, self._clock, self._route)


class _Watched:
    """A channel that reports each attempt: a sign of life always, and a line in the log for a failure."""

    def __init__(self, channel: Channel, sign: Callable[[], None]) -> None:
        self.id, self._channel, self._sign = channel.id, channel, sign
        self._log = logging.getLogger("watcher.service")

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Hand over an alert, and those told with it."""
        try:
            self._channel.send(alert, also)
        except Exception as error:
            self._log.warning(
                "delivery_failed", extra={"channel": self.id, "alert": alert.id, "error": str(error)}
            )
            raise
        finally:
            self._sign()
