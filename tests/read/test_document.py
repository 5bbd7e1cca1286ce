import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_feed, rss
from watcher.errors import ReadError
from watcher.model.news import Document, Item, Point
from watcher.read.document import read
from watcher.read.identity import text_hash
from watcher.read.plain import plain

LAUNCH = "<title>North Korea fires suspected ICBM</title><link>https://wire.example/1</link><guid>w1</guid>"


GDACS = 'xmlns:gdacs="http://www.gdacs.org"'


def read_text(text: str | bytes, *, language: str = "", url: str = "") -> Document:
    body = text.encode() if isinstance(text, str) else text
    return read(body, feed=a_feed(language=language), seen=NOON, url=url)


def only(text: str | bytes) -> Item:
    (item,) = read_text(text).items
    return item


RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Wire</title></channel>
<item><title>ICBM</title><link>https://wire.example/1</link><dc:date>2026-10-10T20:00:00+09:00</dc:date></item>
</rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko"><title>Wire</title><entry>
<title type="html">
&lt;b&gt;ICBM&lt;/b&gt;</title>
<link href="/1"/><id>w1</id><updated>2026-10-10T11:00:00Z</updated>
<content type="html">text</content></entry></feed>"""
CDF = """<CHANNEL HREF="https://wire.example/"><TITLE>Wire</TITLE>
<ITEM HREF="https://wire.example/1" LASTMOD="2026-10-10T11:00Z"><TITLE>ICBM</TITLE></ITEM></CHANNEL>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Wire",
        "items": [
            {
                "id": 1,
                "url": "https://wire.example/1",
                "title": "ICBM",
                "date_published": "2026-10-10T11:00:00Z",
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (
            rss(
                "<title>ICBM</title><link>https://wire.example/1</link>"
                "<pubDate>Sat, 10 Oct 2026 20:00:00 KST</pubDate>"
            ),
            "rss20",
        ),
        (RDF, "rss10"),
        (ATOM, "atom10"),
        (CDF, "cdf"),
        (JSON, "json11"),
    ],
)
def test_every_format_says_the_same(text: str, form: str) -> None:
    document = read_text(text)

    assert (document.format, document.title, document.damage, document.notes) == (form, "Wire", "", ())
    (item,) = document.items
    assert (item.title, item.url, item.published) == (
        "ICBM",
        "https://wire.example/1",
        datetime(2026, 10, 10, 11, tzinfo=UTC),
    )


def test_an_item_is_filed_under_its_feed_as_seen_now() -> None:
    item = only(rss(LAUNCH + "<description>&lt;p&gt;Seoul says&lt;/p&gt;&lt;p&gt;so&lt;/p&gt;</description>"))

    assert (item.feed, item.owner, item.seen, item.revision) == ("wire-en", "wire", NOON, 0)
    assert (item.summary, item.notes) == ("Seoul says so", ())
    assert (item.keys.guid, item.keys.link, item.keys.title) == (
        "w1",
        "wire.example/1",
        "north korea fires suspected icbm",
    )


def test_the_same_entry_has_the_same_id_in_every_poll() -> None:
    first = only(rss(LAUNCH))
    later = read(
        rss(LAUNCH + "<description>more</description>").encode(), feed=a_feed(), seen=NOON + timedelta(days=1)
    ).items[0]

    assert first.id == later.id
    assert first.text_hash != later.text_hash


@pytest.mark.parametrize(
    "where",
    [
        '<point xmlns="http://www.georss.org/georss">41.3 129.1</point>',
        '<lat xmlns="http://www.w3.org/2003/01/geo/wgs84_pos#">41.3</lat><long xmlns="http://www.w3.org/2003/01/geo/wgs84_pos#">129.1</long>',
    ],
)
def test_a_quake_has_its_place(where: str) -> None:
    assert only(rss(f"<title>M 5.1 - Sungjibaegam</title>{where}")).point == Point(
        latitude=41.3, longitude=129.1
    )


def test_a_place_that_is_nowhere_is_none() -> None:
    assert (
        only(rss('<title>M 5.1</title><point xmlns="http://www.georss.org/georss">410 nan</point>')).point
        is None
    )


