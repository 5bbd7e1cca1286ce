"""The store and the time in, the health of the service out: for `status`, the probes and the monitoring."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher import bootstrap
from watcher.collection.vitals import NO_FEED_REACHED, none_reached
from watcher.errors import ConfigError, Mistake
from watcher.model.alerts import ALERT_LOG, ChannelId, Delivery, Reason
from watcher.model.news import Feed, FeedId
from watcher.model.polling import FeedState
from watcher.model.routes import Route
from watcher.model.settings import Settings
from watcher.nodes.leasing import Pace
from watcher.nodes.living import ALONE, Fleet, NodeLine, fleet_of
from watcher.pipeline.naming import names_of_nothing
from watcher.polling.cadence import FAILING_AFTER, due_at
from watcher.ports import Database, Fleets, RoundStore
from watcher.service.lock import holder_of
from watcher.text.numbers import counted

CANARY_NOTE = "canary"
"""Under this is noted when the daily try of the whole line last arrived."""

STUCK_AFTER = 3
"""Tries that fail before a channel counts as a problem; it is tried on for a week.

The alert log is a problem at once.
"""

_GONE = "the service that ran here has ended; start `watcher run` again"

TICK_PATIENCE = timedelta(minutes=30)
"""For who polls now and then."""

SERVICE_PATIENCE = timedelta(minutes=5)
"""For a service, which ends a round every 15 seconds, and after minutes when many feeds hang."""

_VITALS = (Reason.DISK_LOW, Reason.LAGGING, Reason.CANARY_LOST)

_ALIKE = 3
"""So many feeds that fail for one cause are one line for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the service is doing.

    `problems` are sentences that say what is wrong and what to do; none of them means healthy.

    `in_short` says the same, with one sentence for many feeds that fail for one cause; these are `alike`.
    `canary` is when the daily try of the whole line last arrived.
    """

    feeds: tuple[tuple[Feed, FeedState | None], ...]
    outbox: Mapping[ChannelId, Mapping[str, int]]
    last_tick: datetime | None
    process: int | None
    problems: tuple[str, ...]
    in_short: tuple[str, ...] = ()
    alike: frozenset[FeedId] = frozenset()
    canary: datetime | None = None
    fleet: Fleet = ALONE

    @property
    def healthy(self) -> bool:
        """Whether nothing needs a person."""
        return not self.problems

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "healthy": self.healthy,
            "running": self.process is not None,
            "process": self.process,
            "last_tick": self.last_tick,
            "canary": self.canary,
            "feeds": [_feed_dict(feed, state) for feed, state in self.feeds],
            "nodes": [_node_dict(line) for line in self.fleet.nodes],
            "late": self.fleet.late.total_seconds(),
            "outbox": self.outbox,
            "problems": self.problems,
        }


def health_here(settings: Settings, store: Database, now: datetime) -> Health:
    """Return the health of the service of a data folder, by the listed feeds and the holder of the folder.

    A list that is wrong is one of its problems: the service goes on with the last good one.
    """
    feeds: Sequence[Feed] = ()
    mistakes: Sequence[Mistake] = ()
    try:
        feeds = bootstrap.feeds_in_use(settings)
        bootstrap.indicators_file(settings)
    except ConfigError as error:
        mistakes = error.mistakes
    return health_on(settings, store, feeds, now, mistakes)


def health_on(
    settings: Settings, store: Database, feeds: Sequence[Feed], now: datetime, mistakes: Sequence[Mistake]
) -> Health:
    """Return the health of the service of a data folder, or of the nodes on its database."""
    now, fleet = store.shared_now() or now, fleet_on(store, now)
    process = fleet.process or holder_of(Path(settings.data))
    return health_of(store, feeds, now, process, mistakes, settings.routes, fleet=fleet)


def runs_here(settings: Settings, store: Database, now: datetime) -> int | None:
    """Return the process of the service of a data folder, or of a node that lives; None if there is none."""
    return fleet_on(store, now).process or holder_of(Path(settings.data))


def fleet_on(store: Fleets, now: datetime) -> Fleet:
    """Return the nodes on a database, as people see them; none where a service is alone."""
    return fleet_of(store.nodes(), store.first_due(), store.shared_now() or now, Pace())


def health_of(
    store: RoundStore,
    feeds: Sequence[Feed],
    now: datetime,
    process: int | None,
    mistakes: Sequence[Mistake] = (),
    routes: Mapping[ChannelId, Route] | None = None,
    *,
    fleet: Fleet = ALONE,
) -> Health:
    """Judge how the service is doing.

    `process` holds the lock of the data folder, None when no service runs. `mistakes` are those of a list of
    feeds that cannot be read, `routes` say what channels take. `fleet` is the nodes that share the database.
    """
    states, outbox, canary = store.states(), store.delivery_counts(), store.noted(CANARY_NOTE)
    last_tick = last_round(store, now)
    failing = {feed.id: problem for feed in feeds if (problem := _feed_problem(feed, states.get(feed.id)))}
    alike = _alike(failing, states)
    grouped = frozenset(feed for group in alike for feed in group)
    errors = [states[feed.id].error if feed.id in states else "" for feed in feeds]
    rejected = store.noted("config_rejected") or "\n".join(map(str, mistakes))
    meanwhile = (
        "the last good version is in use until you correct it"
        if process
        else "nothing starts until you correct it"
    )
    before = (
        *((NO_FEED_REACHED,) if none_reached(errors) else ()),
        *_tick_problems(last_tick, feeds, now, process),
        *fleet.problems,
        *((_GONE,) if store.noted("service") and not process else ()),
        *(
            f"the alert `{reason}` of {told[:16]}Z is not over"
            for reason in _VITALS
            if (told := store.noted(reason))
        ),
    )
    stuck = [
        first
        for first in store.first_waiting()
        if first.error and (first.attempts >= STUCK_AFTER or first.channel == ALERT_LOG)
    ]
    after = (
        *(_dead(last, outbox[last.channel]["dead"]) for last in store.last_dead()),
        *(_stuck(first, outbox[first.channel]["pending"]) for first in stuck),
        *(f"the YAML is wrong; {meanwhile}: {mistake}" for mistake in rejected.splitlines()),
        *names_of_nothing(routes or {}, store, now),
    )
    in_short = (
        *(_many(group, len(feeds), states) for group in alike),
        *(problem for feed, problem in failing.items() if feed not in grouped),
    )
    return Health(
        feeds=tuple((feed, states.get(feed.id)) for feed in feeds),
        outbox=outbox,
        last_tick=last_tick,
        process=process,
        problems=(*before, *failing.values(), *after),
        in_short=(*before, *in_short, *after),
        alike=grouped,
        canary=datetime.fromisoformat(canary) if canary else None,
        fleet=fleet,
    )


def last_round(store: RoundStore, now: datetime) -> datetime | None:
    """Return when the last round of polls ended; None if nothing has been polled yet."""
    ended, states = store.noted("last_tick"), store.states().values()
    # in a round that takes long, its last poll counts
    polled = [state.last_poll for state in states if state.last_poll and state.last_poll <= now]
    return max([*polled, *([datetime.fromisoformat(ended)] if ended else [])], default=None)


def _tick_problems(
    last_tick: datetime | None, feeds: Sequence[Feed], now: datetime, process: int | None
) -> tuple[str, ...]:
    if last_tick is None:
        return ("nothing has been polled yet; start `watcher run` or call `watcher poll`",)
    patience = (
        SERVICE_PATIENCE
        if process
        else max(TICK_PATIENCE, 3 * min((feed.every for feed in feeds), default=timedelta()))
    )
    if now - last_tick > patience:
        what = (
            "a service runs, but it polls nothing; see its log"
            if process
            else "no service runs here; start `watcher run`"
        )
        return (f"nothing has been polled since {last_tick:%Y-%m-%d %H:%MZ}: {what}",)
    return ()


def _feed_problem(feed: Feed, state: FeedState | None) -> str:
    if state is None or not state.error:
        return ""
    if state.last_ok is None:
        return f"feed {feed.id} has never worked: {state.error}"
    if state.failures < FAILING_AFTER:
        return ""
    since = f"{state.last_ok:%Y-%m-%d %H:%MZ}"
    return f"feed {feed.id} has failed {state.failures} times since {since}: {state.error}"


def _alike(failing: Iterable[FeedId], states: Mapping[FeedId, FeedState]) -> list[list[FeedId]]:
    """Return the feeds that fail for one cause, for each cause that many of them fail for."""
    by_cause: dict[str, list[FeedId]] = {}
    for feed in failing:
        by_cause.setdefault(states[feed].error.partition(":")[0], []).append(feed)
    return [group for group in by_cause.values() if len(group) >= _ALIKE]


def _many(group: Sequence[FeedId], count: int, states: Mapping[FeedId, FeedState]) -> str:
    more = f" and {len(group) - _ALIKE} more" if len(group) > _ALIKE else ""
    return f"{len(group)} of {count} feeds fail: {states[group[0]].error} ({', '.join(group[:_ALIKE])}{more})"


def _dead(last: Delivery, count: int) -> str:
    channel, why = last.channel, f" ({last.error})" if last.error else ""
    cure = (
        f"correct it (`watcher channels test {channel}`), then `watcher channels retry {channel}`; "
        f"or `watcher channels forget {channel}`"
    )
    return f"channel {channel} refused {counted(count, 'alert')} for good{why}; {cure}"


def _stuck(first: Delivery, count: int) -> str:
    alerts = counted(count, "alert waits", "alerts wait")
    if first.channel == ALERT_LOG:
        return f"{alerts} for the alert log: {first.error}"
    tries = f"has not taken an alert in {first.attempts} tries"
    return f"channel {first.channel} {tries}, and {alerts}: {first.error}"


def _node_dict(line: NodeLine) -> dict[str, object]:
    sign = line.sign
    return {
        "name": sign.name,
        "lives": line.lives,
        "machine": sign.machine,
        "version": sign.version,
        "started": sign.started,
        "last_sign": sign.seen,
        "share": round(line.share, 3),
        "polls": sign.polls,
        "clock_ahead": sign.ahead,
        "trouble": sign.trouble or None,
    }


def _feed_dict(feed: Feed, state: FeedState | None) -> dict[str, object]:
    known = state or FeedState(feed=feed.id, next_due=datetime.max.replace(tzinfo=UTC))
    return {
        "id": feed.id,
        "status": "unpolled" if state is None else "error" if state.error else "ok",
        "error": known.error or None,
        "damage": known.damage,
        "notices": [f"{each.reason}: {each.what}" for each in known.habits.notices if not each.over],
        "failures": known.failures,
        "last_ok": known.last_ok,
        "last_new": known.last_new,
        "next_due": due_at(state) if state else None,
        "moved_to": known.moved_to,
    }
