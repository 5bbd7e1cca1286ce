"""`python -m watcher.web`: the page in a process without the command line, which keeps it small."""

import gc
import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from threading import Thread

import uvicorn

from watcher import bootstrap
from watcher.clock import utc_now
from watcher.errors import WatcherError
from watcher.web.app import app_of

_PATIENCE = 3
"""Seconds that requests may still take when the page ends."""


def main() -> None:
    """Serve until SIGTERM or SIGINT, and leave with the exit code of what went wrong."""
    parser = ArgumentParser("watcher serve")
    for name in ("data", "indicators", "feeds", "config", "listen"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--attached", action="store_true", help="end when standard input does")
    given = vars(parser.parse_args())
    if attached := given.pop("attached"):
        Thread(target=_end_with_input, daemon=True).start()
    try:
        config, listen = given.pop("config"), given.pop("listen")
        flags = {name: value for name, value in {**given, "web_listen": listen}.items() if value}
        settings = bootstrap.read_settings(Path(config) if config else None, os.environ, flags)
        pages = app_of(settings, utc_now)
    except WatcherError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
    gc.freeze()  # what is loaded now stays, and no request has to wait while it is looked at again
    host, _, port = settings.web.listen.rpartition(":")
    if not attached:
        how_to_stop = "  (Ctrl-C stops it)" if sys.stderr.isatty() else ""
        sys.stderr.write(f"http://{settings.web.listen}/{how_to_stop}\n")
        sys.stderr.flush()
    uvicorn.run(
        pages,
        host=host.strip("[]"),
        port=int(port),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_PATIENCE,
    )


def _end_with_input() -> None:
    """End this process as SIGTERM does when whoever started it is gone."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