@pytest.mark.parametrize(
    ("field", "depth"),
    [
        ('<elev xmlns="http://www.georss.org/georss">-10000</elev>', 10.0),
        ('<elev xmlns="http://www.georss.org/georss">250</elev>', 0.0),
        ('<emsc:depth xmlns:emsc="https://www.emsc-csem.org"> 8.5 f</emsc:depth>', 8.5),
        ('<emsc:depth xmlns:emsc="https://www.emsc-csem.org">unknown</emsc:depth>', None),
        (
            f'<gdacs:severity {GDACS} unit="M" value="5">M 5, Depth:12.5km</gdacs:severity>',
            12.5,
        ),
        ("", None),
    ],
)
def test_a_depth_is_read_where_a_feed_of_quakes_has_a_field_for_it(field: str, depth: float | None) -> None:
    point = only(
        rss(f'<title>M 5.1</title><point xmlns="http://www.georss.org/georss">41.3 129.1</point>{field}')
    ).point

    assert point
    assert point.depth == depth


@pytest.mark.parametrize(
    ("field", "magnitude"),
    [
        ('<emsc:magnitude xmlns:emsc="https://www.emsc-csem.org">mb_Lg 4.4</emsc:magnitude>', 4.4),
        (
            f'<gdacs:severity {GDACS} unit="M" value="5.3">5.3M</gdacs:severity>',
            5.3,
        ),
        (
            f'<gdacs:severity {GDACS} unit="km/h" value="120">fast</gdacs:severity>',
            None,
        ),
        ("", None),
    ],
)
def test_a_magnitude_is_read_where_a_feed_of_quakes_has_a_field_for_it(
    field: str, magnitude: float | None
) -> None:
    point = only(
        rss(f'<title>Quake</title><point xmlns="http://www.georss.org/georss">41.3 129.1</point>{field}')
    ).point

    assert point
    assert point.magnitude == magnitude


def test_quakes_in_geojson_are_items() -> None:
    quake = {
        "type": "Feature",
        "id": "us7000abcd",
        "properties": {
            "mag": 5.1,
            "title": "M 5.1 - 20 km NNE of Kilju, North Korea",
            "time": 1791630000000,
            "url": "https://quakes.example/us7000abcd",
            "type": "nuclear explosion",
        },
        "geometry": {"type": "Point", "coordinates": [129.05, 41.33, 0.5]},
    }
    unsized = {
        "type": "Feature",
        "id": "x",
        "properties": {"mag": None, "title": "M ? - sea"},
        "geometry": None,
    }
    broken = {"properties": {"mag": 10**400, "time": 10**400}, "geometry": {"coordinates": ["a"]}}

    document = read_text(json.dumps({"type": "FeatureCollection", "features": [quake, unsized, broken, 1]}))

    strong, unknown, *rest = document.items
    assert document.format == "geojson"
    assert strong.point == Point(latitude=41.33, longitude=129.05, depth=0.5, magnitude=5.1)
    assert (strong.title, strong.summary) == (
        "M 5.1 - 20 km NNE of Kilju, North Korea",
        "Type: nuclear explosion",
    )
    assert (strong.url, strong.published) == (
        "https://quakes.example/us7000abcd",
        datetime.fromtimestamp(1791630000, UTC),
    )
    assert (unknown.title, unknown.point) == ("M ? - sea", None)
    assert len(rest) <= 1


@pytest.mark.parametrize(
    "changed",
    [{"latitude": 41.5}, {"depth": 2.0}, {"magnitude": 5.4}],
    ids=["relocated", "made shallow", "stronger"],
)
def test_a_quake_that_is_measured_anew_under_its_old_title_has_changed(changed: dict[str, float]) -> None:
    first = Point(latitude=40.8, longitude=129.9, depth=33.0, magnitude=5.1)

    assert text_hash("mb 5.1", "", first) != text_hash("mb 5.1", "", replace(first, **changed))
    assert text_hash("mb 5.1", "", first) == text_hash("mb 5.1", "", replace(first, latitude=40.8004))


