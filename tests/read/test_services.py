"""What is true of services with manners of their own."""

import pytest

from tests.builders import NOON, a_feed, rss
from watcher.errors import ReadError
from watcher.model.news import Document
from watcher.read.document import read


def read_rss(*entries: str, head: str = "<title>Wire</title>", language: str = "") -> Document:
    return read(rss(*entries, head=head).encode(), feed=a_feed(language=language), seen=NOON)


BRIDGE = "<link>https://b.example/?action=display&amp;bridge=Twitter</link>"


@pytest.mark.parametrize(
    ("entry", "head"),
    [
        (f"<title>TwitterBridge encountered an unexpected error: timed out (20700)</title>{BRIDGE}", ""),
        (f"<title>Bridge returned error 503! (19900)</title>{BRIDGE}", ""),
        ("<title>Bridge returned error 404! (1)</title>", "<generator>RSS-Bridge</generator>"),
        ("<title>Bridge returned error 404! (1)</title>", "<title>TelegramBridge</title>"),
    ],
)
def test_what_a_bridge_says_of_its_own_failure_is_an_error_of_the_feed(entry: str, head: str) -> None:
    with pytest.raises(ReadError, match="the bridge reports an error") as caught:
        read_rss(entry, head=head)

    assert caught.value.cause == "refused"


@pytest.mark.parametrize(
    "title", ["Alert system returned error, Seoul says", "Bridge returned error-free to service", "Error 404"]
)
def test_news_of_an_error_is_news(title: str) -> None:
    assert [item.title for item in read_rss(f"<title>{title}</title>").items] == [title]


@pytest.mark.parametrize(
    ("head", "entry"),
    [
        ("<title>x</title>", "<title>По: reader</title><link>https://b.example/1/#comment-7</link>"),
        (
            "<title>x</title>",
            "<title>I agree, reader</title><link>https://b.example/1?showComment=17#c17</link>",
        ),
        ("<title>Comments for Blog</title>", "<title>Comment on ICBM launched by reader</title>"),
        ("<title>Comments on: ICBM launched</title>", "<title>By: reader</title>"),
    ],
)
def test_what_readers_say_under_articles_is_no_news(head: str, entry: str) -> None:
    with pytest.raises(ReadError, match="readers' comments"):
        read_rss(entry, entry.replace("reader", "other"), head=head)


def test_a_comment_of_a_minister_is_news() -> None:
    head = "<title>Comments for the record</title>"

    assert len(read_rss("<title>Minister on ICBM launch</title>", head=head).items) == 1


def test_a_description_that_all_items_share_says_nothing_of_any() -> None:
    shared = "<description>Subscribe! N. Korea launches ICBM</description>"

    document = read_rss(
        f"<title>ICBM launched</title>{shared}",
        f"<title>Weather</title>{shared}",
        "<title>Sports</title><description>Of sports</description>",
    )

    assert [item.summary for item in document.items] == ["", "", "Of sports"]
    assert document.items[1].notes == ("summary left out: most items have the same one",)


def test_lines_that_all_descriptions_share_are_left_out_of_each() -> None:
    end = "\n\nSubscribe for more: North Korea launches ICBM\nShort"

    document = read_rss(
        *(f"<title>{at}</title><description>On {at} only, in its words{end}</description>" for at in "abc")
    )

    assert [item.summary for item in document.items] == [f"On {at} only, in its words Short" for at in "abc"]


def test_a_lead_that_two_of_many_items_share_stays() -> None:
    lead = "<description>Seoul says so</description>"
    others = [f"<title>{number}</title><description>{number}!</description>" for number in range(3)]

    document = read_rss(f"<title>ICBM</title>{lead}", f"<title>(LEAD) ICBM</title>{lead}", *others)

    assert [item.summary for item in document.items[:2]] == ["Seoul says so"] * 2


@pytest.mark.parametrize(
    "footer",
    [
        'The post <a href="u">North Korea News</a> appeared first on <a href="v">NK News - North Korea</a>.',
        "The post Talks first appeared on Korea Desk.",
        "投稿 <a>北朝鮮</a> は <a>北朝鮮ニュース</a> に最初に表示されました。",
        "〈北韓〉這篇文章最早發佈於《北韓觀察》。",
        "Сообщение КНДР: итоги появились сначала на Новости КНДР.",
    ],
)
def test_where_a_post_appeared_first_is_no_part_of_its_text(footer: str) -> None:
    text = f"<![CDATA[<p>India said so.</p><p>{footer}</p>]]>"
    (item,) = read_rss(f"<title>Agni flies</title><description>{text}</description>").items

    assert item.summary == "India said so."


@pytest.mark.parametrize(
    "text", ["The post at Panmunjom was manned again.", "새 미사일이 열병식에 처음 등장했습니다."]
)
def test_a_post_of_soldiers_and_a_first_appearance_are_news(text: str) -> None:
    (item,) = read_rss(f"<title>ICBM</title><description>{text}</description>").items

    assert item.summary == text


def test_a_service_that_turns_readers_away_is_an_error_of_the_feed() -> None:
    with pytest.raises(ReadError, match="blocks readers"):
        read_rss("<title>RSS reader not yet whitelisted!</title><link>https://x.example/a/rss</link>")


def test_the_note_of_an_embedded_post_is_no_part_of_a_headline() -> None:
    entry = "<description>ICBM fired.\n\n[contains quote post or other embedded content]</description>"

    assert read_rss(entry).items[0].title == "ICBM fired."


@pytest.mark.parametrize(
    ("head", "configured", "title", "language"),
    [
        ("<generator>RSSHub</generator><language>zh-cn</language>", "en", "ICBM", "en"),
        ("<generator>RSSHub</generator><language>zh-cn</language>", "ko", "탄도미사일", "ko"),
        ("<language>zh-cn</language>", "ko", "탄도미사일 ICBM", "ko"),
        ("<language>en</language>", "ja", "北のミサイル", "ja"),
        ("<language>ko</language>", "en", "ICBM", "ko"),
        ("<language>zh-cn</language>", "", "탄도미사일", "zh-cn"),
    ],
)
def test_whoever_lists_a_feed_knows_its_language_better_than_a_bridge(
    head: str, configured: str, title: str, language: str
) -> None:
    document = read_rss(f"<title>{title}</title>", head=head, language=configured)

    assert document.items[0].language == language
