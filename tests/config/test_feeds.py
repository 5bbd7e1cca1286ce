"""What is true of reading feeds.yaml."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from watcher.config import load_feeds, read_feeds
from watcher.config.feeds import HOW_TO_MAKE_FEEDS
from watcher.errors import ConfigError
from watcher.model.news import Feed, FeedId, FeedKind, Grade, Login


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_feeds(text.encode(), "f.yaml")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_feed_is_read_with_what_the_defaults_add() -> None:
    feeds = read_feeds(
        b"""version: 1
defaults: {every: 10m, grade: D, seed: false, language: ko}
feeds:
  - {id: yonhap-en, url: "https://en.yna.co.kr/RSS/nk.xml", owner: yonhap, grade: A, language: en, every: 5m,
     seed: true, title: Yonhap, headers: {Accept: text/xml}, user_agent: me/1, note: fast}
  - {id: local, url: "http://127.0.0.1:8090/f.xml"}
""",
        "f.yaml",
    )

    assert feeds == (
        Feed(
            id=FeedId("yonhap-en"),
            url="https://en.yna.co.kr/RSS/nk.xml",
            owner="yonhap",
            grade=Grade.A,
            language="en",
            every=timedelta(minutes=5),
            title="Yonhap",
            headers={"Accept": "text/xml"},
            user_agent="me/1",
        ),
        Feed(
            id=FeedId("local"),
            url="http://127.0.0.1:8090/f.xml",
            owner="127.0.0.1",
            grade=Grade.D,
            language="ko",
            every=timedelta(minutes=10),
            seed=False,
        ),
    )


def test_a_feed_says_whether_it_passes_on_news_and_in_which_zone_its_times_are() -> None:
    post, search, planet = read_feeds(
        b"""feeds:
  - {id: post, url: "https://rss.post.example/f.xml", owner: the-post, time_zone: Asia/Seoul, kind: outlet}
  - {id: search, url: "https://news.google.com/rss/search?q=site:herald.example", owner: herald}
  - {id: planet, url: "https://planet.example/f.xml", kind: aggregator}
""",
        "f.yaml",
    )

    assert (post.kind, str(post.time_zone)) == (FeedKind.OUTLET, "Asia/Seoul")
    assert (search.kind, search.time_zone) == (FeedKind.AGGREGATOR, None)
    assert planet.kind is FeedKind.AGGREGATOR
    assert search.outlets["post.example"] == "the-post"
    assert search.outlets["herald.example"] == "herald"
    assert "google.com" not in search.outlets


def test_a_kind_and_a_zone_that_do_not_exist_are_mistakes() -> None:
    wrong = """feeds:
  - {id: post, url: "https://post.example/f.xml", kind: agregator, time_zone: Asia/Soul}
"""

    kind, zone = mistakes(wrong)

    assert "aggregator" in kind
    assert "no such time zone" in zone
    assert "Asia/Seoul" in zone


def test_a_feed_says_how_it_is_reached_with_paths_seen_from_the_file() -> None:
    (feed,) = read_feeds(
        b"""defaults: {at_most: 30m}
feeds:
  - id: members
    url: https://paper.example/feed
    basic_auth: {user: desk, password_file: secrets/paper}
    ca: /etc/office-ca.pem
    legacy_tls: true
    allow_private: [10.1.0.0/16, "fd00::5"]