@pytest.mark.parametrize(
    ("head", "configured", "expected"),
    [
        ("<language>ko_KR</language>", "en", "ko-KR"),
        ("", "en", "en"),
        ("<language>not a tag!</language>", "ja", "ja"),
        ("", "", ""),
    ],
)
def test_the_language_is_the_documents_else_the_feeds(head: str, configured: str, expected: str) -> None:
    document = read_text(rss(LAUNCH, head=head), language=configured)

    assert document.items[0].language == document.language == expected


@pytest.mark.parametrize("headline", ["Â¡Alerta!", "SeÃ±al de misil", "&#195;&#177;"])
@pytest.mark.parametrize("after", ["", "<title>&nbsp;</title>"], ids=["well-formed", "not well-formed"])
def test_a_headline_that_only_looks_encoded_twice_is_left_as_it_is(headline: str, after: str) -> None:
    assert read_text(rss(f"<title>{headline}</title>", after)).items[0].title == plain(headline)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("", "<Hwasong-18> was fired"),
        (' type="text"', "The <b> tag of <Hwasong-18> was fired"),
        (' type="html"', "<Hwasong-18> was fired"),
    ],
)
def test_words_in_angle_brackets_stay_and_a_declared_text_is_no_markup(kind: str, title: str) -> None:
    written = title.replace("<", "&lt;").replace(">", "&gt;")

    assert only(_atom(kind, written)).title == title


def _atom(kind: str, title: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title{kind}>{title}</title></entry></feed>'


@pytest.mark.parametrize("title", ["<![CDATA[<ICBM> 발사]]>", "&lt;ICBM&gt; 발사"])
def test_a_headline_begins_with_a_name_in_angle_brackets(title: str) -> None:
    assert only(rss(f"<title>{title}</title>")).title == "<ICBM> 발사"


DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


@pytest.mark.parametrize(
    "elements",
    [
        "<title>ICBM fired</title><description>Seoul says</description>",
        f"<dc:title {DC}>Photo</dc:title><title>ICBM fired</title><description>Seoul says</description>",
        f"<title>ICBM fired</title><dc:title {DC}>Photo</dc:title><description>Seoul says</description>",
        (
            f"<media:description {MEDIA}>A photo</media:description><title>ICBM fired</title>"
            f"<description>Seoul says</description><media:title {MEDIA}>Photo</media:title>"
        ),
        (
            "<title>ICBM fired</title><description>Seoul says</description>"
            f"<dc:description {DC}>x</dc:description>"
        ),
        (
            f"<media:title {MEDIA}>ICBM fired</media:title>"
            f"<media:description {MEDIA}>Seoul says</media:description>"
        ),
        f"<dc:title {DC}>ICBM fired</dc:title><dc:description {DC}>Seoul says</dc:description>",
    ],
)
def test_an_element_of_the_format_wins_over_one_of_another_namespace(elements: str) -> None:
    item = only(rss(elements))

    assert (item.title, item.summary) == ("ICBM fired", "Seoul says")


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ('<link href="https://w.example/1"/><link href="https://w.example/amp/1"/>', "https://w.example/1"),
        (
            '<link hreflang="ko" href="https://w.example/ko/1"/><link hreflang="en" href="https://w.example/1"/>',
            "https://w.example/1",
        ),
        (
            (
                '<link rel="enclosure" href="https://w.example/1.mp3"/>'
                '<link type="application/json" href="https://w.example/1.json"/><link href="https://w.example/1"/>'
            ),
            "https://w.example/1",
        ),
    ],
)
def test_of_several_alternates_the_first_in_the_language_of_the_feed_is_the_link(
    links: str, url: str
) -> None:
    entry = f"<entry><title>ICBM</title>{links}</entry>"

    document = read_text(f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">{entry}</feed>')

    assert document.items[0].url == url


def test_a_link_of_rss_wins_over_one_of_atom_beside_it() -> None:
    item = only(
        rss(
            "<title>ICBM</title><link>https://w.example/1</link>"
            '<a:link xmlns:a="http://www.w3.org/2005/Atom" href="https://w.example/amp/1"/>'
        )
    )

    assert item.url == "https://w.example/1"


def test_elements_of_a_foreign_namespace_without_a_prefix_are_not_the_formats_own() -> None:
    other = '<title xmlns="urn:o">Shop</title><link xmlns="urn:o">https://shop.example/</link>'
    own = "<title>ICBM</title><guid>https://w.example/1</guid>"

    for entry in (other + own, own + other):
        item = only(rss(entry))
        assert (item.title, item.url) == ("ICBM", "https://w.example/1")


@pytest.mark.parametrize("place", ["rss", "channel", "item"])
def test_a_feed_may_have_a_namespace_that_nobody_knows(place: str) -> None:
    body = rss("<title>ICBM</title>").replace(f"<{place}", f'<{place} xmlns="urn:wire"', 1)

    assert only(body).title == "ICBM"


def test_a_relation_may_be_named_in_full() -> None:
    relation = "http://www.iana.org/assignments/relation/alternate"
    link = f'<link rel="{relation}" href="https://w.example/news/1"/>'
    head = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>https://w.example/ids/1</id><title>ICBM</title>"
    )

    assert only(f"{head}{link}</entry></feed>").url == "https://w.example/news/1"


