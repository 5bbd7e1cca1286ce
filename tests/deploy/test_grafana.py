"""The dashboard and the alert rules for Grafana ask for numbers that there are."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import NOON
from tests.deploy.units import DEPLOY
from tests.web.test_pages import get, serving, settings  # noqa: F401  a fixture
from watcher.model.alerts import Level
from watcher.model.board import PROBLEM, LevelChange
from watcher.model.polling import Cycle
from watcher.model.settings import Settings
from watcher.store import SqliteStore

DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = yaml.safe_load(
    (DEPLOY / "grafana" / "alerts.yaml").read_text(encoding="utf-8")
)["groups"][0]["rules"]
GIVEN_BY_PROMETHEUS = {"up"}


def queries() -> Iterator[tuple[str, str]]:
    """Yield each query with the legend that shows its labels."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"], target["legendFormat"]
    for rule in RULES:
        yield rule["data"][0]["model"]["expr"], rule["annotations"]["description"].replace("$labels.", "")


@pytest.fixture
def numbers(settings: Settings) -> str:  # noqa: F811
    """Return all that `/metrics` can have."""
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        store.note("last_tick", NOON.isoformat())
        store.record(Cycle(levels=(LevelChange(subject=PROBLEM, level=Level.WATCH, since=NOON),)), [])
    with serving(settings) as port:
        return get(port, "/metrics")[1]


def test_each_metric_and_label_that_is_asked_for_is_in_the_numbers(numbers: str) -> None:
    known = set(re.findall(r"^# TYPE (\w+)", numbers, re.MULTILINE))
    labels = {*re.findall(r"[{,](\w+)=", numbers), "cause"}

    for query, legend in queries():
        assert set(re.findall(r"\bwatcher_\w+", query)) <= known, query
        assert set(re.findall(r"[{,]\s*(\w+)!?=", query)) <= labels | {"job"}, query
        assert set(re.findall(r"{{ ?(\w+) ?}}", legend)) <= labels, legend


def test_every_number_is_on_the_dashboard(numbers: str) -> None:
    known = set(re.findall(r"^# TYPE (\w+)", numbers, re.MULTILINE))
    shown = {name for panel in DASHBOARD["panels"] for target in panel["targets"] for name in
             re.findall(r"\bwatcher_\w+", target["expr"])}  # fmt: skip

    assert known == shown


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= set(DASHBOARD)
    assert re.fullmatch(r"[\w-]{1,40}", DASHBOARD["uid"])
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        assert {"id", "type", "title", "gridPos", "datasource", "fieldConfig", "options"} <= set(panel)
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not taken & cells
        taken |= cells
        assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C"][: len(panel["targets"])]
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


def test_an_alert_rule_is_one_that_grafana_takes() -> None:
    assert len({rule["uid"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert {"uid", "title", "condition", "data", "for", "noDataState", "execErrState"} <= set(rule)
        assert re.fullmatch(r"[\w-]{1,40}", rule["uid"])
        asked, threshold = rule["data"]
        assert asked["relativeTimeRange"]["from"] > asked["relativeTimeRange"]["to"] == 0
        assert threshold["datasourceUid"] == "__expr__"
        assert (threshold["refId"], threshold["model"]["expression"]) == (rule["condition"], asked["refId"])
