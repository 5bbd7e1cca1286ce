"""Running: the service, one cycle, the demo, the page, and how the service is doing."""

import os
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from watcher import bootstrap
from watcher.cli.common import Json, app, takes_flags, takes_settings
from watcher.cli.show import as_json, progress, prose, table, utc_minute
from watcher.clock import utc_now
from watcher.program import MODULES, module_path
from watcher.service.lock import only_instance
from watcher.text.durations import in_words
from watcher.text.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watcher.model.news import Feed, FeedId
    from watcher.model.polling import Cycle, Poll
    from watcher.model.settings import Settings
    from watcher.nodes.living import Fleet
    from watcher.service.health import Health

_THRIFT = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144"}
"""Settings that make glibc return memory; without them the memory triples within minutes of large feeds."""


@app.command("run")
@takes_flags("data", "indicators", "feeds", "config")
def run_service(
    flags: "Mapping[str, Path | None]",
    serve: bool = typer.Option(False, "--serve", help="Also serve the review page, in a process of its own."),
    node: str = typer.Option(
        "", "--node", help="The name of this one of several on a PostgreSQL; else the machine's name."
    ),
    json: Json = False,
) -> None:
    """Run the service: poll, match and alert until SIGTERM or Ctrl-C; SIGHUP reads the YAML files again."""
    more = (
        *(["--json"] if json else []),
        *(["--serve"] if serve else []),
        *(["--node", node] if node else []),
    )
    _become("watcher.service", flags, *more)


@app.command("poll")
@takes_settings("data", "indicators", "feeds", "config")
def poll_once(
    settings: "Settings",
    every_feed: bool = typer.Option(False, "--all", help="Poll every feed, not only those that are due."),
    json: Json = False,
) -> None:
    """Poll the feeds that are due once, deliver the alerts, print a summary, and exit."""
    from watcher import pipeline
    from watcher.collection.vitals import NO_FEED_REACHED, none_reached
    from watcher.delivery.routing import own_route
    from watcher.model.alerts import ALERT_LOG
    from watcher.pipeline.naming import take_names
    from watcher.polling.cadence import is_due

    rules, listed = bootstrap.load_rules(settings), bootstrap.feeds_in_use(settings)
    with only_instance(Path(settings.data)):
        if settings.store_url:
            with closing(bootstrap.open_store(settings)) as store:
                bootstrap.refuse_beside_nodes(store, "`watcher feeds poll` asks them for a feed")
        bootstrap.remember_lists(settings)
        world = bootstrap.open_world(settings)
        with closing(world.store), closing(world.reader):
            world.store.note("config_rejected", "")
            take_names(rules.matcher.listed, world.store)
            states, now = world.store.states(), world.clock()
            due = [feed for feed in listed if every_feed or is_due(states.get(feed.id), now)]
            came = _CameOf()
            cycles = pipeline.poll(due, world, rules)
            for cycle in progress(cycles, "polling", len(due), size=lambda each: len(each.polls)):
                came.add(cycle)
            world.store.note("service", "")
            world.store.note("last_tick", world.clock().isoformat())
            delivered = sum(
                pipeline.deliver(each, world.store, world.clock, own_route(each.id, world.routes))
                for each in world.channels
            )
            dead = sum(counts.get("dead", 0) for counts in world.store.delivery_counts().values())
            unwritten = [
                each for each in world.store.first_waiting() if each.channel == ALERT_LOG and each.error
            ]
            states = world.store.states()
    summary = _summary(came, delivered, due)
    unreached = none_reached([states[feed.id].error if feed.id in states else "" for feed in listed])
    as_json(summary) if json else _print_summary(summary, came, each=not unreached)
    if unreached:
        typer.echo(f"{NO_FEED_REACHED}\n`watcher status --json` shows why each feed fails", err=True)
    for first in unwritten:
        typer.echo(first.error, err=True)
    failed = [feed for feed in summary["feeds"] if feed["status"] == "error"]
    raise typer.Exit(1 if dead or unwritten else 3 if failed and len(failed) == len(summary["feeds"]) else 0)


@app.command("demo")
def show_demo(
    json: Json = False,
    keep: bool = typer.Option(
        False, "--keep", help="Keep the data folder with --json too; without --json it is always kept."
    ),
    data: Path | None = typer.Option(
        None, "--data", help="Keep the demo's data in this folder, new or empty.", show_default=False
    ),
) -> None:
    """Show the real service at work without a network: sample news, a local feed server, a fast clock."""
    from watcher.demo import show

    raise typer.Exit(0 if show(as_json=json, keep=keep, data=data) else 1)


@app.command()
@takes_settings("data", "indicators", "feeds", "config")
def status(settings: "Settings", json: Json = False) -> None:
    """Report how the service is doing; exit 1 when something needs a person."""
    from watcher.service.health import health_here

    with closing(bootstrap.read_store(settings)) as store:
        health = health_here(settings, store, utc_now())
    as_json(health.as_dict()) if json else _print_health(health)
    raise typer.Exit(0 if health.healthy else 1)


