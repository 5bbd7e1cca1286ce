"""What is true of aggregators: whose article an item is, and that it is the same at every poll."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

import pytest

from tests.builders import NOON, a_feed, rss
from watcher.config.vocabulary import load_outlets
from watcher.model.news import Feed, FeedKind, Item, KnownItem
from watcher.read.document import read
from watcher.read.identity import unseen
from watcher.read.outlets import article_of, is_aggregator, outlets_of, owner_of, site_of, without_outlet

GOOGLE = (
    "<title>x - Google News</title><link>https://news.google.com/search?q=x</link>"
    "<generator>NFE/5.0</generator>"
)
BING = "<title>x - BingNews</title><link>http://www.bing.com:80/news/search?q=x&amp;format=rss</link>"
SEARCH = replace(a_feed(), owner="search")


def googled(title: str, outlet: str, site: str, poll: int = 1, at: datetime = NOON) -> str:
    link = f"https://news.google.com/rss/articles/CBM{poll}{title.encode().hex()}?oc=5"
    others = "<li>Others on it</li>"
    text = f'<ol><li><a href="{link}">{title}</a>&nbsp;&nbsp;<font>{outlet}</font></li>{others}</ol>'
    return (
        f"<title>{escape(title)} - {escape(outlet)}</title><link>{link}</link><guid>{poll}{title}</guid>"
        f"<pubDate>{at.isoformat()}</pubDate><description>{escape(text)}</description>"
        f'<source url="{site}">{escape(outlet)}</source>'
    )


def items(*entries: str, head: str = GOOGLE, feed: Feed = SEARCH) -> tuple[Item, ...]:
    return read(rss(*entries, head=head).encode(), feed=feed, seen=NOON).items


def known(*found: Item) -> list[KnownItem]:
    return [KnownItem(id=each.id, keys=each.keys, text_hash=each.text_hash, revision=0) for each in found]


def test_an_item_of_a_search_is_that_of_its_outlet_without_the_outlets_name() -> None:
    (item,) = items(googled("Missile flies", "The Morning Post", "https://www.post.example"))

    assert (item.title, item.summary) == ("Missile flies", "")
    assert (item.owner, item.outlet, item.carrier) == ("morning-post", "The Morning Post", "search")


def test_new_ids_and_links_at_every_poll_are_no_news() -> None:
    titles = [(f"Story {number}", f"Outlet {number % 3}") for number in range(9)]
    polls = [
        items(*(googled(title, outlet, "https://o.example", poll) for title, outlet in titles))
        for poll in (1, 2, 3)
    ]

    assert len(unseen(polls[0], [])) == 9
    assert not unseen(polls[1], known(*polls[0]))
    assert not unseen(polls[2], known(*polls[0]))


@pytest.mark.parametrize(
    ("later", "outlet", "is_new"),
    [
        (timedelta(hours=20), "Post", False),
        (timedelta(hours=-20), "Post", False),
        (timedelta(days=4), "Post", True),
        (timedelta(), "Herald", True),
    ],
)
def test_a_headline_is_another_story_days_later_and_in_another_outlet(
    later: timedelta, outlet: str, is_new: bool
) -> None:
    at = NOON - timedelta(days=9)
    (first,) = items(googled("Missile flies", "Post", "https://o.example", 1, at))
    (second,) = items(googled("Missile flies", outlet, "https://o.example", 2, at + later))

    assert bool(unseen([second], known(first))) == is_new


def test_an_item_of_bing_is_the_page_that_its_link_names() -> None:
    def entry(tid: str) -> str:
        return (
            "<title>Missile flies</title><link>http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;aid="
            f"&amp;tid={tid}&amp;url=https%3a%2f%2fwww.post.example%2fasia%2f1&amp;c=1</link>"
            '<News:Source xmlns:News="https://www.bing.com/news/search?q=x">Post</News:Source>'
        )

    (first,) = items(entry("a"), head=BING)
    (second,) = items(entry("b"), head=BING)

    assert (first.url, first.owner) == ("https://www.post.example/asia/1", "post")
    assert not unseen([second], known(first))


def test_an_alert_of_google_names_the_outlet_in_the_title_and_in_the_address() -> None:
    alerts = replace(SEARCH, url="https://www.google.com/alerts/feeds/1/2")
    (item,) = items(
        "<title>&lt;b&gt;Missile&lt;/b&gt; flies - The Post</title>"
        "<link>https://www.google.com/url?rct=j&amp;url=https://www.post.example/1&amp;ct=ga</link>",
        head="<title>Google Alert - missile</title>",
        feed=alerts,
    )

    assert (item.title, item.owner, item.outlet) == ("Missile flies", "post", "The Post")
    assert item.url == "https://www.post.example/1"


def test_a_link_to_another_site_than_the_outlets_is_no_article() -> None:
    own = Feed(id=a_feed().id, url="https://finds.example/rss", owner="finds", kind=FeedKind.AGGREGATOR)
    source = '<source url="https://www.post.example">The Post</source>'
    polls = [
        read(
            rss(f"<title>Missile flies</title><link>{link}</link>{source}").encode(), feed=own, seen=NOON
        ).items
        for link in ("https://finds.example/1", "https://finds.example/2", "https://news.post.example/a")
    ]

    assert polls[0][0].keys == polls[1][0].keys
    assert polls[2][0].keys.link == "news.post.example/a"


def test_an_alert_of_google_is_recognised_by_the_address_that_it_gives_itself() -> None:
    itself = "https://www.google.com/alerts/feeds/1/2"
    entry = "<id>1</id><title>Missile flies - The Post</title><link href='https://www.post.example/1'/>"
    head = f"<feed xmlns='http://www.w3.org/2005/Atom'><link rel='self' href='{itself}'/>"

    (item,) = read(f"{head}<entry>{entry}</entry></feed>".encode(), feed=a_feed(), seen=NOON).items

    assert (item.title, item.owner) == ("Missile flies", "post")


def test_a_source_in_an_ordinary_feed_names_no_owner() -> None:
    feed = '<title>Missile flies - Post</title><source url="https://post.example">Post</source>'

    (item,) = items(feed, head="<title>Wire</title>")

    assert (item.title, item.owner, item.carrier) == ("Missile flies", "search", "")


def test_a_feed_may_say_what_it_is() -> None:
    entry = googled("Missile flies", "Post", "https://post.example")
    plainly = "<title>Planet</title>"

    (aggregated,) = items(entry, head=plainly, feed=replace(SEARCH, kind=FeedKind.AGGREGATOR))
    (own,) = items(entry, feed=replace(SEARCH, kind=FeedKind.OUTLET))

    assert (aggregated.owner, own.owner) == ("post", "search")


@pytest.mark.parametrize(
    ("url", "known_by_itself"),
    [
        ("https://news.google.com/rss/search?q=x", True),
        ("https://www.bing.com/news/search?q=x&format=rss", True),
        ("https://www.google.co.kr/alerts/feeds/1/2", True),
        ("https://news.yahoo.com/rss/", True),
        ("https://www.google.com/", False),
        ("https://news.google.com.evil.example/", False),
        ("https://wire.example/news.google.com/", False),
    ],
)
def test_the_known_aggregators_are_recognised(url: str, known_by_itself: bool) -> None:
    assert is_aggregator(replace(a_feed(), url=url)) == known_by_itself


CODED = (
    base64.urlsafe_b64encode(b"\x08\x13\x22\x1fhttps://www.post.example/asia/7\xd2\x01\x00")
    .decode()
    .rstrip("=")
)


@pytest.mark.parametrize(
    ("link", "article"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://post.example/1&ct=ga", "https://post.example/1"),
        (
            "https://r.search.yahoo.com/_ylt=A/RU=https%3a%2f%2fpost.example%2f2/RK=2/",
            "https://post.example/2",
        ),
        (f"https://news.google.com/rss/articles/{CODED}?oc=5", "https://www.post.example/asia/7"),
        ("https://news.google.com/rss/articles/CBMiAAAAAAAAAAAAAAAA?oc=5", ""),
        ("https://news.google.com/rss/articles/x?oc=5", ""),
        ("https://post.example/3?u=4", "https://post.example/3?u=4"),
        ("", ""),
    ],
)
def test_the_article_is_where_a_link_leads_as_far_as_it_says(link: str, article: str) -> None:
    assert article_of(link) == article


@pytest.mark.parametrize(
    ("title", "outlet", "rest"),
    [
        ("Missile flies - Post", "Post", "Missile flies"),
        ("Missile flies | Post - Post", "Post", "Missile flies"),
        ("북한 미사일 발사 - 연합뉴스", "연합뉴스", "북한 미사일 발사"),
        ("Missile flies \u2013 THE POST", "The Post", "Missile flies"),
        ("Missile - a test - flies - Post - English News", "Post - English News", "Missile - a test - flies"),
        ("Missile flies - Joint Chiefs", "Post", "Missile flies - Joint Chiefs"),
        ("Post says missile flies", "Post", "Post says missile flies"),
        ("Missile flies \u2011 Post", "Post", "Missile flies"),
        ("Missile flies - Post", "", "Missile flies - Post"),
        ("Post", "Post", "Post"),
    ],
)
def test_the_outlets_name_at_the_end_is_no_part_of_a_title(title: str, outlet: str, rest: str) -> None:
    assert without_outlet(title, outlet) == rest


@pytest.mark.parametrize(
    ("outlet", "address", "owner"),
    [
        ("Yonhap News Agency", "https://en.yna.co.kr", "yonhap"),
        ("연합뉴스", "https://www.yna.co.kr", "yonhap"),
        ("NK News", "https://www.nknews.example", "nk-news"),
        ("조선일보", "", "chosun"),
        ("The Associated Press", "https://apnews.com", "ap"),
        ("Reuters.com", "", "reuters"),
        ("BBC News", "https://www.bbc.com", "bbc"),
        ("koreaherald.com", "", "korea-herald"),
        ("The Korea Herald", "", "korea-herald"),
        ("Korea JoongAng Daily", "https://koreajoongangdaily.joins.com", "joongang"),
        ("Focus Taiwan", "https://focustaiwan.tw", "cna-taiwan"),
        ("KCNA Watch", "https://kcnawatch.org", "korea-risk-group"),
        ("국민일보", "", "kukmin"),
        ("Ёнхап", "", "yonhap"),
        ("Nobody Knows It", "https://nobody.example", "nobody-knows-it"),
        ("", "https://www.post.example/1", "post"),
        ("", "", "search"),
    ],
)
def test_an_outlet_is_owned_by_whoever_owns_its_feed(outlet: str, address: str, owner: str) -> None:
    listed = [
        replace(a_feed(), owner="yonhap", url="https://jp.yna.co.kr/RSS/nk.xml"),
        replace(a_feed(), owner="korea-herald", url="https://feeds.shared.example/1"),
        replace(a_feed(), owner="other", url="https://feeds.shared.example/2"),
        replace(
            a_feed(),
            owner="joongang",
            url="https://news.google.com/rss/search?q=site:koreajoongangdaily.joins.com+x",
        ),
    ]

    assert (
        owner_of(outlet, address, replace(SEARCH, outlets={**load_outlets(), **outlets_of(listed)})) == owner
    )
    assert "shared.example" not in outlets_of(listed)


def test_a_site_is_what_its_owner_registered() -> None:
    assert list(map(site_of, ("en.yna.co.kr", "www.bbc.com", "www3.nhk.or.jp", "localhost", "a.b.dev"))) == [
        "yna.co.kr",
        "bbc.com",
        "nhk.or.jp",
        "localhost",
        "b.dev",
    ]


def test_an_undated_item_of_a_search_is_known_by_outlet_and_title() -> None:
    entry = "<title>Missile flies - Post</title><source>Post</source><guid>{}</guid>"

    (first,) = items(entry.format(1))
    (second,) = items(entry.format(2))

    assert first.published is None
    assert not unseen([second], known(first))