def test_a_link_without_an_address_stands_in_no_guids_way() -> None:
    guid = "<guid>https://w.example/1</guid>"

    assert only(rss(f"<title>ICBM</title><link/>{guid}")).url == "https://w.example/1"
    assert only(rss(f"<title>ICBM</title>{guid}<link> </link>")).url == "https://w.example/1"
    assert only(rss("<title>ICBM</title><link/><guid>abc-1</guid>")).url == ""


@pytest.mark.parametrize(
    ("guid", "url"), [("abc-1", ""), ("https://w.example/1", "https://w.example/1"), ("urn:uuid:1", "")]
)
def test_a_guid_stands_for_the_link_only_where_it_is_an_address(guid: str, url: str) -> None:
    assert only(rss(f"<title>ICBM</title><guid>{guid}</guid>")).url == url


def test_an_ampersand_nobody_escaped_is_an_ampersand() -> None:
    document = read_text(
        rss(
            "<title>R&D base & N. Korea&nbsp;fires &ldquo;ICBM&rdquo;</title>"
            "<link>https://w.example/a?x=1&y=2&copy=3&lt=4</link>",
            "<title><![CDATA[Q&A &amp; more]]></title><guid>2</guid>",
        )
    )

    assert [item.title for item in document.items] == ["R&D base & N. Korea fires “ICBM”", "Q&A & more"]
    assert document.items[0].url == "https://w.example/a?x=1&y=2&copy=3&lt=4"
    assert document.damage.startswith("not well-formed")


def test_the_readings_inside_names_are_left_out() -> None:
    item = only(rss("<title>&lt;ruby&gt;豊渓里&lt;rt&gt;プンゲリ&lt;/rt&gt;&lt;/ruby&gt;で地震</title>"))

    assert item.title == "豊渓里で地震"


def test_an_item_without_a_title_shows_the_beginning_of_its_text() -> None:
    assert only(rss("<description>ICBM seen over Hokkaido</description>")).title == "ICBM seen over Hokkaido"


def test_an_entry_with_nothing_in_it_is_left_out_and_counted() -> None:
    document = read_text(rss(LAUNCH, "<pubDate>2026-10-10</pubDate>"))

    assert len(document.items) == 1
    assert document.notes == ("1 entries without any content left out",)


@pytest.mark.parametrize(
    "claimed",
    [
        "garbage",
        "2026-13-45",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "2026-10-11T12:00:01Z",
    ],
)
def test_a_date_that_cannot_be_is_noted_and_not_used(claimed: str) -> None:
    item = only(rss(f"{LAUNCH}<pubDate>{claimed}</pubDate>"))

    assert item.published is None
    assert item.notes == (f"date not used: {claimed!r}",)


