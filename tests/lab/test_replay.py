"""A replay records the same whatever is recorded together."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.builders import NOON
from tests.lab.news import the_rules
from watcher import bootstrap
from watcher.lab import replay as replays
from watcher.lab.archive import item_of
from watcher.lab.replay import replay
from watcher.model.news import Item

LIST = """
version: 1
defaults: {look_in: title and text}
entities:
  dprk: {names: [North Korea*, Pyongyang]}
  kim: {names: [Kim Jong Un]}
indicators:
  - {id: missile-launch, category: provocation, match: {all: [$dprk, missile*]}}
  - {id: absence, title: Absence of Kim, category: precursor, silence: {entity: kim, longer: 2d}}
"""
TITLES = (
    "Rain in Berlin",
    "Rain in Berlin, again",
    "Pyongyang fires missile",
    "Kim Jong Un visits a farm",
    "Talks in Oslo",
)

drawn_lines = st.lists(
    st.tuples(
        st.sampled_from(TITLES),
        st.integers(1, 4),
        st.sampled_from([0, 0, 0.02, 0.5, 1, 5, 24, 72]),
        st.sampled_from("ab"),
        st.sampled_from(["", "More rain."]),
    ),
    max_size=40,
)
"""A title, the number of a link, the hours since the line before, a feed and a summary, each."""

SILENCE = [(TITLES[3], number, 24.0, "a", "") for number in range(6)]
SILENCE += [(TITLES[number % 2], number, 6.0, "a", "") for number in range(30)]
REVISIONS = [(TITLES[0], 1, 0.5, "a", summary) for summary in ("", "More rain.", "", "More rain.")]
BESIDE_A_REVISION = [(TITLES[0], 1, 0, "a", "More rain."), *((TITLES[0], 1, 0.5, feed, "") for feed in "ba")]


def played(items: Sequence[Item], batch: int) -> tuple[Any, ...]:
    """Return the tally of a replay, and the rows of every table, in the order in which they were written."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(replays, "A_BATCH", batch)
        path = Path(folder, "watcher.db")
        with closing(bootstrap.open_database(path, durable=False)) as store:
            tallies = [tally for _, tally in replay(items, store, (), the_rules(LIST))]
        with closing(sqlite3.connect(path)) as reading:
            tables = ("items", "revisions", "hits", "incidents", "decisions", "alerts", "heard", "levels")
            rows = [reading.execute(f"SELECT * FROM {name}").fetchall() for name in tables]
            # the number of a text that was taken out is given again if nothing was put in since
            rows.append(reading.execute("SELECT item FROM texts ORDER BY doc").fetchall())
        return (tallies[-1:], rows)


@settings(max_examples=10, deadline=None)
@example(SILENCE)
@example(REVISIONS)
@example(BESIDE_A_REVISION)
@given(drawn_lines)
def test_a_replay_records_what_it_would_record_poll_by_poll(
    drawn: list[tuple[str, int, float, str, str]],
) -> None:
    seen, items = NOON, list[Item]()
    for title, link, hours, feed, summary in drawn:
        seen += timedelta(hours=hours)
        url, source = f"https://news.example/{link}", f"https://{feed}.example/rss"
        line = {"title": title, "url": url, "source": source, "summary": summary, "seen": seen.isoformat()}
        items.append(item_of(line, "news", NOON))

    assert played(items, 500) == played(items, 1)
