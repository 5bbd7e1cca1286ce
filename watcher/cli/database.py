"""Operation: the database, and a search of what is in it."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.options import Config, Data, Indicators, Json, settings_of, time_of
from watcher.cli.show import as_json, moment, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.model.alerts import Hit
    from watcher.model.news import Item
    from watcher.model.retention import Retention

database = typer.Typer(help="The database.", rich_markup_mode=None, no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(database, name="db")
    app.command()(search)


@database.command("migrate")
def migrate(data: Data = None, config: Config = None) -> None:
    """Bring the database's schema up to date, with a copy made before; the service does this by itself at its start."""
    from watcher import bootstrap
    from watcher.service.lock import only_instance

    settings = settings_of(data, config=config)
    with only_instance(Path(settings.data)):
        bootstrap.open_store(settings).close()
    typer.echo(f"{bootstrap.database_of(settings)} is up to date")


@database.command("backup")
def backup(
    to: Annotated[Path, typer.Argument(help="The file to make; it must not exist.")],
    data: Data = None,
    config: Config = None,
) -> None:
    """Copy the database as it is at one moment, also while the service writes."""
    from watcher import bootstrap

    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        store.backup(to)
    typer.echo(f"{to} holds the database")


@database.command("restore")
def restore(
    backup: Annotated[Path, typer.Argument(help="A file that `watcher db backup` made.")],
    data: Data = None,
    indicators: Indicators = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Put a backup in the place of the database, which is kept beside it; what the alert log has since then is not told again."""
    from watcher import bootstrap
    from watcher.clock import utc_now
    from watcher.service.lock import only_instance

    settings = settings_of(data, indicators, config=config)
    rules, place = bootstrap.load_rules(settings), bootstrap.database_of(settings)
    with only_instance(Path(settings.data)):
        done = bootstrap.restore_store(settings, backup, rules, utc_now())
    if json:
        as_json(asdict(done))
        return
    typer.echo(f"{place} is {backup}, which knows of everything until {moment(done.known_until)}")
    typer.echo(f"alerts of the alert log that were given since then, and are not given again: {done.alerts}")
    if done.unreadable:
        typer.echo(f"lines of the alert log that are no alert, and were passed over: {done.unreadable}")
    if done.aside:
        typer.echo(f"the old database is {done.aside}; remove it when all is well")


@database.command("prune")
def prune(
    keep: Annotated[
        str,
        typer.Option(help="Take out what is older, as in 180d; by default data.keep.", show_default=False),
    ] = "",
    max_size: Annotated[
        str,
        typer.Option(
            help="Take out the oldest until it fits, as in 2GiB; by default data.max_size.",
            show_default=False,
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go: a copy is pruned, and thrown away.")
    ] = False,
    data: Data = None,
    indicators: Indicators = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Take out what is old, but nothing that could make an alert be given twice; the file shrinks."""
    from watcher import bootstrap
    from watcher.clock import utc_now
    from watcher.service.lock import only_instance
    from watcher.service.upkeep import prune_for_show, prune_now

    settings = settings_of(data, indicators, config=config)
    retention, reach = _retention(settings.retention, keep, max_size), bootstrap.load_rules(settings).memory
    if dry_run:
        with closing(bootstrap.read_store(settings)) as store:
            gone = prune_for_show(store, retention, reach, utc_now())
    else:
        with only_instance(Path(settings.data)), closing(bootstrap.open_store(settings)) as store:
            gone = prune_now(store, retention, reach, utc_now())
    if json:
        as_json(asdict(gone) | {"dry_run": dry_run})
        return
    typer.echo(
        f"{'would go' if dry_run else 'gone'}: {gone.items} items, {gone.incidents} incidents, {gone.alerts} alerts"
    )
    typer.echo(
        f"{'the database would take' if dry_run else 'the database takes'} {_megabytes(gone.after)}, before {_megabytes(gone.before)}"
    )


@database.command("check")
def check(data: Data = None, config: Config = None, json: Json = False) -> None:
    """Look for damage in the database, and say how large it is; exit 1 when there is damage."""
    from watcher import bootstrap

    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        damage, (taken, free) = store.integrity(), store.size()
        rows = {} if damage else store.counts()
    if json:
        as_json(
            {"whole": not damage, "damage": damage, "bytes": taken, "free_bytes": free, "rows": dict(rows)}
        )
    else:
        typer.echo("\n".join(damage) or "the database is whole")
        typer.echo(f"it takes {_megabytes(taken)}, of which {_megabytes(free)} hold nothing")
        typer.echo("\n".join(f"{number:>9} {table}" for table, number in rows.items()))
    raise typer.Exit(1 if damage else 0)


def search(
    words: Annotated[list[str], typer.Argument(help='Words, "phrases", beginnings*; all must be there.')],
    data: Data = None,
    config: Config = None,
    since: Annotated[
        str, typer.Option(help="Only what was seen at or after this time or day (UTC).", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="So many at most, the newest.")] = 20,
    json: Json = False,
) -> None:
    """Search all that was read, in any language, the newest first; a part of a Korean, Chinese or Japanese word is enough."""
    from watcher import bootstrap

    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        found = store.search(" ".join(words), since=time_of(since), limit=limit)
        hits = store.hits_on([item.id for item in found])
    if json:
        as_json([_item(item, hits.get(item.id, ())) for item in found])
        return
    table(
        ("when", "feed", "title", "indicators", "id"),
        (
            (
                moment(item.seen),
                item.feed,
                item.title,
                " ".join(dict.fromkeys(hit.indicator for hit in hits.get(item.id, ()))),
                item.id,
            )
            for item in found
        ),
    )


def _item(item: "Item", hits: "Sequence[Hit]") -> dict[str, object]:
    return {
        "id": item.id,
        "feed": item.feed,
        "owner": item.owner,
        "title": item.title,
        "summary": item.summary,
        "url": item.url,
        "published": item.published,
        "seen": item.seen,
        "lang": item.language,
        "hits": [
            {
                "indicator": hit.indicator,
                "claim": hit.claim,
                "severity": hit.severity.word,
                "incident": hit.incident,
                "evidence": hit.evidence,
            }
            for hit in hits
        ],
    }


def _retention(configured: "Retention", keep: str, max_size: str) -> "Retention":
    """Return what was asked for, else what the settings say."""
    from watcher.config.settings import kept, largest
    from watcher.errors import UsageError
    from watcher.model.retention import Retention

    try:
        asked = Retention(keep=kept(keep) if keep else None, max_size=largest(max_size) if max_size else None)
    except ValueError as error:
        raise UsageError(f"--keep or --max-size: {error}") from error
    if not (found := asked or configured):
        raise UsageError("say what to keep: --keep 180d, --max-size 2GiB, or both")
    return found


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
