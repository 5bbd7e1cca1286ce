"""A folder in, what a watcher does when the disk under it fills up out, as JSON.

`unshare -rm python -m tests.faults.small_disk FOLDER POINTS`: the disk is a tmpfs of some megabytes, mounted
over the folder in a mount namespace of its own. At every point it is filled until a few more pages fit than
at the point before, so that another write fails each time: of the database, of the alert log, or of none.
Then there is room again.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.builders import NOON, a_list
from tests.faults.test_every_step import Agencies, Desktop
from tests.workspace import ONE_TERM
from watcher.channels.log import AlertLog
from watcher.errors import StoreError
from watcher.model.news import Feed, FeedId
from watcher.pipeline import World, deliver, poll, rules_of
from watcher.store import SqliteStore

SIZE = 16 << 20
PAGE = 4096
RULES = rules_of(a_list(ONE_TERM))
WIRE = Feed(id=FeedId("wire"), url="https://wire.example/f", owner="wire", seed=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The outcome with a number of free pages: the problem reported, and the alerts once there was room."""

    pages: int
    said: list[str]
    titles: list[str]


def title(number: int, part: int) -> str:
    """Return a title of some length; its number makes it a story of its own."""
    return f"ICBM number {number * 100 + part} " + "and what else was said of it at length " * 5


def try_out(folder: Path, points: int) -> Iterator[Point]:
    """Fill the disk at one point after another, work on it, and work again with room."""
    channel = AlertLog(folder / "alerts")
    with closing(SqliteStore.open(folder / "watcher.db")) as store:
        for number in range(points):
            titles = [title(number, part) for part in range(5)]
            prepare(store, roomy=bool(number % 2))
            leave_free(folder / "ballast", number // 2)
            said = list(work(world_of(titles, store, channel, NOON + timedelta(hours=number))))
            (folder / "ballast").unlink()
            left = list(work(world_of(titles, store, channel, NOON + timedelta(hours=number, minutes=50))))
            assert left == [], (number, said, left)
            yield Point(pages=number // 2, said=said, titles=titles)


def world_of(titles: list[str], store: SqliteStore, channel: AlertLog, now: datetime) -> World:
    """Return a world in which a feed has some titles at some time."""
    return World(
        fetcher=Agencies({"wire": titles}),
        reader=Desktop(),
        store=store,
        channels=(channel,),
        clock=lambda: now,
    )


def prepare(store: SqliteStore, *, roomy: bool) -> None:
    """Leave the database's log full, so that its next write needs room, or roomy, so that it needs none."""
    if roomy:
        for length in (0, 400_000):  # the same again would write nothing
            store.note("long", "x" * length)
        store.give_back()
    else:
        store.compact()


def leave_free(ballast: Path, pages: int) -> None:
    """Fill the disk to the last page, then let some pages go."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * PAGE):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - pages * PAGE))


def work(world: World) -> Iterator[str]:
    """Poll and deliver once; yield what went wrong, as the service would log it."""
    try:
        list(poll([WIRE], world, RULES))
        deliver(world.channels[0], world.store, world.clock)
    except StoreError as error:
        yield str(error)
    else:
        yield from (delivery.error for delivery in world.store.first_waiting())


def main() -> None:
    folder, points = Path(sys.argv[1]), int(sys.argv[2])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
    found = [asdict(point) for point in try_out(folder, points)]
    log = [
        json.loads(line)
        for file in sorted((folder / "alerts").glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    with closing(SqliteStore.open_readonly(folder / "watcher.db")) as store:
        print(json.dumps({"points": found, "log": log, "damage": store.integrity()}))  # noqa: T201  the test reads it


if __name__ == "__main__":
    main()
