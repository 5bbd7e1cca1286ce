"""Items and rules in, every hit and alert of the whole line out, through a store that is thrown away."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from watcher import bootstrap
from watcher.lab.replay import replay
from watcher.model.alerts import Alert, Hit, IncidentId
from watcher.model.news import Item
from watcher.model.settings import Settings
from watcher.pipeline import Rules

Thing = TypeVar("Thing")

_ALL = 1_000_000_000


class Watch(Protocol):
    """Passes things on and shows somebody how far it has come; `size` says how far each thing brings it."""

    def __call__(
        self,
        things: Iterable[Thing],
        doing: str,
        total: int | None = None,
        size: Callable[[Thing], int] = ...,
    ) -> Iterator[Thing]:
        """Pass things on."""
        ...


@dataclass(frozen=True, slots=True)
class Played:
    """What playing items came to: hits and alerts, the oldest first."""

    hits: tuple[Hit, ...]
    alerts: tuple[Alert, ...]


def unwatched(things: Iterable[Thing], *_: object, **__: object) -> Iterator[Thing]:
    """Pass things on; nobody looks."""
    return iter(things)


def play(items: Sequence[Item], rules: Rules, watch: Watch) -> Played:
    """Play items, which come in order of `seen`, through the line."""
    with TemporaryDirectory(prefix="watcher-") as folder:
        store = bootstrap.open_store(Settings(data=folder), durable=False)
        try:
            incidents: set[IncidentId] = set()
            for _, tally in watch(
                replay(items, store, (), rules), "playing", len(items), size=lambda step: step[0]
            ):
                incidents = tally.incidents
            hits = [hit for incident in incidents for hit in store.hits(incident)]
            in_order = sorted(hits, key=lambda hit: (hit.item.seen, hit.item.id, hit.indicator))
            return Played(tuple(in_order), tuple(reversed(store.alerts(limit=_ALL))))
        finally:
            store.close()
