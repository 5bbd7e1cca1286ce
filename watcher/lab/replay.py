"""Archived items and rules in, the alerts they would have made out, through the same line as live news.

Time is the archive's: items that were seen within five minutes are one poll, at the time of the last of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from watcher import bootstrap, pipeline
from watcher.model.alerts import Alert, Hit, IncidentId
from watcher.model.news import Item
from watcher.model.polling import Cycle
from watcher.ports import Channel, RoundStore, Store

POLL_LASTS = timedelta(minutes=5)
"""How long one poll of a replay lasts."""

ROUND_EVERY = timedelta(hours=1)
"""How often a replay looks at what time alone changes, when nothing hits."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALL = 1_000_000_000
_T = TypeVar("_T")


class ProgressBar(Protocol):
    """Passes things on and shows how far it has come; `size` says how far each thing brings it."""

    def __call__(
        self, things: Iterable[_T], doing: str, total: int | None = None, size: Callable[[_T], int] = ...
    ) -> Iterator[_T]:
        """Pass things on."""
        ...


def no_progress_bar(things: Iterable[_T], *_: object, **__: object) -> Iterator[_T]:
    """Pass things on and show nothing."""
    return iter(things)


@dataclass(slots=True)
class Tally:
    """What a replay came to. `known` counts the items that were there already and so brought nothing."""

    items: int = 0
    known: int = 0
    hits: int = 0
    alerts: int = 0
    incidents: set[IncidentId] = field(default_factory=set)


def replay(
    items: Iterable[Item], store: Store, channels: tuple[Channel, ...], rules: pipeline.Rules
) -> Iterator[tuple[int, Tally]]:
    """Play items, which come in order of `seen`; yield how many each poll brought, and the tally so far.

    What a replay that was killed had not delivered is delivered at the end. The board is not taken back to a
    time that it has seen.
    """
    tally, now, round_ended = Tally(), _EPOCH, _EPOCH
    sink = pipeline.Sink(store=store, channels=channels, clock=lambda: now)
    assessed = max((change.since for change in store.board()), default=_EPOCH)
    for _, polled in groupby(items, key=lambda item: (item.seen - _EPOCH) // POLL_LASTS):
        together = list(polled)
        now = together[-1].seen
        cycle = pipeline.run_step(partial(_polled, together, rules), sink)
        alerts = len(cycle.alerts)
        if cycle.hits or now - round_ended >= ROUND_EVERY:
            steps = pipeline.steps_for_news(rules, board=now > assessed)
            alerts += sum(len(each.alerts) for each in pipeline.end_round(steps, sink))
            round_ended = now
        if alerts:
            _deliver(sink)
        tally.items += len(together)
        tally.known += len(together) - len(cycle.items)
        tally.hits += len(cycle.hits)
        tally.alerts += alerts
        tally.incidents.update(incident.id for incident in cycle.incidents)
        yield len(together), tally
    if tally.items:
        _deliver(sink)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a replay without a data folder came to: hits and alerts, the oldest first."""

    hits: tuple[Hit, ...]
    alerts: tuple[Alert, ...]


def dry_run(items: Sequence[Item], rules: pipeline.Rules, bar: ProgressBar) -> DryRun:
    """Play items, which come in order of `seen`, into a database that is thrown away."""
    with (
        TemporaryDirectory(prefix="watcher-") as folder,
        closing(bootstrap.open_database(Path(folder, "dry-run.db"), durable=False)) as store,
    ):
        incidents: set[IncidentId] = set()
        steps = replay(items, store, (), rules)
        for _, tally in bar(steps, "playing", len(items), size=lambda step: step[0]):
            incidents = tally.incidents
        hits = (hit for incident in incidents for hit in store.hits(incident))
        in_order = sorted(hits, key=lambda hit: (hit.item.seen, hit.item.id, hit.indicator))
        return DryRun(tuple(in_order), tuple(reversed(store.alerts(limit=_ALL))))


def _polled(items: list[Item], rules: pipeline.Rules, store: RoundStore, now: datetime) -> Cycle:
    return pipeline.process(pipeline.new_items(items, store), rules, store, now)


def _deliver(sink: pipeline.Sink) -> None:
    for channel in sink.channels:
        pipeline.deliver(channel, sink.store, sink.clock)
