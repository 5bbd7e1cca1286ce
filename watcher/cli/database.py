"""Operation: the database."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from watcher.cli.options import Config, Data, Json, settings_of
from watcher.cli.show import as_json

database = typer.Typer(help="The database.", rich_markup_mode=None, no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(database, name="db")


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
    to: Annotated[Path, typer.Argument(help="The file to make; it must not exist.")], data: Data = None, config: Config = None
) -> None:
    """Copy the database as it is at one moment, also while the service writes."""
    from watcher import bootstrap

    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        store.backup(to)
    typer.echo(f"{to} holds the database")


@database.command("check")
def check(data: Data = None, config: Config = None, json: Json = False) -> None:
    """Look for damage in the database; exit 1 when there is some."""
    from watcher import bootstrap

    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        damage = store.integrity()
    if json:
        as_json({"whole": not damage, "damage": list(damage)})
    else:
        typer.echo("\n".join(damage) or "the database is whole")
    raise typer.Exit(1 if damage else 0)
