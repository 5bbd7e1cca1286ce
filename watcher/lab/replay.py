"""Archived items and rules in, the alerts they would have made out, through the same line as live news.

Time is the archive's: items that were seen within five minutes are one poll, at the time of the last of them.
What nothing is found in is recorded with that of later polls, but before anybody could miss it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from watcher import bootstrap, pipeline
from watcher.lab.progress import ProgressBar
from watcher.lab.waiting import Waiting
from watcher.model.alerts import Alert, Hit, IncidentId
from watcher.model.news import Item
from watcher.ports import Channel, Store

POLL_LASTS = timedelta(minutes=5)
"""How long one poll of a replay lasts."""

A_BATCH = 2000
"""How many items are recorded together at most, and a poll more."""

ROUND_EVERY = timedelta(hours=1)
"""How often a replay looks at what time alone changes, when nothing hits."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALL = 1_000_000_000


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
    for polls in _batches(items):
        waiting = Waiting(chain.from_iterable(polls), sink, rules)
        for together in polls:
            now = together[-1].seen
            new, cycle = waiting.play(together)
            alerts = len(cycle.alerts)
            if cycle.hits or now - round_ended >= ROUND_EVERY:
                if _day(now) != _day(round_ended):
                    waiting.record()  # for silences are counted in days with news
                steps = pipeline.steps_for_news(rules, board=now > assessed)
                alerts += sum(len(each.alerts) for each in pipeline.end_round(steps, sink))
                round_ended = now
            if alerts:
                _deliver(sink)
            tally.items += len(together)
            tally.known += len(together) - new
            tally.hits += len(cycle.hits)
            tally.alerts += alerts
            tally.incidents.update(incident.id for incident in cycle.incidents)
            yield len(together), tally
        waiting.record()
    if tally.items:
        _deliver(sink)


def _batches(items: Iterable[Item]) -> Iterator[list[list[Item]]]:
    """Yield polls, some at a time."""
    batch = list[list[Item]]()
    for _, polled in groupby(items, key=lambda item: (item.seen - _EPOCH) // POLL_LASTS):
        batch.append(list(polled))
        if sum(map(len, batch)) >= A_BATCH:
            yield batch
            batch = []
    yield batch


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


def _deliver(sink: pipeline.Sink) -> None:
    for channel in sink.channels:
        pipeline.deliver(channel, sink.store, sink.clock)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
