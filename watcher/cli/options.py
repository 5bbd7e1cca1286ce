"""What most commands take, and the settings it makes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from watcher.model.settings import Settings

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of watcher.db and alerts/ (default: the working folder).", show_default=False)
]
Indicators = Annotated[
    Path | None, typer.Option("--indicators", help="Indicators (default: indicators.yaml here, else the shipped list).", show_default=False)
]
Feeds = Annotated[Path | None, typer.Option("--feeds", help="Feeds (default: feeds.yaml here, else the shipped list).", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (default: watcher.toml here, if any).", show_default=False)]
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

    from watcher.config import load_settings

    flags = {"data": data, "indicators": indicators, "feeds": feeds, "web_listen": listen}
    return load_settings(config, os.environ, {name: str(path) for name, path in flags.items() if path is not None})
