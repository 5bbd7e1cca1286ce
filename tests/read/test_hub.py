"""Who else tells of a feed's news, as its document says."""

import pytest

from tests.builders import NOON, rss
from watcher.model.news import Feed, FeedId, Hub
from watcher.read.document import read

FEED = Feed(id=FeedId("wire"), url="https://wire.example/feed.xml", owner="wire")
HUB = Hub(url="https://hub.example/", topic="https://wire.example/f")
ITEM = "<title>News</title>"


def link(relation: str, where: str) -> str:
    return f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="{relation}" href="{where}"/>'


BOTH = link("hub", "https://hub.example/") + link("self", "https://wire.example/f")


def hub_of(document: str) -> Hub:
    return read(document.encode(), feed=FEED, seen=NOON).hub


def test_an_rss_feed_names_its_hub() -> None:
    assert hub_of(rss(ITEM, head=f"<title>Wire</title>{BOTH}")) == HUB


def test_an_atom_feed_names_its_hub() -> None:
    links = '<link rel="self" href="/f"/><link rel="hub" href="https://hub.example/"/>'

    assert (
        hub_of(
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title>{links}<entry>{ITEM}</entry></feed>'
        )
        == HUB
    )


def test_the_first_of_several_hubs_counts() -> None:
    assert hub_of(rss(ITEM, head=BOTH + link("hub", "https://second.example/"))) == HUB


def test_an_entry_names_no_hub() -> None:
    assert hub_of(rss(ITEM + BOTH)) == Hub()


@pytest.mark.parametrize(
    "head",
    [
        *("", link("hub", "https://hub.example/"), link("self", "https://wire.example/f")),
        *(
            link("self", "https://wire.example/f") + link("hub", bad)
            for bad in ("", "javascript:x", "file:///etc/passwd")
        ),
        link("self", "https://wire.example/f") + link("hub", "https://hub.example/" + "x" * 2000),
        link("self", "mailto:x") + link("hub", "https://hub.example/"),
    ],
)
def test_without_both_addresses_there_is_no_hub(head: str) -> None:
    assert hub_of(rss(ITEM, head=head)) == Hub()


def test_a_login_in_the_address_of_a_hub_is_left_out() -> None:
    assert hub_of(rss(ITEM, head=BOTH.replace("https://hub", "https://desk:secret@hub"))) == HUB
