"""Running: the service, one cycle, the demo, and how it is doing."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from watcher.cli.options import Config, Data, Feeds, Indicators, Json, settings_of
from watcher.cli.show import as_json, moment, progress, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.model.news import Feed
    from watcher.model.polling import Cycle
    from watcher.service.health import Health

_THRIFT = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144"}
"""What makes glibc give memory back: else what each thread held of large feeds adds up, in minutes to three times as much."""


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(run)
    app.command()(poll)
    app.command()(demo)
    app.command()(status)
    app.command()(doctor)


def run(
    data: Data = None,
    indicators: Indicators = None,
    feeds: Feeds = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Run the service: poll, match, alert, until told to stop (SIGTERM); SIGHUP reads the YAML files again."""
    import os
    import sys

    paths = {"--data": data, "--indicators": indicators, "--feeds": feeds, "--config": config}
    given = [word for flag, path in paths.items() if path for word in (flag, str(path))]
    program = [sys.executable, "-P", "-m", "watcher.service", *given, *(["--json"] if json else [])]
    places = os.pathsep.join(place or os.curdir for place in sys.path)
    os.execve(program[0], program, {**_THRIFT, **os.environ, "PYTHONPATH": places})  # noqa: S606 - this process becomes the service


def poll(
    data: Data = None,
    indicators: Indicators = None,
    feeds: Feeds = None,
    config: Config = None,
    every_feed: bool = typer.Option(False, "--all", help="Poll every feed, not only those that are due."),
    json: Json = False,
) -> None:
    """Poll the feeds that are due once, deliver, print a summary, and leave."""
    from watcher import bootstrap, pipeline
    from watcher.collection.vitals import NO_FEED_REACHED, none_reached
    from watcher.polling.cadence import is_due
    from watcher.service.lock import only_instance

    settings = settings_of(data, indicators, feeds, config)
    rules, listed = bootstrap.load_rules(settings), bootstrap.load_feeds(settings)
    with only_instance(Path(settings.data)):
        bootstrap.remember_lists(settings)
        world = bootstrap.open_world(settings)
        with closing(world.store), closing(world.reader):
            world.store.note("config_rejected", "")
            states, now = world.store.states(), world.clock()
            due = [feed for feed in listed if every_feed or is_due(states.get(feed.id), now)]
            cycles = list(progress(pipeline.poll(due, world, rules), "polling", len(due)))
            world.store.note("service", "")
            world.store.note("last_tick", world.clock().isoformat())
            delivered = sum(
                pipeline.deliver(each, world.store, world.clock, world.routes.get(each.id))
                for each in world.channels
            )
            dead = sum(counts.get("dead", 0) for counts in world.store.delivery_counts().values())
            states = world.store.states()
    summary = _summary(cycles, delivered, due)
    unreached = none_reached([states[feed.id].error if feed.id in states else "" for feed in listed])
    as_json(summary) if json else _print_summary(summary, cycles, each=not unreached)
    if unreached:
        typer.echo(f"{NO_FEED_REACHED}\n`watcher status --json` says what each feed fails for", err=True)
    failed = [feed for feed in summary["feeds"] if feed["status"] == "error"]
    raise typer.Exit(1 if dead else 3 if failed and len(failed) == len(summary["feeds"]) else 0)


def demo(
    json: Json = False,
    keep: bool = typer.Option(
        False, "--keep", help="Keep the data folder with --json too; without --json it is always kept."
    ),
    data: Path | None = typer.Option(
        None, "--data", help="Keep the demo's data in this folder, new or empty.", show_default=False
    ),
) -> None:
    """Show the real service at work, without a network: sample news from a feed server on this machine, on a fast clock."""
    from watcher.demo import show

    raise typer.Exit(0 if show(as_json=json, keep=keep, data=data) else 1)


def status(
    data: Data = None,
    indicators: Indicators = None,
    feeds: Feeds = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Say how the service is doing; exit 1 when something needs a person."""
    from watcher import bootstrap
    from watcher.clock import utc_now
    from watcher.service.health import health_here

    settings = settings_of(data, indicators, feeds, config)
    with closing(bootstrap.read_store(settings)) as store:
        health = health_here(settings, store, utc_now())
    as_json(health.as_dict()) if json else _print_health(health)
    raise typer.Exit(0 if health.healthy else 1)


def doctor(
    data: Data = None,
    indicators: Indicators = None,
    feeds: Feeds = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Check what the watcher stands on: platform, libraries, files, database, disk; exit 1 when something is broken or not supported."""
    from watcher.service.doctor import examine

    findings = examine(settings_of(data, indicators, feeds, config))
    if json:
        as_json([finding.as_dict() for finding in findings])
    else:
        table(("", "what", "finding"), ((finding.mark, finding.what, finding.says) for finding in findings))
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


def _summary(cycles: "Sequence[Cycle]", delivered: int, due: "Sequence[Feed]") -> dict[str, Any]:
    polls = {polled.feed: polled for cycle in cycles for polled in cycle.polls}
    listed = [
        {
            "id": feed.id,
            "status": str(polls[feed.id].status),
            "error": polls[feed.id].error or None,
            "items": polls[feed.id].items,
            "new": polls[feed.id].new,
        }
        for feed in due
        if feed.id in polls
    ]
    return {
        "feeds": listed,
        "items_new": sum(feed["new"] for feed in listed),
        "hits": sum(len(cycle.hits) for cycle in cycles),
        "alerts": sum(len(cycle.alerts) for cycle in cycles),
        "delivered": delivered,
    }


def _print_summary(summary: dict[str, Any], cycles: "Sequence[Cycle]", *, each: bool) -> None:
    notes = {polled.feed: "; ".join(polled.notes) for cycle in cycles for polled in cycle.polls}
    rows = (
        (feed["id"], feed["status"], str(feed["items"]), str(feed["new"]), feed["error"] or notes[feed["id"]])
        for feed in summary["feeds"]
    )
    if each:
        table(("feed", "status", "items", "new", "what to know"), rows)
    typer.echo(
        f"{len(summary['feeds'])} feeds polled: {summary['items_new']} new items, {summary['hits']} hits, "
        f"{summary['alerts']} alerts, {summary['delivered']} delivered"
    )


def _print_health(health: "Health") -> None:
    typer.echo("healthy" if health.healthy else "needs attention")
    typer.echo(
        f"running: {f'yes, process {health.process}' if health.process else 'no'}; last tick: {moment(health.last_tick)}"
    )
    if health.canary:
        typer.echo(f"the daily try of the whole line last arrived: {moment(health.canary)}")
    rows = (
        (
            feed.id,
            "unpolled" if state is None else "error" if state.error else "ok",
            moment(state.last_ok) if state else "never",
            moment(state.last_new) if state else "never",
            (
                state.error
                or state.damage
                or "; ".join(notice.what for notice in state.habits.notices if not notice.over)
            )
            if state
            else "",
        )
        for feed, state in health.feeds
        if feed.id not in health.alike
    )
    table(("feed", "status", "last ok", "last news", "what to know"), rows)
    for channel, counts in health.outbox.items():
        typer.echo(f"channel {channel}: {', '.join(f'{number} {state}' for state, number in counts.items())}")
    for problem in health.in_short:
        typer.echo(f"! {problem}")
