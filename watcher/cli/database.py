"""Operation: the database, and a search of what is in it."""

from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.cli.common import Json, app, group, takes_settings, time_of
from watcher.cli.show import as_json, table, utc_minute
from watcher.clock import utc_now
from watcher.errors import StoreError, UsageError
from watcher.model.retention import Retention
from watcher.service.lock import only_instance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.model.alerts import Hit
    from watcher.model.news import Item
    from watcher.model.settings import Settings

database = group("db", "Migrate, back up, restore, prune and check the database.")


@database.command("migrate")
@takes_settings("data", "config")
def migrate_database(settings: "Settings") -> None:
    """Copy the database, then bring its schema up to date; the service does both at its start."""
    with _alone(settings):
        bootstrap.open_store(settings).close()
    typer.echo(f"{bootstrap.name_of_database(settings)} is up to date")


@database.command("backup")
@takes_settings("data", "config")
def back_up_database(
    settings: "Settings", to: Annotated[Path, typer.Argument(help="The file to create; it must not exist.")]
) -> None:
    """Copy the database in a consistent state, even while the service writes."""
    with closing(bootstrap.read_store(settings)) as store:
        store.backup(to)
    typer.echo(f"{to} holds the database")


@database.command("restore")
@takes_settings("data", "indicators", "config")
def restore_database(
    settings: "Settings",
    backup: Annotated[
        Path | None,
        typer.Argument(
            help="A file that `watcher db backup` made. None on PostgreSQL, which pg_restore restores first.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Replace the database with a backup, and keep the old one beside it.

    Alerts that the alert log has since then are not sent again.
    """
    name = bootstrap.name_of_database(settings)
    if settings.store_url and backup:
        raise UsageError(
            f"{name}: restore it with pg_restore, as docs/postgres.md says, and then run "
            "`watcher db restore` without a file; nothing was changed"
        )
    if not settings.store_url and not backup:
        raise UsageError("name the backup: a file that `watcher db backup` made")
    rules = bootstrap.load_rules(settings)
    with only_instance(Path(settings.data)):
        done = bootstrap.restore_store(settings, backup, rules, utc_now())
    if json:
        as_json(asdict(done))
        return
    what = f"is {backup}, with" if backup else "has"
    typer.echo(f"{name} {what} everything until {utc_minute(done.known_until)}")
    typer.echo(f"alerts that were sent since then and are not sent again: {done.alerts}")
    if done.unreadable:
        typer.echo(f"lines of the alert log that are not alerts and were skipped: {done.unreadable}")
    if done.aside:
        typer.echo(f"the old database is {done.aside}; remove it when you no longer need it")


@database.command("copy")
@takes_settings("data", "config")
def move_database(
    settings: "Settings",
    source: Annotated[str, typer.Argument(help="sqlite:PATH or postgresql://...")],
    target: Annotated[
        str, typer.Argument(help="The same, and empty; by default the database of the settings.")
    ] = "",
    json: Json = False,
) -> None:
    """Copy all that is stored into another, empty database; alerts that were sent are not sent again.

    No service may be using either of them.
    """
    target = target or settings.store_url or f"sqlite:{bootstrap.database_of(settings)}"
    files = [address.partition(":")[2] for address in (source, target) if address.startswith("sqlite:")]
    if files and not source.startswith("postgres") and not Path(files[0]).is_file():
        raise StoreError(f"{files[0]}: there is no such file")
    with ExitStack() as alone:
        for folder in {Path(file).parent for file in files}:
            alone.enter_context(only_instance(folder))
        copied = bootstrap.copy_database_to(source, target)
    if json:
        as_json(dict(copied))
        return
    typer.echo("\n".join(f"{number:>9} {table}" for table, number in copied.items()))
    typer.echo("everything is copied; the alert log is in the data folder, as before")


@database.command("prune")
@takes_settings("data", "indicators", "config")
def prune_database(
    settings: "Settings",
    keep: Annotated[
        str,
        typer.Option(
            help="Remove what is older than this, as in 180d (default: data.keep).", show_default=False
        ),
    ] = "",
    max_size: Annotated[
        str,
        typer.Option(
            help="Remove the oldest until the database fits, as in 2GiB (default: data.max_size).",
            show_default=False,
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print what would be removed: prune a temporary copy.")
    ] = False,
    json: Json = False,
) -> None:
    """Remove old data and shrink the file; keep what prevents an alert from being sent twice."""
    from watcher.service.upkeep import prune_copy, prune_now

    retention, memory = _retention(settings, keep, max_size), bootstrap.load_rules(settings).memory
    if dry_run:
        with closing(bootstrap.read_store(settings)) as store:
            gone = prune_copy(store, Path(settings.data), retention, memory, utc_now())
    else:
        with _alone(settings), closing(bootstrap.open_store(settings)) as store:
            gone = prune_now(store, retention, memory, utc_now())
    if json:
        as_json(asdict(gone) | {"dry_run": dry_run})
        return
    went, takes = ("would go", "would take") if dry_run else ("gone", "takes")
    typer.echo(f"{went}: {gone.items} items, {gone.incidents} incidents, {gone.alerts} alerts")
    typer.echo(f"the database {takes} {_megabytes(gone.after)}, before {_megabytes(gone.before)}")


@database.command("check")
@takes_settings("data", "config")
def check_database(settings: "Settings", json: Json = False) -> None:
    """Look for damage in the database, and print its size; exit 1 when there is damage."""
    with closing(bootstrap.read_store(settings)) as store:
        damage, (taken, free) = store.integrity(), store.size()
        rows = {} if damage else dict(store.counts())
    if json:
        as_json({"whole": not damage, "damage": damage, "bytes": taken, "free_bytes": free, "rows": rows})
    else:
        typer.echo("\n".join(damage) or "the database is whole")
        typer.echo(f"it takes {_megabytes(taken)}, of which {_megabytes(free)} are free")
        typer.echo("\n".join(f"{number:>9} {table}" for table, number in rows.items()))
    raise typer.Exit(1 if damage else 0)


@app.command()
@takes_settings("data", "config")
def search(
    settings: "Settings",
    words: Annotated[
        list[str], typer.Argument(help='Words, "phrases", prefixes*; an item must have all of them.')
    ],
    since: Annotated[
        str, typer.Option(help="Only items seen since this time or day (UTC).", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many, the newest.")] = 20,
    json: Json = False,
) -> None:
    """Search everything that was read, in any language, the newest first.

    A part of a Korean, Chinese or Japanese word is enough.
    """
    with closing(bootstrap.read_store(settings)) as store:
        found = store.search(" ".join(words), since=time_of(since), limit=limit)
        hits = store.hits_on([item.id for item in found])
    if json:
        as_json([_item_dict(item, hits.get(item.id, ())) for item in found])
        return
    indicators = {item: " ".join(dict.fromkeys(hit.indicator for hit in on)) for item, on in hits.items()}
    table(
        ("when", "feed", "title", "indicators", "id"),
        ((utc_minute(each.seen), each.feed, each.title, indicators.get(each.id), each.id) for each in found),
        empty="nothing that was read matches",
    )


def _item_dict(item: "Item", hits: "Sequence[Hit]") -> dict[str, object]:
    names = ("id", "feed", "owner", "title", "summary", "url", "published", "seen")
    return {
        **{name: getattr(item, name) for name in names},
        "lang": item.language,
        "hits": [
            {name: getattr(hit, name) for name in ("indicator", "claim")}
            | {"severity": hit.severity.word, "incident": hit.incident, "evidence": hit.evidence}
            for hit in hits
        ],
    }


def _retention(settings: "Settings", keep: str, max_size: str) -> Retention:
    """Return what was asked for, else what the settings say."""
    from watcher.config.settings import kept, largest

    try:
        asked = Retention(keep=kept(keep) if keep else None, max_size=largest(max_size) if max_size else None)
    except ValueError as error:
        raise UsageError(f"--keep or --max-size: {error}") from error
    if asked.max_size is not None and settings.store_url:
        raise UsageError("--max-size has no effect on PostgreSQL: say how long to --keep what was read")
    if not (found := asked or settings.retention):
        raise UsageError("say what to keep: --keep 180d, --max-size 2GiB, or both")
    return found


def _alone(settings: "Settings") -> AbstractContextManager[None]:
    """Keep others from writing; on PostgreSQL nobody has to, for whoever writes waits by itself."""
    return nullcontext() if settings.store_url else only_instance(Path(settings.data))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
