"""feeds.yaml in, feeds out, or every mistake in it."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from watcher.config.check import check, repeated
from watcher.config.models.feeds import FeedDefaultsModel, FeedModel, FeedsModel
from watcher.config.source import decode, read_bytes
from watcher.config.tree import parse
from watcher.config.vocabulary import load_outlets
from watcher.model.news import Feed, FeedKind
from watcher.read.outlets import is_aggregator, outlets_of

HOW_TO_MAKE_FEEDS = (
    'begin with a line `feeds: [{id: yonhap-en, url: "https://en.yna.co.kr/RSS/nk.xml", every: 5m}]`,'
    " or name another file with --feeds"
)


def load_feeds(path: Path) -> tuple[Feed, ...]:
    """Read the list of feeds.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; every mistake is in it.
    """
    return read_feeds(read_bytes(path, if_missing=HOW_TO_MAKE_FEEDS), str(path))


def read_feeds(raw: bytes, name: str) -> tuple[Feed, ...]:
    """Read the bytes of a feeds file; `name` is its path, to whose folder the paths in it are relative.

    Raises:
        ConfigError: something in it is wrong.
    """
    tree = parse(decode(raw, name), name)
    model = check(tree, FeedsModel, also=[*repeated(tree, "feeds", "id"), *repeated(tree, "feeds", "url")])
    feeds = tuple(_feed(each, model.defaults, Path(name).parent) for each in model.feeds)
    outlets = {**load_outlets(), **outlets_of(feeds)}
    return tuple(replace(feed, outlets=outlets) for feed in feeds)


def _feed(model: FeedModel, defaults: FeedDefaultsModel, folder: Path) -> Feed:
    found = dict(defaults) | {"owner": urlsplit(model.url).hostname or ""} | model.values()
    if model.login:
        found["login"] = replace(model.login, password_file=str(folder / model.login.password_file))
    if model.ca:
        found["ca"] = str(folder / model.ca)
    feed = Feed(**found | {"title": model.title.strip()})
    return replace(feed, kind=FeedKind.AGGREGATOR) if is_aggregator(feed) else feed
