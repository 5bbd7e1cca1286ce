"""The pages for people who know SQL name what is in the database, and their queries run on it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import yaml

from tests.builders import NOON
from tests.deploy.units import DEPLOY
from tests.export.records import KOREAN, NAME, close, database, record, told
from watcher.model.alerts import ALERT_LOG, Decision, Delivery, Reason
from watcher.model.news import ItemId
from watcher.model.polling import Cycle
from watcher.model.review import Verdict
from watcher.pipeline.reviewing import Reviewer

PAGE: dict[str, Any] = yaml.safe_load((DEPLOY / "datasette" / "metadata.yaml").read_text(encoding="utf-8"))
TABLES: dict[str, dict[str, Any]] = PAGE["databases"]["watcher"]["tables"]
QUERIES: dict[str, dict[str, str]] = PAGE["databases"]["watcher"]["queries"]
OF_SQLITE = ("sqlite_", "_sqlite_", "words")
"""How the names begin of what SQLite and its extensions keep for themselves."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Return a read-only connection, without any function of ours, to a database with an incident."""
    folder = tmp_path_factory.mktemp("data")
    with database(folder) as store:
        alert = told()
        record(store, alert)
        decision = Decision(
            incident=NAME, at=NOON, reason=Reason.NEW, item=ItemId(f"wire-en/{alert.id}"), alert=alert.id
        )
        silent = Decision(
            incident=NAME, at=NOON, reason=Reason.MUTED, item=ItemId("gone"), because="muted by lee"
        )
        another = told("More", number=2)
        store.record(Cycle(decisions=(decision, silent)), [])
        store.record(
            Cycle(alerts=(another,)), [Delivery(alert=another, channel=ALERT_LOG, next_try=another.at)]
        )
        reviewer = Reviewer(store, "lee", NOON)
        reviewer.judge(NAME, Verdict.USEFUL, "so it was")
        reviewer.acknowledge(NAME, "")
        close(store)
    with closing(sqlite3.connect(f"file:{folder / 'watcher.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def test_every_table_view_and_column_is_described_and_no_others(rows: sqlite3.Connection) -> None:
    named = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    there = {name for (name,) in rows.execute(named) if not name.startswith(OF_SQLITE)}

    assert set(TABLES) == there
    for table, described in TABLES.items():
        columns = {row["name"] for row in rows.execute(f"PRAGMA table_xinfo({table})")}
        assert set(described["columns"]) == columns, table
        assert described["description"]


def test_what_holds_secrets_is_shown_to_nobody() -> None:
    assert [name for name, table in TABLES.items() if table.get("allow") is False] == ["subscriptions"]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_of_the_page_runs_and_finds_something(rows: sqlite3.Connection, name: str) -> None:
    given = {"words": "ICBM", "incident": NAME}

    assert rows.execute(QUERIES[name]["sql"], given).fetchall()


def test_a_view_has_words_for_numbers_and_for_json(rows: sqlite3.Connection) -> None:
    def first(view: str) -> dict[str, Any]:
        return dict(rows.execute(f"SELECT * FROM {view}").fetchone())

    alert, incident, hit = first("alerts_view"), first("incidents_view"), first("hits_view")
    decision, delivery, verdict = first("decisions_view"), first("deliveries_view"), first("verdicts_view")
    assert (alert["severity"], alert["title"], alert["origins"]) == ("critical", KOREAN, "jcs")
    assert (alert["category"], alert["claim"], alert["items"]) == ("provocation", "occurred", 1)
    assert (incident["verdict"], incident["acknowledged_by"], incident["alerts"]) == ("useful", "lee", 2)
    assert (incident["confidence"], incident["owners"], incident["denied"]) == ("unconfirmed", "wire", 0)
    assert (hit["title"], hit["incident"], hit["severity"]) == (KOREAN, NAME, "critical")
    assert (decision["reason"], decision["item_title"]) == ("new", KOREAN)
    assert (delivery["channel"], delivery["title"], delivery["settled"]) == ("log", "More", None)
    assert (verdict["verdict"], verdict["by"], verdict["title"]) == ("useful", "lee", KOREAN)
