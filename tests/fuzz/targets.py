"""Bytes in, nothing out: what must hold of reading, dates, matching and settings whatever the bytes are.

A target raises when a promise is broken. hypothesis runs all of them in the tests, atheris for as long as one
likes (`fuzz/`).
"""

import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from tests.builders import NOON, a_feed, an_item
from watcher.config import load_indicators, read_feeds, read_indicators
from watcher.config.query import parse_query
from watcher.errors import ConfigError, Mistake, ReadError
from watcher.match import Matcher, compile_list
from watcher.model.news import Document, Item
from watcher.read.caps import MAX_ITEMS, MAX_SUMMARY, MAX_TITLE, MAX_URL
from watcher.read.dates import parse_date
from watcher.read.document import read
from watcher.text.fold import fold

SHIPPED = Path(__file__).parent.parent.parent / "indicators.yaml"
CAUSES = {"empty", "not_a_feed", "refused", "unreadable", "limit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something to feed bytes to.

    `seeds` are good ones to begin with, `pieces` what means something inside them.
    """

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    pieces: tuple[bytes, ...]


def reading(body: bytes) -> None:
    """Any bytes are a document within all caps or a `ReadError`, and the same one each time."""
    first = _read(body)
    assert first == _read(body)
    if isinstance(first, str):
        assert first in CAUSES
        return
    assert len(first.items) <= MAX_ITEMS
    assert len({item.id for item in first.items}) == len(first.items)
    for item in first.items:
        _is_safe_to_keep(item)


def dates(raw: bytes) -> None:
    """Any text is an aware moment in UTC or none; a moment we write is read as itself."""
    moment = parse_date(raw.decode("utf-8", "replace"))
    if moment is not None:
        assert moment.tzinfo is UTC
        assert parse_date(moment.isoformat()) == moment


def matching(raw: bytes) -> None:
    """Any text can be matched with the shipped list; evidence stands in it; folding is idempotent."""
    title, _, summary = raw.decode("utf-8", "replace").partition("\n")
    item = an_item(title, summary=summary)
    view = _matcher().view(item)
    for hit in _matcher().match(item):
        assert 0 < hit.score <= 1
        assert hit.evidence
        assert all(words in view.text for words in hit.evidence)
    assert fold(fold(title)) == fold(title)


def config(raw: bytes) -> None:
    """Any bytes are a list or mistakes with their places; a list that is taken can be used."""
    for load in (read_feeds, _use):
        mistakes = _mistakes(load, raw)
        assert mistakes is None or mistakes
        assert all(mistake.line >= 1 and mistake.column >= 1 and mistake.what for mistake in mistakes or ())
    with suppress(ValueError):
        parse_query(raw.decode("utf-8", "replace"), {"dprk"})


def _read(body: bytes) -> Document | str:
    content_type = "text/xml; charset=euc-kr" if body.endswith(b"k") else ""
    try:
        return read(body, feed=a_feed(), seen=NOON, content_type=content_type)
    except ReadError as error:
        return error.cause


def _is_safe_to_keep(item: Item) -> None:
    assert item.title.strip()
    assert len(item.title) <= MAX_TITLE
    assert len(item.summary) <= MAX_SUMMARY
    assert len(item.url) <= MAX_URL
    assert not item.url or item.url.startswith(("http://", "https://"))
    assert item.published is None or datetime(1990, 1, 1, tzinfo=UTC) <= item.published <= NOON + timedelta(
        days=1
    )
    for text in (item.title, item.summary, item.url, *item.notes):
        text.encode()
        assert not any(unicodedata.category(character) == "Cc" for character in text)


@cache
def _matcher() -> Matcher:
    return compile_list(load_indicators(SHIPPED))


def _mistakes(load: Callable[[bytes, str], object], raw: bytes) -> Sequence[Mistake] | None:
    """Return what is wrong with a list, None when it is taken."""
    try:
        load(raw, "list.yaml")
    except ConfigError as error:
        return error.mistakes
    return None


def _use(raw: bytes, name: str) -> None:
    compile_list(read_indicators(raw, name)).match(
        an_item("North Korea fires suspected ICBM toward East Sea: JCS")
    )


_RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<channel><title>Wire</title><link>https://wire.example/</link>"
    "<item><title>N. Korea fires &lt;b&gt;ICBM&lt;/b&gt; &amp;amp; more</title><link>/1?a=b#c</link>"
    '<guid isPermaLink="false">w1</guid><pubDate>Sat, 10 Oct 2026 20:00:00 KST</pubDate>'
    "<description><![CDATA[<p>Seoul <script>x</script> says</p>]]></description>"
    "<category>nk</category></item></channel></rss>"
)
_ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss" '
    'xml:lang="ko" xml:base="https://wire.example/">'
    '<title>Wire</title><entry><title type="html">북한 &lt;i&gt;발사&lt;/i&gt;</title>'
    '<link rel="alternate" href="1"/><id>urn:1</id>'
    "<updated>2026-10-10T11:00:00+09:00</updated><georss:point>41.3 129.1</georss:point>"
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">text</div></content></entry></feed>'
)
_RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>Wire</title></channel>'
    "<item><title>ICBM</title><link>https://wire.example/1</link></item></rdf:RDF>"
)
_JSON = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "Wire", "language": "en", '
    '"items": [{"id": 1, "url": "https://wire.example/1","title": "ICBM", "content_html": "<p>x</p>", '
    '"date_published": "2026-10-10T11:00:00Z"}, {"id": "b", "content_text": "only text"}]}'
)
_LIST = """version: 1
entities:
  dprk: {names: [North Korea*, DPRK, 북한]}
calendars:
  party-day: {dates: ["10-10"]}
indicators:
  - id: icbm
    title: ICBM
    category: provocation
    severity: critical
    why: it matters
    match:
      all:
        - $dprk
        - any: [ICBM*, {regex: "hwasong-1[78]"}]
        - near: {words: 5, any: [fire*, 발사], with: [missile*, 미사일]}
        - none: [film]
    claims: {historical: ignore, denied: low}
    joins: {family: missile, by: happening, rung: 4, quiet: 24h}
    corroborate: {origins: 2, within: 6h}
    examples: {match: [North Korea fires ICBM missile], no_match: [a film]}
"""
_FEEDS = """version: 1
defaults: {every: 15m, grade: C}
feeds:
  - {id: wire-en, url: "https://wire.example/nk.xml", owner: wire, grade: A, language: en, every: 5m,
     headers: {Accept: text/xml}}
"""
_QUERY = '"Kim Yo Jong" NEAR/10 (warn* OR threat*) NOT film | $dprk -song PRE/3 album'


def _words(text: str) -> tuple[bytes, ...]:
    return tuple(text.encode().split(b" "))


TARGETS = {
    "reading": Target(
        run=reading,
        seeds=(
            *(text.encode() for text in (_RSS, _ATOM, _RDF, _JSON)),
            _RSS.encode("utf-16"),
            f'<?xml version="1.0" encoding="euc-kr"?>{_ATOM}'.encode("euc-kr"),
        ),
        pieces=(
            *_words(
                "<item> </item> <title> ]]> <![CDATA[ <!DOCTYPE &a; &#x110000; &#0; <!-- --> "
                "javascript: file:/// xmlns='x' 1e999 NaN"
            ),
            *(
                b"<!ENTITY a 'b'>",
                b'encoding="punycode"',
                b'"items": [',
                b"\x00",
                b"\xff\xfe",
                b"\xef\xbb\xbf",
                b"\xed\xa0\x80",
                b"k",
            ),
            *(b"<div>" * 300, b"9" * 5000, b"[" * 2000),
        ),
    ),
    "dates": Target(
        run=dates,
        seeds=(
            *(
                b"Sat, 10 Oct 2026 20:00:00 KST",
                b"2026-10-10T11:00:00.123+09:00",
                b"2026.02.27 15:04",
                b"20261010",
            ),
            *(b"October 3rd, 2026 at 3:04 PM EST", b"9999-12-31T23:59:59-14:00"),
            *("2026년 10월 10일 오후 3시 4분".encode(), "２０２６年１０月１０日（土）15時".encode()),
        ),
        pieces=_words("- : . T Z +99:99 GMT AM 0000 9 24:00 2026-W41-6 ٣ 일 時"),
    ),
    "matching": Target(
        run=matching,
        seeds=(
            (
                b"North Korea fires suspected ICBM toward East Sea: JCS\n"
                b"Seoul says it may be preparing a nuclear test."
            ),
            "북한, 동해상으로 ICBM 추정 미사일 발사\n합참이 밝혔다".encode(),
            "北朝鮮が弾道ミサイル発射か 防衛省\n北朝鲜发射导弹".encode(),
        ),
        pieces=(
            *_words("denies test Hwasong-18 . \u00ad \u200b ﾐｻｲﾙ İ ß \u1112\u1161\u11ab 🚀 's U.S."),
            *(b" ", b"\n", b"\xff", b"?" * 300, b"e\xcc\x81" * 50),
        ),
    ),
    "config": Target(
        run=config,
        seeds=(_LIST.encode(), _FEEDS.encode(), _QUERY.encode(), _LIST.encode("utf-16")),
        pieces=(
            *_words("{ } [ ] - : ' \" | ~ *a $dprk regex (a{99}){99} all none near \\ud800 \u0085 \u2028"),
            *(
                b"\n",
                b"  ",
                b"- ",
                b": ",
                b"? ",
                b"&a ",
                b"\t",
                b"\x00",
                b"\xff\xfe",
                b"!!python/object:os.system ",
                b"(" * 30,
                b"9" * 400,
            ),
        ),
    ),
}
