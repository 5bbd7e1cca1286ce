"""`python -m watcher.service`: the service in a process that never loaded the command line, which would cost it 8 MB for months."""

import logging
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from watcher import bootstrap
from watcher.errors import ConfigError, WatcherError
from watcher.model.polling import Cycle
from watcher.model.settings import Settings
from watcher.pipeline import World
from watcher.service.canary import Canary
from watcher.service.daemon import Daemon, Plan, Supervision
from watcher.service.files import fingerprint
from watcher.service.heartbeat import Heartbeat
from watcher.service.lock import only_instance
from watcher.service.logs import logging_to
from watcher.service.progress import Progress
from watcher.service.scratch import clear
from watcher.service.systemd import Notifier, watchdog_interval
from watcher.service.upkeep import Upkeep
from watcher.service.watch import Watch, is_well
from watcher.service.websub import Subscriber


def main() -> None:
    """Run until SIGTERM or SIGINT, and leave with the exit code of what went wrong; SIGHUP reads the lists again."""
    parser = ArgumentParser("watcher run")
    for name in ("data", "indicators", "feeds", "config"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--json", action="store_true")
    given = vars(parser.parse_args())
    try:
        config, as_json = given.pop("config"), given.pop("json")
        settings = bootstrap.read_settings(
            Path(config) if config else None, os.environ, {name: path for name, path in given.items() if path}
        )
        serve(settings, as_json=as_json)
    except WatcherError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


def serve(settings: Settings, *, as_json: bool) -> None:
    """Serve until told to stop."""

    def plan() -> Plan:
        return Plan(
            feeds=bootstrap.load_feeds(settings, apart=True), rules=bootstrap.load_rules(settings, apart=True)
        )

    def plan_again() -> Plan:
        read = plan()
        bootstrap.remember_lists(settings)
        return read

    signal.signal(signal.SIGTERM, leave_at_once)  # nothing is under way yet
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the files are about to be read as they are

    def files() -> object:
        try:
            return fingerprint((bootstrap.indicators_file(settings), bootstrap.feeds_file(settings)))
        except ConfigError as error:
            return str(error)

    read_as = files()
    first = plan()
    with logging_to(as_json=as_json), only_instance(Path(settings.data)):
        clear(Path(settings.data))
        bootstrap.remember_lists(settings)
        watched_by = {
            "indicators": bootstrap.indicators_file(settings),
            "feeds": bootstrap.feeds_file(settings),
        }
        logging.getLogger("watcher.service").info("lists", extra=watched_by)
        world = bootstrap.open_world(settings)
        care = care_of(settings, world, os.environ, lambda: daemon.plan.rules.memory)
        daemon = Daemon(world, first, plan_again, files, known_files=read_as, care=care)
        signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
        signal.signal(signal.SIGINT, lambda *_: daemon.stop())
        signal.signal(signal.SIGHUP, lambda *_: daemon.reload())
        daemon.run()
        world.store.close()
        sys.stderr.flush()
        leave_at_once()


def care_of(
    settings: Settings, world: World, environ: Mapping[str, str], memory: Callable[[], timedelta]
) -> Supervision:
    """Return what looks after a service: the watch always, all else as the settings say; `memory` is how far back news still counts."""
    progress = Progress()
    attendants: list[Callable[[], Iterable[Cycle]]] = [Watch(world, Path(settings.data), progress).look]
    if settings.retention:
        attendants.append(Upkeep(world.store, settings.retention, memory, world.clock).look)
    if settings.service.heartbeat:
        beat = Heartbeat(
            settings.service, bootstrap.open_fetcher(settings), partial(is_well, world, progress)
        )
        attendants.append(beat.look)
    if settings.service.canary:
        attendants.append(Canary(settings, world, bootstrap.open_log(settings)).look)
    if settings.web.callbacks:
        attendants.append(
            Subscriber(
                settings.web.callbacks, world.store, bootstrap.open_fetcher(settings), world.clock
            ).look
        )
    vouch = watchdog_interval(environ) is not None
    return Supervision(
        progress=progress, attendants=tuple(attendants), notifier=Notifier(environ), vouch=vouch
    )


def leave_at_once(*_: object) -> None:
    """End the process without waiting for name look-ups, which libcurl would join for as long as they take.

    It flushes nothing: a signal may come while stderr is being written, and a flush then raises.
    """
    os._exit(0)


if __name__ == "__main__":
    main()
