"""The workbench answers one question at a time, and a slow one keeps no page waiting."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.builders import NOON, a_hit, an_incident, an_item
from tests.web.test_pages import get, serving, settings  # noqa: F401  a fixture
from watcher.alerting.review import action_of
from watcher.model.alerts import IncidentId
from watcher.model.polling import Cycle
from watcher.model.review import ActionKind, Verdict
from watcher.model.settings import Settings
from watcher.store import SqliteStore
from watcher.web.bench import Bench


def test_who_asks_while_enough_others_do_is_told_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ends = Event(), Event()

    def slow(_: Bench, question: dict[str, str]) -> dict[str, Any]:
        begun.set()
        assert ends.wait(30)
        return dict(question)

    monkeypatch.setattr("watcher.web.bench._MOST_ASKING", 1)
    monkeypatch.setattr(Bench, "_answer", slow)
    bench = Bench(Settings())
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(bench.ask, do="why", item="slow")
        assert begun.wait(30)
        refused = bench.ask(do="why", item="one more")
        ends.set()
        answer = asked.result(30)
    then = bench.ask(do="why", item="later")
    bench.close()

    assert refused["failed"]
    assert "busy" in refused["error"]
    assert (answer["item"], then["item"]) == ("slow", "later")


def test_no_answer_is_not_the_same_as_no_item(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    def broken(_: Bench, question: dict[str, str]) -> dict[str, Any]:
        raise OSError(f"{question['do']} went wrong")

    with serving(settings) as port:
        missing = get(port, "/why/gone")
        monkeypatch.setattr(Bench, "_answer", broken)
        failed = get(port, "/why/gone")

    assert (missing[0], failed[0]) == (404, 503)
    assert "no item has this id" in missing[1]
    assert "why went wrong" in failed[1]


def test_the_page_of_an_indicator_shows_the_terms_that_verdicts_propose(settings: Settings) -> None:  # noqa: F811
    titles = {f"u{number}": f"ICBM number {number} fired into the sea" for number in range(10)}
    titles |= {f"n{number}": f"ICBM seen in video game trailer {number}" for number in range(5)}
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        for name, title in titles.items():
            item, incident = an_item(title, guid=name), IncidentId(name)
            hit = a_hit(item, incident=name)
            store.record(Cycle(items=(item,), hits=(hit,), incidents=(an_incident(name, items=(item,)),)), ())
            verdict = Verdict.USEFUL if name.startswith("u") else Verdict.NOISE
            store.add_action(action_of(ActionKind.VERDICT, incident, "kim", NOON, value=verdict))

    with serving(settings) as port:
        before = get(port, "/indicators/icbm-launch")[1]
        after = get(port, "/indicators/icbm-launch?suggest=yes")[1]

    assert "?suggest=yes" in before
    assert "10 judged useful, 5 noise, 0 missed" in after
    assert re.search(
        r"<td>exclude</td><td>video game trailer</td><td>0</td><td>5</td><td>0</td><td>5</td>", after
    )
