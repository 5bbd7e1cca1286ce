"""What an outlet publishes, the reader of the watcher reads."""

from typing import Literal

import pytest

from tests.builders import NOON
from tests.demo.stories import WIRE, an_outlet, some_news
from watcher.demo.edition import CONTENT_TYPES, edition
from watcher.model.news import Feed
from watcher.read.document import read


@pytest.mark.parametrize(
    ("form", "shown"), [("rss", "rss20"), ("atom", "atom10"), ("rdf", "rss10"), ("json", "json11")]
)
def test_every_format_is_read_with_its_titles_texts_links_and_times(
    form: Literal["rss", "atom", "rdf", "json"], shown: str
) -> None:
    news = [
        some_news("Fire & smoke at the pier", minutes=5, text="Nobody's hurt."),
        some_news("An older story"),
    ]
    outlet = an_outlet(form)

    document = read(
        edition(outlet, news),
        feed=Feed(id=WIRE, url="", owner="wire"),
        seen=NOON,
        content_type=CONTENT_TYPES[form],
        url="http://127.0.0.1/",
    )

    assert document.format == shown
    assert not document.damage
    assert [item.title for item in document.items] == ["Fire & smoke at the pier", "An older story"]
    assert [item.published for item in document.items] == [each.at for each in news]
    assert document.items[0].summary == "Nobody's hurt."
    assert document.items[0].url == "https://wire.example/2026/10/10/1205"


def test_a_korean_agency_may_write_in_the_encoding_of_its_youth() -> None:
    body = edition(
        an_outlet(language="ko", encoding="euc-kr"), [some_news("북한, 동해상으로 발사체 발사…합참")]
    )

    document = read(
        body,
        feed=Feed(id=WIRE, url="", owner="wire"),
        seen=NOON,
        content_type="application/rss+xml",
        url="http://127.0.0.1/",
    )

    assert document.items[0].title == "북한, 동해상으로 발사체 발사…합참"
