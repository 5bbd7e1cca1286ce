"""Which feeds a web page names."""

import pytest
from hypothesis import given
from hypothesis.strategies import binary, sampled_from, text

from watcher.read.pages import MAX_FEEDS, Named, feeds_named

HOME = "https://paper.example/news/"


def named(head: str, url: str = HOME) -> tuple[Named, ...]:
    return feeds_named(f"<!doctype html><html><head>{head}</head><body></body></html>".encode(), url)


@pytest.mark.parametrize(
    "kind",
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "Application/RSS+XML; charset=utf-8",
    ],
)
def test_a_page_names_feeds_of_every_kind(kind: str) -> None:
    assert named(f"<LINK REL='Alternate' TYPE='{kind}' HREF=/rss TITLE='Top &amp; <b>new</b>'>") == (
        Named("https://paper.example/rss", "Top & new"),
    )


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("rss", "https://paper.example/news/rss"),
        ("../rss", "https://paper.example/rss"),
        ("//feeds.example/rss", "https://feeds.example/rss"),
        ("?feed=rss2&amp;x=1", "https://paper.example/news/?feed=rss2&x=1"),
        ("/북한", "https://paper.example/북한"),
    ],
)
def test_an_address_is_seen_from_the_page(href: str, url: str) -> None:
    assert named(f'<link rel="alternate" type="application/rss+xml" href="{href}">') == (Named(url),)


def test_an_address_is_seen_from_the_base_of_the_page() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="rss">'

    assert named('<base href="https://cdn.example/a/">' + link) == (Named("https://cdn.example/a/rss"),)
    assert named('<base href="javascript:x">' + link) == (Named("https://paper.example/news/rss"),)


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="stylesheet" type="text/css" href="/s.css">',
        '<link rel="alternate stylesheet" type="application/xml" href="/s.xml">',
        '<link rel="alternate" hreflang="ko" href="/ko">',
        '<link rel="alternate" type="text/html" href="/print">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/rss"> -->',
        '<a rel="alternate" type="application/rss+xml" href="/rss">feed</a>',
    ],
)
def test_what_is_no_feed_is_not_named(link: str) -> None:
    assert named(link) == ()


def test_a_page_of_links_is_cut() -> None:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{number}">' for number in range(900)
    )

    assert len(named(links)) == MAX_FEEDS


@given(binary() | text().map(str.encode), sampled_from(["", "text/html; charset=euc-kr", "x"]))
def test_any_page_names_addresses_or_nothing(body: bytes, content_type: str) -> None:
    links = b"<link rel=alternate type=text/xml href='" + body + b"' title='" + body + b"'>"

    assert all(
        found.url.startswith(("http://", "https://"))
        for found in feeds_named(links + body, HOME, content_type)
    )
