"""Looking: the page, the probes and the numbers over HTTP."""

from typing import Annotated

import typer

from watcher.cli.options import Config, Data, Feeds, Indicators, settings_of

Listen = Annotated[
    str | None,
    typer.Option(
        "--listen", help="Host and port, as 127.0.0.1:8750; else `listen` of [web].", show_default=False
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(serve)


def serve(
    data: Data = None,
    indicators: Indicators = None,
    feeds: Feeds = None,
    config: Config = None,
    listen: Listen = None,
) -> None:
    """Show alerts and incidents as pages, with /healthz, /readyz and /metrics; it reads, and hubs may make a feed due."""
    import uvicorn

    from watcher.clock import utc_now
    from watcher.web.app import app_of

    settings = settings_of(data, indicators, feeds, config, listen=listen)
    host, _, port = settings.web.listen.rpartition(":")
    app = app_of(settings, utc_now)
    typer.echo(f"http://{settings.web.listen}/", err=True)
    uvicorn.run(
        app,
        host=host.strip("[]"),
        port=int(port),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
