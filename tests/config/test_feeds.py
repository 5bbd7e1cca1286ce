"""What is true of reading feeds.yaml."""

from datetime import timedelta
from pathlib import Path

import pytest

from watcher.config import load_feeds, read_feeds
from watcher.config.feeds import HOW_TO_MAKE_ONE
from watcher.errors import ConfigError
from watcher.model.news import Feed, FeedId, Grade


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_feeds(text.encode(), "f.yaml")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_feed_is_read_with_what_the_defaults_add() -> None:
    feeds = read_feeds(
        b"""version: 1
defaults: {every: 10m, grade: D, seed: false, language: ko}
feeds:
  - {id: yonhap-en, url: "https://en.yna.co.kr/RSS/nk.xml", owner: yonhap, grade: A, language: en, every: 5m, seed: true,
     title: Yonhap, headers: {Accept: text/xml}, user_agent: me/1, note: fast}
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


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        ("{id: a}", ["f.yaml:2:5: missing key `url`"]),
        ("{id: a, url: ftp://h/f}", ["f.yaml:2:18: expected an address that begins with http:// or https://, found `ftp://h/f`"]),
        ("{id: a, url: file:///etc/passwd}", [
            "f.yaml:2:18: expected an address that begins with http:// or https://, found `file:///etc/passwd`"
        ]),
        ("{id: a, url: http://}", ["f.yaml:2:18: `http://` is no address: it needs a host and has no blanks"]),
        ("{id: a, url: 'http://h:99999/'}", ["f.yaml:2:18: `http://h:99999/` is no address: Port out of range 0-65535"]),
        ("{id: a, url: http://h, every: 0s}", ["f.yaml:2:35: a feed cannot be polled every `0s`; write at least 1s"]),
        ("{id: a, url: http://h, every: 5}", [
            "f.yaml:2:35: `5` is no duration; write a whole number and one of s, m, h, d, w, as in 90s, 15m, 6h, 30d, 2w"
        ]),
        ("{id: a, url: http://h, grade: G}", ["f.yaml:2:35: unknown grade `G`; use A, B, C, D, E or F"]),
        ("{id: a, url: http://h, seed: nope}", ["f.yaml:2:34: expected true or false, found `nope`"]),
        ("{id: a/b, url: http://h}", [
            "f.yaml:2:10: `a/b` is no id; use letters a-z, digits, `-`, `_` and `.`, at most 80, as in `icbm-launch`"
        ]),
        ("{id: a, url: http://h, language: English}", ["f.yaml:2:38: `English` is no language tag; write two letters, as in en, ko, ja"]),
        ('{id: a, url: http://h, headers: {X-A: "b\\nc"}}', ["f.yaml:2:43: a header is one line"]),
        ("{id: a, url: http://h, headers: {X A: b}}", ["f.yaml:2:38: `X A` is no header name"]),
        ("{id: a, url: http://h, onwer: b}", ["f.yaml:2:28: unknown key `onwer`; did you mean `owner`?"]),
        ("{id: a, url: http://h}\n  - {id: a, url: http://i}", ["f.yaml:3:10: duplicate id `a`; it is already on line 2"]),
        ("{id: a, url: http://h}\n  - {id: b, url: http://h}", ["f.yaml:3:18: duplicate url `http://h`; it is already on line 2"]),
    ],
)  # fmt: skip
def test_a_mistake_of_a_feed_is_named_at_its_place(feed: str, said: list[str]) -> None:
    assert mistakes(f"feeds:\n  - {feed}\n") == said


def test_the_advice_for_a_missing_file_is_a_file_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"

    with pytest.raises(ConfigError) as caught:
        load_feeds(path)

    assert str(caught.value) == f"{path}:1:1: there is no such file; {HOW_TO_MAKE_ONE}"
    assert read_feeds(HOW_TO_MAKE_ONE.split("`")[1].encode(), "f.yaml")[0].id == "yonhap-en"
