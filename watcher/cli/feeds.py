"""Where to look: feeds."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli.options import Config, Data, Feeds, Json, settings_of
from watcher.cli.show import as_json, moment, progress, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watcher.model.news import Feed, FeedId
    from watcher.model.polling import FeedState
    from watcher.model.settings import Settings

feeds = typer.Typer(help="The feeds.", rich_markup_mode=None, no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(feeds, name="feeds")


@feeds.command("list")
def list_feeds(data: Data = None, feeds: Feeds = None, config: Config = None, json: Json = False) -> None:
    """List the feeds, and how each is doing where it was polled."""
    from watcher import bootstrap

    settings = settings_of(data, None, feeds, config)
    listed = bootstrap.load_feeds(settings)
    states = _states(settings)
    rows = []
    for feed in listed:
        state = states.get(feed.id)
        rows.append(
            {
                "id": feed.id,
                "url": feed.url,
                "owner": feed.owner,
                "grade": feed.grade,
                "language": feed.language,
                "every": str(feed.every),
                "last_ok": moment(state.last_ok) if state else "never",
                "error": state.error if state else "",
            }
        )
    if json:
        as_json(rows)
    else:
        table(tuple(rows[0]) if rows else (), (tuple(row.values()) for row in rows))


@feeds.command("test")
def try_feeds(
    names: Annotated[list[str] | None, typer.Argument(help="Ids of feeds, or addresses (default: every feed).")] = None,
    feeds: Feeds = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Fetch and read feeds once, storing nothing; exit 3 when one does not work."""
    from watcher import bootstrap
    from watcher.clock import utc_now
    from watcher.errors import FetchError, ReadError
    from watcher.model.polling import Request
    from watcher.workers.reader import WorkerReader

    settings = settings_of(None, None, feeds, config)
    chosen = _chosen(names or [], bootstrap.load_feeds(settings))
    reader = WorkerReader()
    rows: list[dict[str, Any]] = []
    answers = bootstrap.open_fetcher(settings).fetch([Request(feed=feed) for feed in chosen])
    for feed, answer, document in progress(reader.read(answers, utc_now()), "testing", len(chosen)):
        error = answer if isinstance(answer, FetchError) else document if isinstance(document, ReadError) else None
        good = None if error or document is None or isinstance(document, ReadError) else document
        rows.append(
            {
                "id": feed.id,
                "works": good is not None,
                "format": good.format if good else "",
                "items": len(good.items) if good else 0,
                "newest": next((item.title for item in good.items), "") if good else "",
                "trouble": str(error or (good.damage if good else "")),
            }
        )
    reader.close()
    if json:
        as_json(rows)
    else:
        table(
            ("feed", "works", "format", "items", "newest", "trouble"),
            ((row["id"], "yes" if row["works"] else "no", row["format"], str(row["items"]), row["newest"], row["trouble"]) for row in rows),
        )
    raise typer.Exit(0 if all(row["works"] for row in rows) else 3)


def _states(settings: "Settings") -> "Mapping[FeedId, FeedState]":
    from watcher import bootstrap

    if not bootstrap.database_of(settings).exists():
        return {}
    with closing(bootstrap.read_store(settings)) as store:
        return store.states()


def _chosen(names: list[str], listed: "tuple[Feed, ...]") -> "list[Feed]":
    from urllib.parse import urlsplit

    from watcher.errors import UsageError
    from watcher.model.news import Feed, FeedId

    known = {feed.id: feed for feed in listed}
    chosen = []
    for name in names:
        if name in known:
            chosen.append(known[FeedId(name)])
        elif name.startswith(("http://", "https://")):
            chosen.append(Feed(id=FeedId(name), url=name, owner=urlsplit(name).hostname or name))
        else:
            raise UsageError(f"no feed called {name!r}; `watcher feeds list` shows them, or give an address")
    return chosen or list(listed)
