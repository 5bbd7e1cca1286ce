"""`python -m watcher.service`: the service in a process that never loaded the command line, which would cost it 8 MB for months."""

import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path

from watcher import bootstrap
from watcher.config import load_settings
from watcher.errors import WatcherError
from watcher.model.settings import Settings
from watcher.service.daemon import Daemon, Plan
from watcher.service.files import fingerprint
from watcher.service.lock import only_instance
from watcher.service.logs import logging_to


def main() -> None:
    """Run until SIGTERM or SIGINT, and leave with the exit code of what went wrong; SIGHUP reads the lists again."""
    parser = ArgumentParser("watcher run")
    for name in ("data", "indicators", "feeds", "config"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--json", action="store_true")
    given = vars(parser.parse_args())
    try:
        config, as_json = given.pop("config"), given.pop("json")
        settings = load_settings(Path(config) if config else None, os.environ, {name: path for name, path in given.items() if path})
        serve(settings, as_json=as_json)
    except WatcherError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


def serve(settings: Settings, *, as_json: bool) -> None:
    """Serve until told to stop."""

    def plan() -> Plan:
        return Plan(feeds=bootstrap.load_feeds(settings, apart=True), rules=bootstrap.load_rules(settings, apart=True))

    signal.signal(signal.SIGTERM, lambda *_: _leave_now())  # nothing is under way yet
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the files are about to be read as they are

    def files() -> object:
        return fingerprint((bootstrap.indicators_file(settings), bootstrap.feeds_file(settings)))

    read_as = files()
    first = plan()
    with logging_to(as_json=as_json), only_instance(Path(settings.data)):
        world = bootstrap.open_world(settings)
        daemon = Daemon(world, first, plan, files, known_files=read_as)
        signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
        signal.signal(signal.SIGINT, lambda *_: daemon.stop())
        signal.signal(signal.SIGHUP, lambda *_: daemon.reload())
        daemon.run()
        world.store.close()
        _leave_now()


def _leave_now() -> None:
    """End the process without waiting for name look-ups under way, which libcurl would join for as long as they take."""
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