def test_a_time_without_a_zone_is_in_the_zone_of_the_feed_and_noted() -> None:
    entry = LAUNCH + "<pubDate>2026-10-10 20:00:00</pubDate>"
    korean = read_text(rss(entry), language="ko").items[0]
    berlin = replace(a_feed(language="ko"), time_zone=ZoneInfo("Europe/Berlin"))

    assert korean.published == datetime(2026, 10, 10, 11, tzinfo=UTC)
    assert korean.notes == ("time without a zone read as KST",)
    assert only(rss(entry)).published == datetime(2026, 10, 10, 20, tzinfo=UTC)
    assert read(rss(entry).encode(), feed=berlin, seen=NOON).items[0].published == datetime(
        2026, 10, 10, 18, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("link", "published"),
    [
        ("https://w.example/world/2018-10/27/c_1.htm", datetime(2018, 10, 27, tzinfo=UTC)),
        ("https://w.example/2018/10/27/missile", datetime(2018, 10, 27, tzinfo=UTC)),
        ("https://w.example/a_20181027.html", datetime(2018, 10, 27, tzinfo=UTC)),
        ("https://w.example/2018/10/missile", datetime(2018, 10, 1, tzinfo=UTC)),
        ("https://w.example/2026/10/missile", None),
        ("https://w.example/2026-10/10/c_1.htm", None),
        ("https://w.example/2018-13/40/", None),
        ("https://w.example/201810271", None),
        ("https://w.example/1", None),
    ],
)
def test_an_undated_item_is_as_old_as_the_day_in_its_link(link: str, published: datetime | None) -> None:
    item = only(rss(f"<title>ICBM</title><link>{link}</link>"))

    assert item.published == published
    assert item.notes == (("no date: the one in the link is used",) if published else ())


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/world/2", "https://wire.example/world/2"),
        ("//other.example/x", "https://other.example/x"),
        ("https://user:pw@wire.example/x", "https://wire.example/x"),
        (
            'https://wire.example/" onmouseover="alert(1)',
            "https://wire.example/%22%20onmouseover=%22alert(1)",
        ),
        ("https://wire.example/a\u202eb", "https://wire.example/ab"),
        ("http://xn--80ak6aa92e.example/", "http://xn--80ak6aa92e.example/"),
    ],
)
def test_a_link_is_shown_as_one_safe_address(link: str, url: str) -> None:
    assert only(rss(f"<title>ICBM</title><link>{link}</link>")).url == url


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:a@b",
        "about:blank",
        "https://[::bad",
    ],
)
def test_a_link_that_is_no_web_address_is_dropped_with_a_note_and_the_item_stays(link: str) -> None:
    item = only(
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"title": "ICBM", "url": link}]})
    )

    assert item.url == ""
    assert item.notes[0].startswith("link dropped: ")


def test_every_cap_is_reported() -> None:
    title, path, guid, summary = "t" * 1_001, "l" * 2_000, "g" * 501, "s " * 3_000
    long = rss(
        f"<title>{title}</title><link>https://w.example/{path}</link><guid>{guid}</guid><description>{summary}</description>"
    )

    item = only(long)

    assert (len(item.title), len(item.summary), item.url) == (1_000, 4_999, "")
    assert item.keys.guid.startswith("sha256:")
    assert item.keys.link.startswith("sha256:")
    assert item.notes == (
        "title cut at 1,000 characters",
        "summary cut at 5,000 characters",
        "link dropped: longer than 2,000 characters",
    )


def test_the_first_five_thousand_entries_are_kept_and_the_others_counted() -> None:
    document = read_text(
        rss(*(f"<title>ICBM {number}</title><guid>{number}</guid>" for number in range(5_003)))
    )

    assert len(document.items) == 5_000
    assert document.notes == ("3 entries after the first 5,000 left out",)


def test_an_exact_repeat_is_left_out_and_counted() -> None:
    document = read_text(rss(LAUNCH, LAUNCH))

    assert len(document.items) == 1
    assert document.notes == ("1 repeated entries left out",)


