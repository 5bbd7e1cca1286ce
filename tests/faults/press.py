"""A press that keeps publishing while the service is killed or stopped, and the account in the end."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from threading import Event, Thread
from types import TracebackType
from typing import Self

from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news
from watcher.store import SqliteStore

FEEDS, WINDOW = 4, 400
"""Feeds, and items listed by each: thirteen minutes of news, longer than the slowest round of polls."""

_EVERY = 0.5


def moment(number: int, longest: float = 1.2) -> float:
    """Return the seconds until something happens to the service: 0 to the longest, the same in every run."""
    return longest * int.from_bytes(blake2b(str(number).encode(), digest_size=4).digest()) / 0xFFFF_FFFF


class Press:
    """Feeds that publish item after item, in turn, in a thread of their own; each item is its own story."""

    def __init__(self, server: LoopbackServer, feeds: int = FEEDS) -> None:
        self._server = server
        self._stopped = Event()
        self._published: list[list[str]] = [[] for _ in range(feeds)]
        self._thread = Thread(target=self._print, daemon=True)
        self.addresses = {f"feed-{feed}": self._publish(feed) for feed in range(feeds)}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def titles(self) -> set[str]:
        """All that was published."""
        return {title for feed in self._published for title in feed}

    def _print(self) -> None:
        number = 0
        while not self._stopped.wait(_EVERY):
            self._publish(number % len(self._published))
            number += 1

    def _publish(self, feed: int) -> str:
        """List one more item, with validators: remembered without its items, they would lose the items."""
        own = self._published[feed]
        own.append(
            f"ICBM number {len(own) * len(self._published) + feed}"
        )  # what differs in its number is another story
        headers = {"ETag": f'"{len(own)}"', "Last-Modified": f"day {len(own)}"}
        return self._server.serve(f"/{feed}", news(*own[-WINDOW:]), headers=headers)


@dataclass(frozen=True, slots=True)
class Account:
    """What came of what was published."""

    published: int
    alerts: int
    unseen: int
    lost: int
    doubled: int
    received: bool
    intact: bool

    def __str__(self) -> str:
        lost = f"{self.lost} lost" + (f" ({self.unseen} of them never seen)" if self.unseen else "")
        return f"{self.published} items, {self.alerts} alerts: {lost}, {self.doubled} doubled, 0 torn"


def settle(workspace: Workspace, server: LoopbackServer, press: Press) -> Account:
    """Let the watcher see what is left, and account for everything; a torn line fails here.

    An alert counts as doubled when its id is in the log twice, or a story in two alerts. A receiver may get
    one again, under its id.
    """
    assert workspace.call("poll", "--all", "--data", workspace.data).code == 0
    alerts = workspace.call("alerts", "list", "--json", "--limit", "100000", "--data", workspace.data).json
    with closing(SqliteStore.open_readonly(workspace.data / "watcher.db")) as store:
        seen = {item.title for item in store.items()}
    lines = workspace.log()
    logged = Counter(line["id"] for line in lines)
    stories = Counter(item["title"] for line in lines if line["kind"] == "incident" for item in line["items"])
    stored = {alert["id"] for alert in alerts}
    keys = [seen.headers["idempotency-key"] for seen in server.requests if seen.path == "/hook"]
    return Account(
        published=len(press.titles),
        alerts=len(lines),
        unseen=len(press.titles - seen),
        lost=len(press.titles - set(stories)) + len(stored ^ set(logged)),
        doubled=sum(count - 1 for counted in (logged, stories) for count in counted.values()),
        received=list(dict.fromkeys(keys)) == [line["id"] for line in lines],
        intact=workspace.call("db", "check", "--data", workspace.data).code == 0,
    )


def set_up(workspace: Workspace, server: LoopbackServer) -> Press:
    """Point a workspace at a press, with a receiver beside the alert log."""
    press = Press(server)
    workspace.settings(desk=server.serve("/hook"))
    workspace.feeds(press.addresses)
    return press
