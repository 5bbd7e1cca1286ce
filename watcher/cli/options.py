"""What most commands take, and the settings it makes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from watcher.model.settings import Settings

_WHICH = (
    "{}: a file, or `shipped` (default: {}.yaml here, else the data folder's own, else the shipped list)."
)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of watcher.db and alerts/ (default: the working folder).", show_default=False
    ),
]
Indicators = Annotated[
    Path | None,
    typer.Option("--indicators", help=_WHICH.format("Indicators", "indicators"), show_default=False),
]
Feeds = Annotated[
    Path | None, typer.Option("--feeds", help=_WHICH.format("Feeds", "feeds"), show_default=False)
]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings (default: watcher.toml here, if any).", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_of(
    data: Path | None = None,
    indicators: Path | None = None,
    feeds: Path | None = None,
    config: Path | None = None,
    *,
    listen: str | None = None,
) -> "Settings":
    """Return the settings: a flag beats a variable beats the file.

    Raises:
        ConfigError: the file or a variable is wrong.
    """
    import os

    from watcher.bootstrap import read_settings

    flags = {"data": data, "indicators": indicators, "feeds": feeds, "web_listen": listen}
    return read_settings(
        config, os.environ, {name: str(path) for name, path in flags.items() if path is not None}
    )


def time_of(typed: str) -> "datetime | None":
    """Return the moment that somebody typed, None for nothing.

    Raises:
        UsageError: it is no time.
    """
    from watcher.errors import UsageError
    from watcher.read.dates import parse_date

    if not typed:
        return None
    found = parse_date(typed)
    if found is None:
        raise UsageError(f"no such time: {typed!r}; write 2026-10-10 or 2026-10-10T03:14:15Z")
    return found
