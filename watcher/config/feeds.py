"""feeds.yaml in, feeds out, or every mistake in it."""

from pathlib import Path
from urllib.parse import urlsplit

from watcher.config.check import check, repeated
from watcher.config.models.feeds import FeedDefaultsModel, FeedModel, FeedsModel
from watcher.config.source import decode, read_bytes
from watcher.config.tree import parse
from watcher.model.news import Feed, FeedId, Login

HOW_TO_MAKE_ONE = 'begin with a line `feeds: [{id: yonhap-en, url: "https://en.yna.co.kr/RSS/nk.xml", every: 5m}]`, or name another file with --feeds'


def load_feeds(path: Path) -> tuple[Feed, ...]:
    """Read the list of feeds.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; every mistake is in it.
    """
    return read_feeds(read_bytes(path, if_missing=HOW_TO_MAKE_ONE), str(path))


def read_feeds(raw: bytes, name: str) -> tuple[Feed, ...]:
    """Read the bytes of a feeds file; `name` is its path, from whose folder the paths in it are seen, and what mistakes call it.

    Raises:
        ConfigError: something in it is wrong.
    """
    tree = parse(decode(raw, name), name)
    model = check(tree, FeedsModel, also=[*repeated(tree, "feeds", "id"), *repeated(tree, "feeds", "url")])
    return tuple(_feed(each, model.defaults, Path(name).parent) for each in model.feeds)


def _feed(model: FeedModel, defaults: FeedDefaultsModel, folder: Path) -> Feed:
    login = model.basic_auth
    return Feed(
        id=FeedId(model.id),
        url=model.url,
        owner=model.owner or urlsplit(model.url).hostname or "",
        grade=model.grade or defaults.grade,
        language=defaults.language if model.language is None else model.language,
        every=model.every or defaults.every,
        at_most=model.at_most or defaults.at_most,
        seed=defaults.seed if model.seed is None else model.seed,
        title=model.title.strip(),
        headers=dict(model.headers),
        user_agent=model.user_agent,
        login=Login(user=login.user, password_file=str(folder / login.password_file)) if login else None,
        proxy=model.proxy,
        ca=str(folder / model.ca) if model.ca else "",
        legacy_tls=model.legacy_tls,
        allow_private=model.allow_private,
    )
