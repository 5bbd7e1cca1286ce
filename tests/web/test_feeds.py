"""A feed is tested and polled from the page: its own address alone, and nothing but a wish is recorded."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.builders import NOON, rss
from tests.loopback import LoopbackServer
from tests.web.test_answering import post, token_of
from tests.web.test_pages import get, serving
from tests.web.test_pages import settings as settings  # noqa: PLC0414 - a fixture
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState, Habits
from watcher.model.settings import FetchSettings, Settings
from watcher.polling.cadence import is_due
from watcher.store import SqliteStore

WIRE = FeedId("wire-en")


@pytest.fixture
def server(settings: Settings) -> Iterator[LoopbackServer]:
    """Return a server, from which the one feed of the list comes."""
    with LoopbackServer() as running:
        items = ("<title>North Korea fires ICBM</title>", "<title>Snow &lt;b&gt;in Oslo&lt;/b&gt;</title>")
        url = running.serve("/wire.xml", rss(*items).encode())
        Path(settings.feeds).write_text(f"feeds: [{{id: wire-en, url: '{url}'}}]")
        yield running


def allowing(settings: Settings) -> Settings:
    return replace(settings, fetch=FetchSettings(allow_private=(ip_network("127.0.0.1/32"),)))


def counts(settings: Settings) -> dict[str, int]:
    with closing(SqliteStore.open_readonly(Path(settings.data) / "watcher.db")) as store:
        return dict(store.counts())


def state(settings: Settings) -> FeedState:
    with closing(SqliteStore.open_readonly(Path(settings.data) / "watcher.db")) as store:
        found = store.state(WIRE)
        assert found
        return found


def test_a_test_shows_what_comes_and_what_would_hit_and_records_nothing(
    settings: Settings,
    server: LoopbackServer,
) -> None:
    before = counts(settings)
    with serving(allowing(settings)) as port:
        status, _, page = post(port, "/feeds/wire-en/test", ("token", token_of(port)))

    assert status == 200
    assert "It works</strong> (status 200, rss20): 2 items" in page
    assert "icbm-launch: occurred" in page
    assert "<b>in Oslo" not in page
    assert [each.path for each in server.requests] == ["/wire.xml"]
    assert counts(settings) == before


def test_a_test_fetches_no_address_but_that_of_a_listed_feed(
    settings: Settings,
    server: LoopbackServer,
) -> None:
    inside = server.serve("/inside", b"a secret")
    with serving(allowing(settings)) as port:
        token = token_of(port)
        unknown = post(port, "/feeds/another/test", ("token", token), ("url", inside), ("id", "wire-en"))
        post(port, "/feeds/wire-en/test", ("token", token), ("url", inside), ("feed", inside))
        forged = post(port, "/feeds/wire-en/test", ("token", "0" * 64))
        linked = get(port, "/feeds/wire-en/test")

    assert (unknown[0], forged[0], linked[0]) == (404, 403, 405)
    assert [each.path for each in server.requests] == ["/wire.xml"]


def test_a_test_dials_no_private_address_that_is_not_allowed(
    settings: Settings,
    server: LoopbackServer,
) -> None:
    with serving(settings) as port:
        _, _, page = post(port, "/feeds/wire-en/test", ("token", token_of(port)))

    assert "It does not work" in page
    assert server.requests == []


def test_why_a_test_gave_no_answer_is_in_the_log(
    settings: Settings,
    server: LoopbackServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "pickle.py").write_text("raise ImportError('half of it is missing')")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with serving(allowing(settings)) as port:
        _, _, page = post(port, "/feeds/wire-en/test", ("token", token_of(port)))

    assert "the test gave no answer" in page
    assert "half of it is missing" in capfd.readouterr().err
    assert server.requests == []


def test_poll_now_makes_a_feed_due_at_the_next_round(settings: Settings) -> None:
    now = NOON + timedelta(hours=1)
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        polled = replace(state(settings), next_due=now + timedelta(hours=5))
        store.record(Cycle(states=(polled,)), ())
    before = is_due(state(settings), now)
    with serving(settings, hours=1) as port:
        answer = post(port, "/feeds/wire-en/poll", ("token", token_of(port)))
        forged = post(port, "/feeds/wire-en/poll", ("token", "0" * 64))

    assert (answer[0], answer[1], forged[0]) == (303, "/feeds", 403)
    assert "No%20service%20runs" in answer[2]
    assert "polled%20at%20the%20next%20round" in answer[2]
    assert (before, is_due(state(settings), now)) == (False, True)


def test_a_feed_that_fails_waits_for_its_turn_and_the_page_says_when(settings: Settings) -> None:
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        failing = replace(state(settings), failures=4, error="timeout: x", next_due=NOON + timedelta(hours=5))
        store.record(Cycle(states=(failing,)), ())
    with serving(settings, hours=1) as port:
        answer = post(port, "/feeds/wire-en/poll", ("token", token_of(port)))

    assert "is%20polled%20at%202026-10-10%2017%3A00%20UTC" in answer[2]
    assert not is_due(state(settings), NOON + timedelta(hours=1))


def test_the_feeds_show_how_often_they_are_polled_and_how_long_they_are_usually_silent(
    settings: Settings,
) -> None:
    habits = Habits(since=NOON, gaps=(60, 120, 90, 60, 45, 30, 120, 60, 75, 90, 60, 45))
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        store.record(Cycle(states=(replace(state(settings), habits=habits, last_missed=NOON),)), ())
    with serving(settings) as port:
        _, page, _ = get(port, "/feeds")

    assert "polled every 15 minutes, 1 hour at most" in page
    assert "without news is usual" in page
    assert "items may have been missed" in page
