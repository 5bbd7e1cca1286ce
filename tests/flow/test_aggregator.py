"""A news search beside the feeds of the outlets that it lists: whatever it writes, the reports are theirs."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOON, an_item, rss
from tests.flow.harness import Harness, a_feed
from watcher.model.news import Document
from watcher.read.document import read

OUTLETS = [f"outlet-{number}" for number in range(10)]
SEARCH = replace(a_feed("search"), url="https://news.google.com/rss/search?q=x")


def title(outlet: str) -> str:
    return f"North Korea fires missile toward sea, {outlet.replace('-', ' ')} learns"


def searched(poll: int) -> Document:
    """Return what the search lists at a poll: an article of each outlet, under ids and links of that poll."""
    names = {outlet: outlet.replace("-", " ").title() for outlet in OUTLETS}
    entries = [
        f"<title>{title(outlet)} - {names[outlet]}</title>"
        f"<link>https://news.google.com/rss/articles/{poll}x{number}?oc=5</link><guid>{poll}x{number}</guid>"
        f"<pubDate>{(NOON - timedelta(minutes=5)).isoformat()}</pubDate>"
        f'<source url="https://{outlet}.example">{names[outlet]}</source>'
        for number, outlet in enumerate(OUTLETS)
    ]
    return read(rss(*entries).encode(), feed=SEARCH, seen=NOON)


def test_ten_outlets_in_a_search_beside_their_own_feeds_are_ten_owners_and_ten_reports() -> None:
    watching = Harness((SEARCH, *map(a_feed, OUTLETS)))
    alerts = []
    for poll in range(3):
        watching.news.pages[SEARCH.id] = searched(poll)
        for outlet in OUTLETS:
            watching.news.publishes(outlet, an_item(title(outlet), feed=outlet, owner=outlet, guid=outlet))
        alerts += watching.later()

    (incident,) = watching.store.open_incidents(NOON)
    assert incident.owners == set(OUTLETS)
    assert incident.items == 10
    assert len([alert for alert in alerts if alert.kind == "incident"]) == 1
    assert len(watching.store.known(SEARCH.id, [each.keys for each in searched(9).items])) == 10
