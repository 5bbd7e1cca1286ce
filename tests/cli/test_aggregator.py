"""A news search beside the feeds of its outlets, over HTTP and SQLite: it adds a way to see, not a voice."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.builders import rss
from tests.loopback import LoopbackServer
from tests.workspace import ROOT, Workspace
from watcher.bootstrap import read_store
from watcher.clock import utc_now
from watcher.model.alerts import Incident
from watcher.model.settings import Settings

TITLES = [
    "North Korea fires ICBM toward East Sea, military says",
    "N. Korea launches intercontinental ballistic missile",
    "North Korea test-fires ICBM, first this year",
    "Pyongyang launches ICBM on lofted path",
    "North Korea fires suspected ICBM into sea",
    "ICBM launched by North Korea flies 74 minutes",
    "Joint Chiefs: North Korea fired ICBM at dawn",
    "North Korea launches ICBM, Japan's defence ministry says",
    "North Korea's ICBM lands outside Japan's economic zone",
    "North Korea fires ICBM at a steep angle, officials in Seoul say",  # a reaction may open its own
]
OUTLETS = {f"outlet-{number}" for number in range(10)}


def own_feed(number: int) -> bytes:
    entry = f"<title>{TITLES[number]}</title><link>https://outlet-{number}.example/a</link><guid>a</guid>"
    return rss(f"{entry}<pubDate>{utc_now().isoformat()}</pubDate>").encode()


def search(poll: int) -> bytes:
    """Return what the search lists at a poll, under ids and links of that poll and in another order."""
    entries = [
        f"<title>{title} - Outlet {number}</title><guid>CBMi{poll}x{number}</guid>"
        f"<link>https://news.google.com/rss/articles/CBMi{poll}x{number}?oc=5</link>"
        f"<pubDate>{utc_now().isoformat()}</pubDate>"
        f'<source url="https://outlet-{number}.example">Outlet {number}</source>'
        for number, title in enumerate(TITLES)
    ]
    return rss(*entries[poll:], *entries[:poll], head="<generator>NFE/5.0</generator>").encode()


def watching(folder: Path, feeds: dict[str, str]) -> Workspace:
    folder.mkdir()
    workspace = Workspace(folder)
    workspace.write("indicators.yaml", (ROOT / "indicators.yaml").read_bytes())
    listed = (
        f'  - {{id: {name}, url: "{url}", owner: {name}, seed: false}}\n' for name, url in feeds.items()
    )
    workspace.write("feeds.yaml", "feeds:\n" + "".join(listed))
    return workspace


def polled(workspace: Workspace) -> dict[str, int]:
    """Poll every feed once; return how many new items each brought."""
    ran = workspace.call("poll", "--all", "--json", "--data", workspace.data)
    return {feed["id"]: feed["new"] for feed in ran.json["feeds"]}


def incident_of(workspace: Workspace) -> Incident:
    with closing(read_store(Settings(data=str(workspace.data)))) as store:
        (incident,) = store.open_incidents(utc_now() - timedelta(days=1))
    return incident


def test_ten_outlets_in_a_search_beside_their_own_feeds_are_ten_owners_and_ten_reports(
    tmp_path: Path, server: LoopbackServer
) -> None:
    own = {outlet: server.serve(f"/{outlet}", own_feed(int(outlet[7:]))) for outlet in OUTLETS}
    alone = watching(tmp_path / "alone", own)
    beside = watching(tmp_path / "beside", own | {"search": server.serve("/search", search(0))})

    first, _ = polled(beside), polled(alone)
    told = len(beside.log())
    for poll in (1, 2):
        server.serve("/search", search(poll))
        assert set(polled(beside).values()) == {0}

    with_search, without = incident_of(beside), incident_of(alone)
    assert first == {"search": 10} | dict.fromkeys(OUTLETS, 1)
    assert with_search.owners == without.owners == OUTLETS
    assert with_search.items == without.items == 10
    assert with_search.origins == without.origins
    assert len(beside.log()) == told
    for workspace in (alone, beside):
        assert [line["reason"] for line in workspace.log() if line["kind"] == "incident"].count("new") == 1
