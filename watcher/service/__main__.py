"""`python -m watcher.service`: the service in a process without the command line, which saves 8 MB."""

import logging
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path
from socket import gethostname
from threading import Event

from watcher import bootstrap
from watcher.config.apart import parts_apart
from watcher.errors import ConfigError, StoreError, UsageError, WatcherError
from watcher.model.nodes import NodeName
from watcher.model.polling import Cycle
from watcher.model.settings import Settings
from watcher.nodes.leasing import Pace
from watcher.pipeline import World
from watcher.service.canary import Canary
from watcher.service.daemon import LOOK_EVERY, Alone, Daemon, Plan, Rounds, Supervision
from watcher.service.files import ListFiles
from watcher.service.heartbeat import Heartbeat
from watcher.service.lock import only_instance
from watcher.service.logs import logging_to
from watcher.service.page import PageProcess
from watcher.service.progress import Progress
from watcher.service.scratch import clear
from watcher.service.systemd import Notifier, watchdog_interval
from watcher.service.upkeep import Upkeep
from watcher.service.watch import Watch, is_well
from watcher.service.websub import Subscriber

_TRIES, _UNTIL_NEXT = 60, 0.5
"""How often, and after how many seconds, a node tries to take its name."""

_TURN = 0.001
"""So many seconds a thread computes while others wait: a courier that is woken is on its way while the round
of polls goes on, and not behind what that records next."""

_LOOK_SOON = 5.0
"""Seconds between two looks where the page may have ended, or another node."""


def main() -> None:
    """Run until SIGTERM or SIGINT, and leave with the exit code of what went wrong.

    SIGHUP reads the lists anew.
    """
    parser = ArgumentParser("watcher run")
    for name in ("data", "indicators", "feeds", "config"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--node")
    for name in ("json", "serve"):
        parser.add_argument(f"--{name}", action="store_true")
    given = vars(parser.parse_args())
    try:
        as_json, with_page, node = given.pop("json"), given.pop("serve"), given.pop("node")
        page = PageProcess(page_command(given)) if with_page else None
        config = given.pop("config")
        settings = bootstrap.read_settings(
            Path(config) if config else None, os.environ, {name: path for name, path in given.items() if path}
        )
        if node and not settings.store_url:
            raise UsageError("--node is for several services on one PostgreSQL: set `url` in [store]")
        serve(settings, as_json=as_json, page=page, node=node or gethostname())
    except WatcherError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


def page_command(given: Mapping[str, str | None]) -> list[str]:
    """Return the command that starts the page with the same flags."""
    flags = [word for name, value in given.items() if value for word in (f"--{name}", value)]
    return [sys.executable, "-P", "-m", "watcher.web", "--attached", *flags]


def serve(settings: Settings, *, as_json: bool, page: PageProcess | None = None, node: str = "") -> None:
    """Serve until told to stop, with the page if there is one; as a node, where the database is shared."""
    list_files = ListFiles(parts_apart)

    def plan() -> Plan:
        return Plan(
            content=content_of(files()),
            feeds=bootstrap.feeds_in_use(settings, apart=True),
            rules=bootstrap.load_rules(settings, apart=True),
        )

    def replan() -> Plan:
        read = plan()
        bootstrap.remember_lists(settings)
        return read

    def files() -> object:
        try:
            return list_files.fingerprint(bootstrap.indicators_file(settings), bootstrap.feeds_file(settings))
        except ConfigError as error:
            return str(error)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave_at_once)  # nothing is under way yet
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the files are about to be read as they are
    sys.setswitchinterval(_TURN)
    known_files, first = files(), plan()
    with logging_to(as_json=as_json), only_instance(Path(settings.data)):
        clear(Path(settings.data))
        bootstrap.remember_lists(settings)
        lists = {
            "indicators": bootstrap.indicators_file(settings),
            "feeds": bootstrap.feeds_file(settings),
        }
        bootstrap.upgrade_store_apart(settings)
        rounds = rounds_of(settings, NodeName(node))
        world = rounds.world
        if sys.stderr.isatty() and not as_json:
            sys.stderr.write(greeting(settings, with_page=page is not None))
        logging.getLogger("watcher.service").info("lists", extra=lists)
        supervision = supervision_of(settings, world, os.environ, lambda: daemon.plan.rules.memory)
        tasks = tuple(partial(_in_charge, rounds, task) for task in supervision.tasks)
        supervision = replace(supervision, tasks=tasks)
        if page:
            supervision = replace(supervision, tasks=(*supervision.tasks, page.look))
        if page or not isinstance(rounds, Alone):
            supervision = replace(supervision, every=min(supervision.every, _LOOK_SOON))
        daemon = Daemon(
            world, first, replan, files, known_files=known_files, supervision=supervision, rounds=rounds
        )
        signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
        signal.signal(signal.SIGINT, lambda *_: daemon.stop())
        signal.signal(signal.SIGHUP, lambda *_: daemon.reload())
        daemon.run()
        if page:
            page.stop()
        world.store.close()
        sys.stderr.flush()
        leave_at_once()


