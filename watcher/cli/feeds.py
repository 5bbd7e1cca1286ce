"""Where to look: feeds."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from watcher import bootstrap
from watcher.cli.common import Json, group, takes_settings
from watcher.cli.show import as_json, progress, table, utc_minute
from watcher.clock import utc_now
from watcher.errors import FetchError, ReadError, UsageError
from watcher.model.news import Feed, FeedId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from watcher.collection.trial import Trial
    from watcher.config.listing import Entry
    from watcher.model.news import Document
    from watcher.model.polling import FeedState, Fetched
    from watcher.model.settings import Settings
    from watcher.ports import Reading

_LONGEST = 500

feeds = group("feeds", "List, test, add, import and export feeds.")


@feeds.command("list")
@takes_settings("data", "feeds", "config")
def list_feeds(settings: "Settings", json: Json = False) -> None:
    """List the feeds and the state of each."""
    from watcher.config.durations import as_typed
    from watcher.fetch.urls import without_login

    listed = bootstrap.feeds_in_use(settings)
    states: Mapping[FeedId, FeedState] = {}
    if bootstrap.has_database(settings):
        with closing(bootstrap.read_store(settings)) as store:
            states = store.states()
    rows: list[dict[str, Any]] = [
        {"id": feed.id, "url": without_login(feed.url)}
        | {name: getattr(feed, name) for name in ("owner", "grade", "language")}
        | {"every": as_typed(feed.every)}
        | {
            "tags": feed.tags,
            "last_ok": utc_minute(state.last_ok) if state else "never",
            "error": state.error if state else "",
            "moved_to": state.moved_to if state else "",
            "notices": "; ".join(each.what for each in state.habits.notices if not each.over)
            if state
            else "",
            "evidence": feed.evidence,
        }
        for feed in listed
        for state in [states.get(feed.id)]
    ]
    if json:
        as_json(rows)
        return
    # once a feed has worked here, what others found does not matter
    shown = [row if row["last_ok"] == "never" else row | {"evidence": ""} for row in rows]
    table(tuple(rows[0]) if rows else (), (tuple(row.values()) for row in shown))


@feeds.command("test")
@takes_settings("feeds", "config")
def try_feeds(
    settings: "Settings",
    names: Annotated[
        list[str] | None, typer.Argument(help="Ids of feeds, or addresses (default: every feed).")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Also write a table of what came of it to a Markdown file."),
    ] = None,
    json: Json = False,
) -> None:
    """Fetch and read feeds once, storing nothing; exit 3 when one does not work."""
    from watcher.collection.trial import tried
    from watcher.collection.vitals import NO_FEED_REACHED, none_reached
    from watcher.fetch.urls import without_login

    chosen, now = _chosen(names or [], bootstrap.feeds_in_use(settings)), utc_now()
    readings = progress(_readings(chosen, settings), "testing", len(chosen))
    found = {
        feed.id: tried(replace(feed, url=without_login(feed.url)), answer, document, now)
        for feed, answer, document in readings
    }
    trials = [found[feed.id] for feed in chosen]
    working = sum(not trial.error for trial in trials)
    if report:
        _write_report(report, trials, now)
    if json:
        as_json([_trial_dict(trial) for trial in trials])
    else:
        table(
            ("feed", "works", "format", "items", "newest", "trouble"),
            map(_trial_row, trials),
        )
        typer.echo(f"{working} of {len(trials)} feeds work; {sum(trial.items for trial in trials):,} items")
    if none_reached([trial.error for trial in trials]):
        typer.echo(NO_FEED_REACHED, err=True)
    raise typer.Exit(0 if working == len(trials) else 3)


@feeds.command("poll")
@takes_settings("data", "feeds", "config")
def poll_soon(
    settings: "Settings", names: Annotated[list[str], typer.Argument(help="Ids of feeds.")]
) -> None:
    """Ask the running service to poll feeds at its next round, sooner than planned."""
    from watcher.polling.cadence import after_asking
    from watcher.service.health import runs_here

    listed = {feed.id: feed for feed in bootstrap.feeds_in_use(settings)}
    if unknown := [name for name in names if name not in listed]:
        raise UsageError(f"no feed called {unknown[0]!r}; `watcher feeds list` shows them")
    with closing(bootstrap.open_for_review(settings)) as store:
        for feed in (listed[FeedId(name)] for name in names):
            typer.echo(after_asking(feed, store.state(feed.id)))
            store.poll_soon(feed.id, store.shared_now() or utc_now())
        runs = runs_here(settings, store, utc_now())
    if runs is None:
        typer.echo("No service runs on this data folder; `watcher poll` polls what is due.", err=True)


@feeds.command("add")
@takes_settings("feeds", "config")
def add_feed(
    settings: "Settings",
    address: Annotated[str, typer.Argument(help="Address of a feed, or of a page that names its feeds.")],
    name: Annotated[str, typer.Option("--id", help="Its id (default: derived from its title).")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Who publishes it (default: the host).")] = "",
    grade: Annotated[
        str, typer.Option("--grade", help="How reliable it is, A to F (default: that of the file).")
    ] = "",
    json: Json = False,
) -> None:
    """Find the feed at an address, read it once, and append it to feeds.yaml."""
    from watcher.config.listing import Entry, free_id

    listed = _listed_in(settings)
    url, document = _found_at(address, settings)
    for feed in listed:
        if feed.url == url:
            raise UsageError(f"{url} is listed already, as {feed.id}")
    chosen = name or free_id(document.title, url, {feed.id for feed in listed})
    _append([Entry(id=chosen, url=url, owner=owner, grade=grade, title=document.title)], settings, json=json)


@feeds.command("import")
@takes_settings("feeds", "config")
def import_feeds(
    settings: "Settings",
    file: Annotated[Path, typer.Argument(help="OPML, as other readers export it.")],
    grade: Annotated[
        str, typer.Option("--grade", help="How reliable all of them are, A to F (default: that of the file).")
    ] = "",
    json: Json = False,
) -> None:
    """Append the feeds of an OPML file to feeds.yaml, folders as tags; nothing is fetched.

    What is skipped is printed to stderr, with the reason.
    """
    from watcher.config.listing import Entry, free_id
    from watcher.config.opml import load_opml

    known = {feed.url: feed.id for feed in _listed_in(settings)}
    taken, entries, named = {str(feed) for feed in known.values()}, [], load_opml(file)
    skipped = list(named.skipped)
    for each in named.feeds:
        if each.url in known:
            skipped.append(f"{each.url}: it is listed already, as {known[each.url]}")
            continue
        name = free_id(each.title, each.url, taken)
        entries.append(Entry(id=name, url=each.url, grade=grade, title=each.title, tags=each.tags))
        taken.add(name)
    from watcher.delivery.render import one_line

    _append(entries, settings, json=json)
    for reason in skipped:
        typer.echo(f"skipped {one_line(reason, _LONGEST)}", err=True)


@feeds.command("export")
@takes_settings("feeds", "config")
def export_feeds(settings: "Settings") -> None:
    """Print the feeds as OPML 2.0 for other readers, tags as folders."""
    from watcher.config.opml import as_opml

    typer.echo(as_opml(bootstrap.feeds_in_use(settings)), nl=False)


def _trial_row(trial: "Trial") -> tuple[object, ...]:
    works, trouble = ("no", trial.error) if trial.error else ("yes", "; ".join(trial.odd))
    return trial.feed.id, works, trial.format, trial.items, trial.first, trouble


def _trial_dict(trial: "Trial") -> dict[str, Any]:
    """Return the JSON form of what came of trying a feed."""
    return {
        "id": trial.feed.id,
        "works": not trial.error,
        "format": trial.format,
        "items": trial.items,
        "newest": trial.first,
        "published": trial.newest,
        "writing": trial.writing,
        "trouble": trial.error or "; ".join(trial.odd),
    }


def _write_report(path: Path, trials: "Sequence[Trial]", now: "datetime") -> None:
    from watcher.export.trials import as_markdown
    from watcher.replacing import replace_whole

    text = "".join(f"{line}\n" for line in as_markdown(trials, now))
    try:
        replace_whole(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path} could not be written: {error.strerror or error}") from error


def _readings(chosen: "Sequence[Feed]", settings: "Settings") -> "Iterator[Reading]":
    """Fetch and read feeds once, in any order."""
    from watcher.model.polling import Request

    with closing(bootstrap.open_reader()) as reader:
        fetched = bootstrap.open_fetcher(settings).fetch([Request(feed=feed) for feed in chosen])
        yield from reader.read(fetched, utc_now())


def _found_at(address: str, settings: "Settings") -> "tuple[str, Document]":
    """Return the final address and the document of the feed at an address, or of the one its page names.

    Raises:
        FetchError: nothing can be fetched there.
        ReadError: it is neither a feed nor a page that names one.
        UsageError: the page names several.
    """
    from watcher.read.pages import feeds_named

    answer, document = _read_once(address, settings)
    if isinstance(document, ReadError):
        named = feeds_named(answer.body or b"", answer.url, answer.content_type)
        if not named:
            raise document
        if len(named) > 1:
            lines = "\n".join(f"  watcher feeds add {each.url}  # {each.title}" for each in named)
            raise UsageError(
                f"{answer.url} is a page that names {len(named)} feeds; add one of them:\n{lines}"
            )
        address = named[0].url
        answer, document = _read_once(address, settings)
        if isinstance(document, ReadError):
            raise document
    return answer.moved_to or address, document


def _read_once(address: str, settings: "Settings") -> "tuple[Fetched, Document | ReadError]":
    ((_, answer, document),) = _readings(_chosen([address], ()), settings)
    if isinstance(answer, FetchError):
        raise answer
    assert document is not None  # an answer to a request without conditions has a body
    return answer, document


def _listed_in(settings: "Settings") -> tuple[Feed, ...]:
    from watcher.config.feeds import read_feeds
    from watcher.config.listing import EMPTY

    path, before = _file_to_change(settings)
    return () if before == EMPTY else read_feeds(before, str(path))


def _file_to_change(settings: "Settings") -> tuple[Path, bytes]:
    """Return the feeds file to change, and its content; if there is none, what it begins with."""
    from watcher.config.listing import file_before
    from watcher.model.settings import SHIPPED

    if settings.feeds == SHIPPED:
        raise UsageError(
            "the shipped list cannot be changed; leave `--feeds shipped` out to begin your own list with it"
        )
    found = bootstrap.feeds_file(settings)
    path = found if settings.feeds or not bootstrap.is_shipped(found) else Path("feeds.yaml")
    return path, file_before(path, None if settings.feeds else bootstrap.shipped("feeds.yaml"))


def _append(entries: "Sequence[Entry]", settings: "Settings", *, json: bool) -> None:
    from watcher.config.listing import add_feeds

    path, before = _file_to_change(settings)
    begun = "" if path.exists() or settings.feeds else ", which is new here and begins as the shipped list"
    added = add_feeds(path, before, entries) if entries else ()
    if json:
        as_json([{name: getattr(feed, name) for name in ("id", "url", "title", "tags")} for feed in added])
        return
    for feed in added:
        typer.echo(f"{feed.id}  {feed.url}  {feed.title}")
    typer.echo(f"{len(added)} added to {path}{begun if added else ''}")


def _chosen(names: list[str], listed: tuple[Feed, ...]) -> list[Feed]:
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
