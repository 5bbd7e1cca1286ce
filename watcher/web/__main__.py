"""`python -m watcher.web`: the page in a process without the command line, which keeps it small."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

import uvicorn

from watcher import bootstrap
from watcher.clock import utc_now
from watcher.errors import WatcherError
from watcher.web.app import app_of


def main() -> None:
    """Serve until SIGTERM or SIGINT, and leave with the exit code of what went wrong."""
    parser = ArgumentParser("watcher serve")
    for name in ("data", "indicators", "feeds", "config", "listen"):
        parser.add_argument(f"--{name}")
    given = vars(parser.parse_args())
    try:
        config, listen = given.pop("config"), given.pop("listen")
        flags = {name: value for name, value in {**given, "web_listen": listen}.items() if value}
        settings = bootstrap.read_settings(Path(config) if config else None, os.environ, flags)
        pages = app_of(settings, utc_now)
    except WatcherError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
    host, _, port = settings.web.listen.rpartition(":")
    sys.stderr.write(f"http://{settings.web.listen}/\n")
    sys.stderr.flush()
    uvicorn.run(
        pages,
        host=host.strip("[]"),
        port=int(port),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main()