def rounds_of(settings: Settings, name: NodeName) -> Rounds:
    """Return the rounds of a service that is alone, or of a node, once its name is free.

    Raises:
        StoreError: a node of that name goes on for half a minute.
    """
    if not settings.store_url:
        return Alone(bootstrap.open_world(settings))
    from watcher.service.node import NodeRounds, duty_of  # noqa: PLC0415 - who is alone needs no nodes

    shared, pace = bootstrap.open_shared(settings), Pace()
    queue = bootstrap.open_queue(settings, pace.workers)
    patience = Event()
    for _ in range(_TRIES):
        if shared.store.has_duty(duty_of(name)):
            return NodeRounds(name, shared, queue, pace)
        patience.wait(_UNTIL_NEXT)  # one that was killed keeps its name until the database has noticed
    raise StoreError(f"a node {name} runs already on this database: give this one another name with --node")


def content_of(files: object) -> str:
    """Return what names the content of files, wherever they are, from what tells their states apart."""
    states = files if isinstance(files, tuple) else (str(files),)
    return blake2b(
        "\n".join(state.rpartition(" ")[2] for state in states).encode(), digest_size=16
    ).hexdigest()


def _in_charge(rounds: Rounds, task: Callable[[], Iterable[Cycle]]) -> Iterable[Cycle]:
    """Look after the service if this node does so for all."""
    return task() if rounds.in_charge() else ()


def greeting(settings: Settings, *, with_page: bool) -> str:
    """Return what a person who starts the service on a terminal looks for first."""
    page = f"http://{settings.web.listen}/" if with_page else "`watcher serve`, a process of its own"
    return (
        "The service is running. Ctrl-C stops it.\n"
        f"Alerts:      {Path(settings.data, bootstrap.ALERTS_FOLDER)}, and the channels of watcher.toml\n"
        f"Review page: {page}\n"
        "Its log:\n"
    )


def supervision_of(
    settings: Settings, world: World, environ: Mapping[str, str], memory: Callable[[], timedelta]
) -> Supervision:
    """Return what looks after a service: the watch always, all else as the settings say.

    `memory` is how far back news still counts.
    """
    progress, service, callbacks = Progress(), settings.service, settings.web.callbacks
    tasks: list[Callable[[], Iterable[Cycle]]] = [Watch(world, Path(settings.data), progress).look]
    if settings.retention:
        tasks.append(Upkeep(world.store, settings.retention, memory, world.clock).look)
    if service.heartbeat:
        well = partial(is_well, world, progress)
        tasks.append(Heartbeat(service, bootstrap.open_fetcher(settings), well).look)
    if service.canary:
        tasks.append(Canary(settings, world, bootstrap.open_log(settings)).look)
    if callbacks:
        fetcher = bootstrap.open_fetcher(settings)
        tasks.append(Subscriber(callbacks, world.store, fetcher, world.clock).look)
    watchdog = watchdog_interval(environ)
    heartbeat = service.heartbeat_every.total_seconds() / 2 if service.heartbeat else None
    return Supervision(
        progress=progress,
        tasks=tuple(tasks),
        notifier=Notifier(environ),
        watchdog=watchdog is not None,
        every=min(filter(None, (LOOK_EVERY, watchdog, heartbeat))),
    )


def leave_at_once(*_: object) -> None:
    """End the process without waiting for name look-ups, which libcurl would join for as long as they take.

    It flushes nothing: a signal may come while stderr is being written, and a flush then raises.
    """
    os._exit(0)


if __name__ == "__main__":
    main()