""",
        "lists/f.yaml",
    )

    assert feed.login == Login(user="desk", password_file="lists/secrets/paper")
    assert (feed.ca, feed.legacy_tls, feed.at_most) == ("/etc/office-ca.pem", True, timedelta(minutes=30))
    assert feed.allow_private == (ip_network("10.1.0.0/16"), ip_network("fd00::5/128"))


def test_a_feed_may_have_a_proxy_and_a_ceiling_of_its_own() -> None:
    (feed,) = read_feeds(
        b"feeds: [{id: a, url: http://h, at_most: 6h, proxy: 'socks5h://127.0.0.1:9050'}]", "f.yaml"
    )

    assert (feed.proxy, feed.at_most) == ("socks5h://127.0.0.1:9050", timedelta(hours=6))


def test_a_password_typed_into_the_list_is_refused_and_not_repeated() -> None:
    said = mistakes("feeds:\n  - {id: a, url: http://h, proxy: 'http://me:hunter2@p:1'}\n")
    also = mistakes(
        "feeds:\n  - {id: a, url: http://h, basic_auth: {user: 'me:hunter2', password_file: x}}\n"
    )
    typed = mistakes("feeds:\n  - {id: a, url: http://h, basic_auth: {user: me, password: hunter2}}\n")

    assert "hunter2" not in "".join([*said, *also, *typed])
    assert said[0].startswith("f.yaml:2:35: a proxy's login does not belong in this file")
    assert typed == [
        "f.yaml:2:40: missing key `password_file`",
        "f.yaml:2:51: unknown key `password`; did you mean `password_file`?",
    ]


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        ("{id: a}", ["f.yaml:2:5: missing key `url`"]),
        (
            "{id: a, url: ftp://h/f}",
            ["f.yaml:2:18: expected an address that begins with http:// or https://, found `ftp://h/f`"],
        ),
        (
            "{id: a, url: file:///etc/passwd}",
            [
                (
                    "f.yaml:2:18: expected an address that begins with http:// or https://, found "
                    "`file:///etc/passwd`"
                )
            ],
        ),
        (
            "{id: a, url: http://}",
            ["f.yaml:2:18: `http://` is no address: it needs a host and has no blanks"],
        ),
        (
            "{id: a, url: 'http://h:99999/'}",
            ["f.yaml:2:18: `http://h:99999/` is no address: Port out of range 0-65535"],
        ),
        (
            "{id: a, url: http://h, every: 0s}",
            ["f.yaml:2:35: a feed cannot be polled every `0s`; write at least 1s"],
        ),
        (
            "{id: a, url: http://h, every: 5}",
            [
                (
                    "f.yaml:2:35: `5` is no duration; write a whole number and one of s, m, h, d, w, "
                    "as in 90s, 15m, 6h, 30d, 2w"
                )
            ],
        ),
        ("{id: a, url: http://h, grade: G}", ["f.yaml:2:35: unknown grade `G`; use A, B, C, D, E or F"]),
        ("{id: a, url: http://h, seed: nope}", ["f.yaml:2:34: expected true or false, found `nope`"]),
        (
            "{id: a/b, url: http://h}",
            [
                (
                    "f.yaml:2:10: `a/b` is no id; use letters a-z, digits, `-`, `_` and `.`, at most "
                    "80, as in `icbm-launch`"
                )
            ],
        ),
        (
            "{id: a, url: http://h, language: English}",
            ["f.yaml:2:38: `English` is no language tag; write two letters, as in en, ko, ja"],
        ),
        ('{id: a, url: http://h, headers: {X-A: "b\\nc"}}', ["f.yaml:2:43: a header is one line"]),
        ("{id: a, url: http://h, headers: {X A: b}}", ["f.yaml:2:38: `X A` is no header name"]),
        ("{id: a, url: http://h, onwer: b}", ["f.yaml:2:28: unknown key `onwer`; did you mean `owner`?"]),
        (
            "{id: a, url: http://h, proxy: 'ftp://p'}",
            ["f.yaml:2:35: expected the address of a proxy, as in socks5h://127.0.0.1:9050, found `ftp://p`"],
        ),
        (
            "{id: a, url: http://h, allow_private: [ten]}",
            ["f.yaml:2:44: `ten` is no network; write 192.168.7.0/24, or 192.168.7.5/32 for one address"],
        ),
        (
            "{id: a, url: http://h, allow_private: 10.0.0.0/8}",
            ["f.yaml:2:43: expected a list, found `10.0.0.0/8`"],
        ),
        (
            "{id: a, url: http://h, legacy_tls: true, proxy: 'http://p:1'}",
            ["f.yaml:2:5: `legacy_tls` does not work through a `proxy`; leave one of the two out"],
        ),
        (
            "{id: a, url: 'http://u:p@h', basic_auth: {user: u, password_file: f}}",
            ["f.yaml:2:5: two logins; leave `basic_auth` or the one in `url` or `headers` out"],
        ),
        (
            "{id: a, url: http://h}\n  - {id: a, url: http://i}",
            ["f.yaml:3:10: duplicate id `a`; it is already on line 2"],
        ),
        (
            "{id: a, url: http://h}\n  - {id: b, url: http://h}",
            ["f.yaml:3:18: duplicate url `http://h`; it is already on line 2"],
        ),
    ],
)
def test_a_mistake_of_a_feed_is_named_at_its_place(feed: str, said: list[str]) -> None:
    assert mistakes(f"feeds:\n  - {feed}\n") == said


def test_the_advice_for_a_missing_file_is_a_file_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"

    with pytest.raises(ConfigError) as caught:
        load_feeds(path)

    assert str(caught.value) == f"{path}:1:1: there is no such file; {HOW_TO_MAKE_FEEDS}"
    assert read_feeds(HOW_TO_MAKE_FEEDS.split("`")[1].encode(), "f.yaml")[0].id == "yonhap-en"
