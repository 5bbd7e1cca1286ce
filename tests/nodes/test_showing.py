"""Nodes as `status`, the page and the monitoring show them."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import NOON
from tests.fakes import FakeStore
from tests.nodes.test_living import a_sign
from tests.web.test_pages import get, serving_at
from tests.workspace import ONE_TERM, Workspace
from watcher.cli.service import _print_health
from watcher.clock import utc_now
from watcher.model.news import FeedId
from watcher.model.settings import Settings
from watcher.nodes.leasing import Pace
from watcher.nodes.living import Fleet, fleet_of
from watcher.service.health import Health, health_of
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore
from watcher.web.metrics import metrics_text


def health() -> Health:
    signs = [a_sign("seoul", recent=3), a_sign("busan", recent=1, trouble="other lists")]
    fleet = fleet_of(signs, NOON - timedelta(minutes=2), NOON, Pace(silent=timedelta(days=9999)))
    return health_of(FakeStore(), [], NOON, fleet.process, fleet=fleet)


def test_status_shows_each_node_and_its_share(capsys: pytest.CaptureFixture[str]) -> None:
    _print_health(health())

    shown = capsys.readouterr().out
    assert "node busan: other lists" in shown
    assert "75%" in shown
    assert "late by 2 minutes" in shown
    nodes = json.loads(json.dumps(health().as_dict()["nodes"], default=str))
    assert [(node["name"], node["share"]) for node in nodes] == [("seoul", 0.75), ("busan", 0.25)]


def test_the_numbers_of_each_node_are_there_to_be_scraped(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "watcher.db", durable=False)

    text = metrics_text(store, health(), NOON).decode()
    alone = metrics_text(store, health_of(FakeStore(), [], NOON, 1), NOON).decode()

    store.close()
    assert 'watcher_node_share{node="seoul"} 0.75' in text
    assert 'watcher_node_polls_total{node="busan"} 0.0' in text
    assert "watcher_feeds_late_seconds 120.0" in text
    assert "watcher_node" not in alone
    assert Fleet() == health_of(FakeStore(), [], NOON, 1).fleet


def test_the_page_of_a_shared_database_shows_its_nodes_and_that_one_lives(
    postgres_url: str, tmp_path: Path
) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "feeds.yaml").write_text("feeds: [{id: wire-en, url: 'https://wire.example/f.xml'}]")
    (lists / "indicators.yaml").write_text(ONE_TERM)
    with closing(PostgresStore.open(postgres_url, durable=False)) as store:
        now = store.now()
        store.give_sign(replace(a_sign("seoul", recent=3), seen=now))
        store.give_sign(replace(a_sign("busan", recent=1), seen=now - timedelta(hours=1)))
        store.note("last_tick", now.isoformat())
        store.enlist({FeedId("wire-en"): now - timedelta(minutes=2)})
    settings = Settings(
        data=str(tmp_path),
        store_url=postgres_url,
        indicators=str(lists / "indicators.yaml"),
        feeds=str(lists / "feeds.yaml"),
    )

    with serving_at(settings, utc_now) as port:
        status, page, _ = get(port, "/health")
        alive, _, _ = get(port, "/healthz")
        _, numbers, _ = get(port, "/metrics")

    assert (status, alive) == (200, 200)
    assert "<td>seoul</td>" in page
    assert "75 %" in page
    assert "no sign of life" in page
    assert 'watcher_node_up{node="busan"} 0.0' in numbers
    assert "watcher_feeds_late_seconds 12" in numbers


@pytest.mark.parametrize("words", [("poll",), ("db", "restore"), ("db", "copy", "{url}", "sqlite:copy.db")])
def test_what_nodes_would_not_know_of_is_refused_where_they_poll(
    postgres_url: str, workspace: Workspace, words: tuple[str, ...]
) -> None:
    workspace.feeds(one="https://one.example/f.xml")
    with closing(PostgresStore.open(postgres_url, durable=False)) as store:
        store.give_sign(replace(a_sign("seoul"), seen=store.now()))

    ran = workspace.run(*(word.format(url=postgres_url) for word in words), WATCHER_STORE_URL=postgres_url)

    assert ran.code == 3
    assert "nodes poll for this database (one is process 1)" in ran.err
