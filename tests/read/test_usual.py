"""What the quick reader takes, it reads as feedparser does."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import pytest
from feedparser.api import StrictFeedParser
from feedparser.util import FeedParserDict
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.news import feed_document
from tests.builders import rss
from watcher.read.lenient import read_leniently
from watcher.read.names import ELEMENTS, NAMESPACES, REFUSED, UNREAD
from watcher.read.raw import RawFeed
from watcher.read.repair import is_possible, root_of
from watcher.read.usual import read_usual
from watcher.read.xmlfeed import raw_feed


def quickly(text: str) -> RawFeed | None:
    """Read a feed by the quick reader alone; None where it leaves the feed to feedparser."""
    body, damage = root_of(text)
    found = read_usual(body) if is_possible(body) else None
    return raw_feed(found, body, damage) if found else None


def by_feedparser(text: str) -> RawFeed:
    body, damage = root_of(text)
    return raw_feed(read_leniently(body), body, damage)


def agree(text: str) -> bool:
    """Say whether the quick reader takes a feed; if it does, it must read what feedparser reads."""
    quick = quickly(text)
    assert quick is None or quick == by_feedparser(text)
    return quick is not None


def words(text: str) -> list[str]:
    return text.split()


IN_USE = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "emsc": "https://www.emsc-csem.org",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "News": "https://www.bing.com/news/search?q=x",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xlink": "http://www.w3.org/1999/xlink",
    "yt": "http://www.youtube.com/xml/schemas/2015",
}
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
ROOTS = {
    "rss": ('rss version="2.0"', "channel", "item"),
    "atom": ('feed xmlns="http://www.w3.org/2005/Atom"', "", "entry"),
    "korean": ('feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko_KR"', "", "entry"),
    "rdf": (f"rdf:RDF {RDF}", "channel", "item"),
    "based": ('rss version="2.0" xml:base="https://wire.example/news/"', "channel", "item"),
    "old": ('rss version="0.91"', "channel", "item"),
    "prefixed": ('atom:feed xmlns:atom="http://www.w3.org/2005/Atom"', "", "atom:entry"),
}
USUAL = {
    "title": ("", ' type="text"', ' type="html"'),
    "link": ("", ' href="https://wire.example/1"', ' rel="self" href="/feed" type="application/rss+xml"'),
    "guid": ("", ' isPermaLink="false"', ' isPermaLink="true"', ' isPermaLink="True"'),
    "id": ("",),
    "description": ("",),
    "summary": ("", ' type="html"', ' type="TEXT"'),
    "content": ("", ' type="html"', ' type="text/html"'),
    "content:encoded": ("",),
    "pubDate": ("",),
    "published": ("",),
    "updated": ("",),
    "dc:date": ("",),
    "dc:title": ("",),
    "dc:creator": ("",),
    "dc:language": ("",),
    "category": ("", ' domain="x"', ' term="x"'),
    "media:title": ("", ' type="plain"', ' type="html"'),
    "media:description": ("", ' type="plain"'),
    "media:thumbnail": (' url="https://wire.example/1.jpg"',),
    "media:content": ("", ' url="https://wire.example/1.jpg"'),
    "media:group": ("",),
    "itunes:summary": ("",),
    "itunes:image": (' href="https://wire.example/1.jpg"',),
    "source": ("", ' url="https://wire.example/rss"'),
    "News:Source": ("",),
    "enclosure": (' url="https://wire.example/1.mp3" type="audio/mpeg"',),
    "comments": ("",),
    "author": ("",),
    "generator": ("", ' uri="https://wp.example" version="6"'),
    "language": ("",),
    "ttl": ("",),
    "image": ("",),
    "textInput": ("",),
    "georss:point": ("",),
    "geo:lat": ("",),
    "geo:long": ("",),
    "emsc:depth": ("",),
    "atom:link": (' rel="hub" href="https://hub.example/"', ' href="https://wire.example/2"'),
    "slash:comments": ("",),
    "yt:videoId": ("",),
    "url": ("",),
    "name": ("",),
    "skipHours": ("",),
}
METHODS = sorted(dir(StrictFeedParser))
ODD_NAMES = (
    *(name.removeprefix("_start_") for name in METHODS if name.startswith("_start_")),
    *words("date items links entries geom gdacs:severity dc:subject media:keywords svg p atom:title"),
    *words("atom:id atom:summary media:text written:link title_detail dcterms:issued feed rss channel"),
)
ODD_ATTRIBUTES = """
 xml:lang="ko"
 xml:base="https://b.example/"
 lang="ja"
 base="/b"
 href="/x"
 type="xhtml"
 type="application/octet-stream"
 mode="base64"
 rel="alternate" type="text/html"
 version="2.0"
 lastmod="2026-10-10"
 hreflang="ko" href="https://wire.example/ko"
 x="1"
 xmlns="http://www.w3.org/1999/xhtml"
 xmlns:dc="http://purl.org/dc/terms/"
 xmlns=""
 xmlns:media="http://search.yahoo.com/mrss"
 xmlns:q="http://purl.org/dc/elements/1.1/"
 xmlns:foo="urn:foo"
 xmlns:xlink="http://www.w3.org/1999/xlink"
 rdf:about="https://wire.example/about" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
