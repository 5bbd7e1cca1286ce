"""The workbench answers one question at a time, and a slow one keeps no page waiting."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from tests.web.test_pages import get, serving, settings  # noqa: F401  a fixture
from watcher.model.settings import Settings
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