@pytest.mark.parametrize(
    ("text", "damage"),
    [
        ("\n" * 200_000 + rss(LAUNCH), ""),
        (
            "<br />\n<b>Notice</b>: Undefined index\n" + rss(LAUNCH, declaration='<?xml version="1.0"?>'),
            "text before the XML declaration",
        ),
        (rss(LAUNCH.replace("ICBM", "IC\x00BM")), "control characters"),
        (rss(LAUNCH.replace("ICBM", "IC&#0;BM&#x110000;&#xD800;&#99999999999;")), "control characters"),
        (rss(LAUNCH.replace("</title>", " &mdash;</title>")).replace(" &mdash;", ""), ""),
        (rss(LAUNCH.replace("North", "<b>North")), "not well-formed: mismatched tag"),
        (rss(LAUNCH) + "<!-- bye -->", ""),
        (
            '<!-- <rss> --><!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss.dtd">'
            + rss(LAUNCH),
            "",
        ),
    ],
)
def test_a_damaged_document_is_used_and_the_damage_stated(text: str, damage: str) -> None:
    document = read_text(text)

    assert [item.title for item in document.items] == ["North Korea fires suspected ICBM"]
    assert document.damage == damage


def test_half_an_entry_at_the_end_of_a_cut_document_is_left_out() -> None:
    whole = rss(LAUNCH, "<title>Kim Yo Jong warns Seoul of consequences</title>")

    document = read_text(whole[: whole.index("consequences")])

    assert [item.title for item in document.items] == ["North Korea fires suspected ICBM"]
    assert document.damage.startswith("cut short: the last entry is left out")


@pytest.mark.parametrize(
    ("body", "cause", "words"),
    [
        (b"", "empty", "empty answer"),
        (b" \n" * 500_000, "empty", "empty answer"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "not_a_feed", "an HTML page, not a feed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "not_a_feed", "not a feed"),
        (b"%PDF-1.7\n%\xe2\xe3", "not_a_feed", "not a feed"),
        (b"http://127.0.0.1:9/", "not_a_feed", "not a feed"),
        (b"/dev/zero", "not_a_feed", "not a feed"),
        (b"<urlset><url/></urlset>", "not_a_feed", "not a feed"),
        (
            b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><Person/></rdf:RDF>",
            "not_a_feed",
            "not a feed",
        ),
        (b"<!-- " * 30_000, "not_a_feed", "not a feed"),
        (b'{"version": "2"}', "not_a_feed", "not a feed"),
        (b'{"items": [', "not_a_feed", "not a feed"),
        (b'{"a":' * 100_000, "limit", "nested too deeply"),
        (
            b'<!DOCTYPE rss [<!ENTITY a "ha">]>' + rss("<title>&a;</title>").encode(),
            "refused",
            "declares entities",
        ),
        (
            b'<!DOCTYPE r [<!ENTITY a SYSTEM "http://127.0.0.1:9/">]>' + rss("<title>&a;</title>").encode(),
            "refused",
            "never expands or fetches",
        ),
    ],
)
def test_what_is_no_feed_is_an_error_and_never_no_news(body: bytes, cause: str, words: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_text(body)

    assert caught.value.cause == cause
    assert words in caught.value.detail


def test_a_feed_without_items_is_a_feed() -> None:
    document = read_text(rss())

    assert (document.format, document.items) == ("rss20", ())


def test_markup_that_would_take_quadratic_time_is_read_at_once() -> None:
    nested = "&lt;div&gt;" * 100_000
    categories = "<category>x</category>" * 20_000
    author = f"<author>{'a' * 100_000}@</author>"

    assert only(rss(LAUNCH + categories + author + f"<description>{nested}</description>")).notes == (
        "summary cut: more than 50,000 characters of markup",
    )


@given(
    st.binary(max_size=300)
    | st.text(alphabet="<>/!&#;[]= rsfedichanlmt\"'\n{}:", max_size=200).map(
        lambda text: f"<rss>{text}".encode()
    )
)
def test_any_bytes_are_a_document_or_a_read_error(body: bytes) -> None:
    outcome = attempt(body)

    assert isinstance(outcome, Document) or outcome.cause in {
        "empty",
        "not_a_feed",
        "refused",
        "unreadable",
        "limit",
    }


def attempt(body: bytes) -> Document | ReadError:
    try:
        return read_text(body)
    except ReadError as error:
        return error