""".strip("\n").split("\n")
PLAIN = """
ICBM
  북한, 미사일 발사
AT&amp;T
&lt;b&gt;ICBM&lt;/b&gt; &amp;amp; more
<![CDATA[<p>x</p> y]]>
https://wire.example/1
/1?a=1&amp;b=2
2026-10-10T11:00:00Z
Sat, 10 Oct 2026 20:00:00 +0900
ko-KR
60
38.2 127.1
127
""".splitlines()
TEXTS = (
    *PLAIN,
    *"""http:///wire.example/1
https://wire.example/?a&amp;copy;=1
http://[x/
1e3
it&#146;s
<![CDATA[<author>x</author>]]>
<b>x</b>
<!-- x -->y
<![CDATA[&#0;]]>
<![CDATA[<skipHours><hour>3</hour>]]>
a &lt; b
<x/>
a<br/>b
&lt;/author&gt;
&nbsp;x
a & b
""".splitlines(),
    "caf\xe9 \x85 \x92",
    "\xa0x\u2028",
)
OF_HEAD = (
    *words("title link description language generator ttl atom:link category skipHours dc:title"),
    *words("image textInput updated id"),
)
OF_ENTRY = tuple(
    sorted(USUAL.keys() - {"generator", "ttl", "textInput", "skipHours", "id", "summary", "published"})
)
OF_READ = (
    *words(
        "title link guid description content content:encoded pubDate dc:date media:title media:description"
    ),
    *words("media:group source georss:point image author"),
)
IN_ATOM = {"guid": "id", "description": "summary", "pubDate": "published"}
INSIDE = {
    "image": ("title", "link", "url", "description"),
    "textInput": ("title", "link", "name"),
    "media:group": ("media:title", "media:content", "media:thumbnail"),
    "author": ("name", "url"),
}


class Making:
    """A usual feed with at most a few odd things in it, so that most are still taken."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._places = 0
        self._odd = draw(st.frozensets(st.integers(1, 120), max_size=3))

    def one(self, of: Sequence[str]) -> str:
        return self._draw(st.sampled_from(of))

    def is_odd(self) -> bool:
        self._places += 1
        return self._places in self._odd

    def some(self, names: Sequence[str], most: int) -> list[str]:
        def meaning(name: str) -> str:
            return ELEMENTS.get(name.lower().replace(":", "_")) or name

        return self._draw(st.lists(st.sampled_from(names), max_size=most, unique_by=meaning))

    def element(self, name: str, depth: int = 0) -> str:
        attributes = self.one(USUAL[name])
        if self.is_odd():
            name = self.one(ODD_NAMES).replace("_", ":", 1)
        if self.is_odd():
            attributes += self.one(ODD_ATTRIBUTES)
        if name in INSIDE and depth < 2:
            inner = "".join(self.element(part, depth + 1) for part in self.some(INSIDE[name], 3))
        else:
            inner = self.one(TEXTS if self.is_odd() else PLAIN)
        if self.is_odd() and depth < 2:
            inner += self.element(self.one(OF_ENTRY), depth + 1)
        element = f"<{name}{attributes}>{inner}</{name}>"
        return element * 2 if self.is_odd() else element

    def feed(self) -> str:
        root, channel, entry = ROOTS[self.one(sorted(ROOTS))]
        name = root.partition(" ")[0]
        in_atom = name.endswith("feed")
        declared = {prefix: uri for prefix, uri in IN_USE.items() if f"xmlns:{prefix}=" not in root}
        if self.is_odd():
            declared[self.one((*declared, "foo", "title", "cc"))] = self.one(
                (*filter(None, NAMESPACES), "urn:foo", "x y")
            )
        names = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in declared.items())

        def elements(allowed: Sequence[str], most: int) -> str:
            said = self.some(allowed, most)
            return "".join(self.element(IN_ATOM.get(each, each) if in_atom else each) for each in said)

        head = elements(OF_HEAD, 6)
        entries = [
            f"<{entry}>{elements(OF_ENTRY, 9)}</{entry}>" for _ in range(self._draw(st.integers(0, 3)))
        ]
        if self.is_odd():
            entries.reverse()
            head, entries = "", [*entries, head]
        if channel:
            inside = "" if name == "rdf:RDF" and not self.is_odd() else "".join(entries)
            inner = f"<channel>{head}{inside}</channel>" + ("" if inside else "".join(entries))
        else:
            inner = head + "".join(entries)
        return f"<{root}{names}>{inner}</{name}>"


@st.composite
def feeds(draw: st.DrawFn) -> str:
    return Making(draw).feed()


def a_usual_feed(root: str, *, head: str = "", before: str = "", after: str = "") -> str:
    """Return a feed with something in its head, and before and after what its first entry says of itself."""
    opening, channel, entry = ROOTS[root]
    names = "".join(
        f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in IN_USE.items() if f":{prefix}=" not in opening
    )
    inner = (
        f"<{entry}>{before}<category>x</category><author><name>Kim</name></author>"
        f"<content:encoded><![CDATA[<p>Text</p>]]></content:encoded>{after}</{entry}>"
        f"<{entry}><title>North Korea fires &amp;quot;ICBM&amp;quot;</title><summary>Text</summary>"
        f"<link>https://wire.example/1</link><id>w1</id><updated>2026-10-10T11:00:00Z</updated></{entry}>"
    )
    head += "<title>Wire</title><image><title>Wire</title><url>/logo</url></image>"
    body = f"<{channel}>{head}{'' if root == 'rdf' else inner}</{channel}>" if channel else head + inner
    return f"<{opening}{names}>{body}{inner if root == 'rdf' else ''}</{opening.partition(' ')[0]}>"


@settings(max_examples=300)
@given(feeds())
def test_it_never_reads_what_feedparser_does_not(text: str) -> None:
    agree(text)


@pytest.mark.parametrize("root", ["rss", "korean"])
def test_one_odd_thing_in_a_usual_feed_is_read_like_feedparser_or_left_to_it(root: str) -> None:
    for name in OF_READ:
        odd = [
            *(f"<{name}{usual}>{text}</{name}>" for usual in USUAL[name] for text in TEXTS),
            *(f"<{name}{attribute}>ICBM</{name}>" for attribute in ODD_ATTRIBUTES),
            f"<{name}>1</{name}><{name}>2</{name}>",
            f"<{name}><title>ICBM</title></{name}>",
        ]
        for number, element in enumerate(odd):
            place = "before" if number % 2 else "after"
            agree(a_usual_feed(root, **{place: element}))


HARMLESS = frozenset(
    words("""
    cloud comments copyright dc_rights email enclosure height homepage name rights subtitle tagline uri url
    width
    feedburner_browserfriendly itunes_email itunes_image itunes_name itunes_subtitle
    itunes_block itunes_explicit media_credit media_player media_rating media_thumbnail items
    """)
)
"""Elements for which feedparser has a rule that changes nothing of what is read."""


def test_every_rule_of_feedparser_is_known() -> None:
    rules = {
        name.removeprefix(when).lower() for when in ("_start_", "_end_") for name in METHODS if when in name
    }
    unprefixed = {rule for rule in rules | FeedParserDict.keymap.keys() if "_" not in rule}

    known = {*ELEMENTS, *REFUSED, *HARMLESS}
    assert not {rule for rule in unprefixed - known if not UNREAD.match(f"<{rule}>")}
    prefixes = tuple(f"{prefix}_" for prefix in NAMESPACES.values() if prefix)
    assert all(rule.startswith(prefixes) for rule in rules - unprefixed)
    assert {rule for rule in rules - unprefixed if ELEMENTS.get(rule) == ""} <= HARMLESS


def test_every_namespace_of_feedparser_that_matters_is_known() -> None:
    rules = {name.split("_")[2] for name in METHODS if name.startswith("_start_") and name.count("_") > 2}
    for uri, prefix in StrictFeedParser.namespaces.items():
        if not prefix or prefix in rules:
            assert uri == "http://backend.userland.com/rss" or NAMESPACES[uri.lower()] == prefix.lower()


@pytest.mark.parametrize("root", ["rss", "atom", "korean", "rdf", "based", "prefixed"])
def test_it_takes_a_usual_feed(root: str) -> None:
    assert agree(a_usual_feed(root))


def test_a_measure_that_is_none_of_a_logo_costs_no_feed() -> None:
    assert agree(a_usual_feed("atom", head="<rights>Wire<height>9</height><width>9</width></rights>"))


@pytest.mark.parametrize("number", [0, 1])
def test_it_takes_the_feeds_of_the_benchmarks(number: int) -> None:
    assert agree(feed_document(number).decode())


@pytest.mark.parametrize(
    "element",
    [
        "<title>Two</title>",
        '<summary type="xhtml">x</summary>',
        "<media:title>One</media:title><media:title>Two</media:title>",
        '<pubDate xml:base="/b">x</pubDate>',
        "<b><title>x</title></b>",
        "<date>2026-10-10</date>",
        "<foo:a/>",
    ],
)
def test_what_is_odd_is_left_to_feedparser(element: str) -> None:
    text = rss(f"<title>ICBM</title>{element}").replace("<rss ", f'<rss xmlns:media="{IN_USE["media"]}" ')
    assert not agree(text)