@app.command()
@takes_settings("data", "indicators", "feeds", "config")
def doctor(settings: "Settings", json: Json = False) -> None:
    """Check the platform, libraries, files, database and disk; exit 1 if one is broken or not supported."""
    from watcher.service.doctor import examine

    findings = examine(settings)
    if json:
        as_json([finding.as_dict() for finding in findings])
    else:
        table(("", "what", "finding"), ((finding.mark, finding.what, finding.says) for finding in findings))
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command("serve")
@takes_flags("data", "indicators", "feeds", "config", "listen")
def serve_pages(flags: "Mapping[str, Path | str | None]") -> None:
    """Serve the review page, /healthz, /readyz and /metrics until SIGTERM or Ctrl-C."""
    _become("watcher.web", flags)


def _become(module: str, flags: "Mapping[str, Path | str | None]", *more: str) -> None:
    """Become another program of ours, which is smaller without the command line."""
    given = [word for name, value in flags.items() if value for word in (f"--{name}", str(value))]
    program = [sys.executable, "-P", "-m", module, *given, *more]
    os.execve(program[0], program, {**_THRIFT, **os.environ, MODULES: module_path()})  # noqa: S606 - this process becomes the other


@dataclass(slots=True)
class _CameOf:
    """What came of a round of polls; the cycles themselves are large, and gone."""

    polls: "dict[FeedId, Poll]" = field(default_factory=dict)
    hits: int = 0
    alerts: int = 0

    def add(self, cycle: "Cycle") -> None:
        self.polls |= {polled.feed: polled for polled in cycle.polls}
        self.hits += len(cycle.hits)
        self.alerts += len(cycle.alerts)


def _summary(came: _CameOf, delivered: int, due: "Sequence[Feed]") -> dict[str, Any]:
    listed = [
        {"id": polled.feed, "status": str(polled.status), "error": polled.error or None}
        | {"items": polled.items, "new": polled.new}
        for feed in due
        if (polled := came.polls.get(feed.id))
    ]
    return {
        "feeds": listed,
        "items_new": sum(polled.new for polled in came.polls.values()),
        "hits": came.hits,
        "alerts": came.alerts,
        "delivered": delivered,
    }


def _print_summary(summary: dict[str, Any], came: _CameOf, *, each: bool) -> None:
    notes = {feed: "; ".join(polled.notes) for feed, polled in came.polls.items()}
    rows = (
        (feed["id"], feed["status"], feed["items"], feed["new"], feed["error"] or notes[feed["id"]])
        for feed in summary["feeds"]
    )
    if each:
        table(("feed", "status", "items", "new", "what to know"), rows)
    typer.echo(
        f"{counted(len(summary['feeds']), 'feed')} polled: {counted(summary['items_new'], 'new item')}, "
        f"{counted(summary['hits'], 'hit')}, {counted(summary['alerts'], 'alert')}, "
        f"{summary['delivered']} delivered"
    )


def _print_nodes(fleet: "Fleet") -> None:
    rows = (
        (
            line.sign.name,
            line.sign.machine,
            line.sign.version,
            utc_minute(line.sign.seen),
            f"{line.share:.0%}",
            f"{line.sign.ahead:+.1f} s",
            line.sign.trouble if line.lives else "no sign of life",
        )
        for line in fleet.nodes
    )
    table(("node", "machine", "version", "last sign", "share", "clock", "what to know"), rows)
    typer.echo(f"the feed that waits longest for a node is late by {in_words(fleet.late)}")


def _print_health(health: "Health") -> None:
    typer.echo("healthy" if health.healthy else "needs attention")
    running = f"yes, process {health.process}" if health.process else "no"
    ended = utc_minute(health.last_tick) if health.last_tick else "none yet"
    typer.echo(f"running: {running}; last round of polls: {ended}")
    if health.canary:
        typer.echo(f"the last daily test item arrived: {utc_minute(health.canary)}")
    if health.fleet.nodes:
        _print_nodes(health.fleet)
    rows = []
    for feed, state in health.feeds:
        if feed.id in health.alike:
            continue
        if state is None:
            rows.append((feed.id, "unpolled", "never", "never", ""))
            continue
        notices = "; ".join(notice.what for notice in state.habits.notices if not notice.over)
        odd = "; ".join(filter(None, (notices, state.damage)))
        status, trouble = "error" if state.error else "ok", state.error or odd
        rows.append((feed.id, status, utc_minute(state.last_ok), utc_minute(state.last_new), trouble))
    table(("feed", "status", "last ok", "last news", "what to know"), rows, empty="no feed was polled yet")
    for channel, counts in health.outbox.items():
        typer.echo(f"channel {channel}: {', '.join(f'{number} {state}' for state, number in counts.items())}")
    for problem in health.in_short:
        prose(f"! {problem}")
