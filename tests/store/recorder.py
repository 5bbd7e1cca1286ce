"""Records cycles for ever, saying the number of each once it is stored; made to be killed."""

import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item, posted
from tests.store.kinds import Real
from watcher.model.alerts import ALERT_LOG, ChannelId, Decision, IncidentId, Reason
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore

CHANNELS = (ALERT_LOG, ChannelId("desk"))
ITEMS = 20


def a_cycle(number: int) -> Cycle:
    """Return cycle `number`: one alert about one incident of twenty items."""
    items = tuple(an_item(f"Story {number}.{part}") for part in range(ITEMS))
    incident = an_incident(f"i{number}", items=items)
    decision = Decision(incident=incident.id, at=NOON, reason=Reason.NEW, item=items[0].id)
    return Cycle(
        states=(FeedState(feed=FeedId("wire-en"), next_due=NOON, failures=number),),
        items=items,
        hits=tuple(a_hit(item, incident=IncidentId(f"i{number}")) for item in items),
        incidents=(incident,),
        decisions=(decision,),
        alerts=(an_alert(alert_id=f"a{number}"),),
    )


def record(store: Real, cycle: Cycle) -> None:
    """Record a cycle with its deliveries, over the states that are there."""
    known = store.states()
    states = (replace(each, version=known.get(each.feed, each).version) for each in cycle.states)
    store.record(replace(cycle, states=tuple(states)), posted(cycle.alerts, *CHANNELS))


def opened(where: str) -> Real:
    """Return the store of a path, or of the address of a PostgreSQL database."""
    return PostgresStore.open(where) if "://" in where else SqliteStore.open(Path(where))


def main() -> None:
    store = opened(sys.argv[1])
    for number in count(store.counts()["alerts"] + 1):
        record(store, a_cycle(number))
        print(number, flush=True)  # noqa: T201  the test reads it


if __name__ == "__main__":
    main()
