"""The page shows what was said and why, and cannot be made to do anything."""

import asyncio
import base64
import http.client
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item
from watcher.errors import UsageError
from watcher.model.alerts import (
    ALERT_LOG,
    ChannelId,
    Context,
    Decision,
    Delivery,
    IncidentId,
    Reason,
    TimelineEntry,
)
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState
from watcher.model.review import Verdict
from watcher.model.settings import Settings, WebSettings
from watcher.pipeline.reviewing import Reviewer
from watcher.ports import Clock
from watcher.service.lock import only_instance
from watcher.store import SqliteStore
from watcher.web.app import app_of
from watcher.web.guard import HEADERS, Guard

SCRIPT = "<script>alert(1)</script> & <img src=x onerror=alert(1)> \u202eexe"


@contextmanager
def serving(settings: Settings, *, hours: float = 0) -> Iterator[int]:
    """Serve the page on this machine, some hours after noon; give its port."""
    with serving_at(settings, lambda: NOON + timedelta(hours=hours)) as port:
        yield port


@contextmanager
def serving_at(settings: Settings, clock: Clock) -> Iterator[int]:
    """Serve the page on this machine, by a clock; give its port."""
    app = app_of(settings, clock, apart=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", server_header=False))
    with socket.create_server(
        ("127.0.0.1", 0)
    ) as listening:  # it takes calls from now on, and answers when the server is up
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)


INDICATORS = """
indicators:
  - {id: icbm-launch, title: ICBM launch, category: provocation, severity: critical, match: [ICBM]}
  - {id: kim-yo-jong, title: Kim Yo Jong speaks, category: rhetoric, severity: medium, match: [Kim Yo Jong]}
"""
SESSION = f"watcher-session={'0' * 32}"


def get(port: int, path: str, *, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    """Ask for a page, always in the same session; return status, body and headers."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, headers={"Cookie": SESSION} | headers)
        answer = connection.getresponse()
        return (
            answer.status,
            answer.read().decode(),
            {name.lower(): value for name, value in answer.getheaders()},
        )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a data folder in which something has happened."""
    (tmp_path / "feeds.yaml").write_text("feeds: [{id: wire-en, url: 'https://wire.example/f.xml'}]")
    (tmp_path / "indicators.yaml").write_text(INDICATORS)
    item = replace(an_item(SCRIPT, guid="g"), url="javascript:alert(1)")
    line = TimelineEntry(at=NOON, item=item.id, owner=SCRIPT, title=SCRIPT, new=("first report", "jcs"))
    incident = replace(an_incident(items=(item,)), title=SCRIPT, timeline=(line,))
    alert = replace(an_alert(SCRIPT, why=SCRIPT, context=Context(against=(SCRIPT,))), incident="i1")
    decisions = (
        Decision(incident=IncidentId("i1"), at=NOON, reason=Reason.NEW, item=item.id, alert=alert.id),
        Decision(incident=IncidentId("i1"), at=NOON, reason=Reason.MUTED, item=item.id, because=SCRIPT),
    )
    cycle = Cycle(
        items=(item,),
        hits=(a_hit(item),),
        incidents=(incident,),
        alerts=(alert,),
        decisions=decisions,
        states=(FeedState(feed=FeedId("wire-en"), next_due=NOON, last_poll=NOON, last_ok=NOON, seeded=True),),
    )
    with closing(SqliteStore.open(tmp_path / "watcher.db")) as store:
        store.record(cycle, [Delivery(alert=alert, channel=ALERT_LOG, next_try=NOON)])
        store.note("last_tick", NOON.isoformat())
    return Settings(
        data=str(tmp_path), feeds=str(tmp_path / "feeds.yaml"), indicators=str(tmp_path / "indicators.yaml")
    )


# --- what it shows ------------------------------------------------------------------------------------------


def test_the_pages_show_alerts_incidents_and_why(settings: Settings) -> None:
    with serving(settings) as port:
        _, first, _ = get(port, "/alerts")
        _, alert, _ = get(port, "/alerts/a1")
        _, incident, _ = get(port, "/incidents/i1")

    assert "/alerts/a1" in first
    assert "/incidents/i1" in alert
    assert "first report, jcs" in incident
    assert "muted" in incident


def test_the_pages_show_what_reviewers_said(settings: Settings) -> None:
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        lee = Reviewer(store, "lee", NOON)
        lee.acknowledge("a1", SCRIPT)
        lee.judge("a1", Verdict.NOISE)
        lee.mute("provocation", NOON + timedelta(hours=6), "a drill", ())

    with serving(settings, hours=1) as port:
        _, alert, _ = get(port, "/alerts/a1")
        _, incident, _ = get(port, "/incidents/i1")
        _, listed, _ = get(port, "/incidents?state=muted&alerts=any")

    assert f"acknowledged by lee at {NOON:%Y-%m-%d %H:%MZ}: &lt;script&gt;" in alert
    assert "verdict noise by lee" in alert
    assert f"muted (provocation until {NOON + timedelta(hours=6):%Y-%m-%d %H:%MZ}) by lee" in alert
    assert "acknowledged by lee" in incident
    assert "noise, says lee" in incident
    assert "<strong>lee</strong> mute" in incident
    assert "muted by lee" in listed


def test_an_indicator_shows_its_hits_and_alerts_week_by_week(settings: Settings) -> None:
    with serving(settings, hours=24 * 15) as port:
        _, page, _ = get(port, "/indicators/icbm-launch")

    assert "Week by week, 13 weeks: 1 hit, 1 alert" in page
    assert "<title>hits, 05 Oct: 1</title>" in page
    assert "<title>alerts, 12 Oct: 0</title>" in page


PAGES = [
    "/alerts",
    "/alerts/a1",
    "/incidents?alerts=any",
    "/incidents/i1",
    "/search?text=script",
    "/activity",
]
OTHERS = ["/", "/indicators", "/indicators/icbm-launch", "/feeds", "/calendar", "/health", "/help"]


@pytest.mark.parametrize("path", PAGES)
def test_what_a_headline_says_is_only_ever_text(settings: Settings, path: str) -> None:
    with serving(settings) as port:
        status, page, _ = get(port, path)

    assert status == 200
    shown = page.replace("<mark>", "").replace("</mark>", "")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert not any(bad in page for bad in ("<script>", "<img", "javascript:", "\u202e"))


def test_what_is_not_there_is_said_to_be_missing(settings: Settings) -> None:
    with serving(settings) as port:
        found = [
            get(port, path)[0]
            for path in (
                "/alerts/gone",
                "/incidents/gone",
                "/gone",
                "/static/../app.py",
                "/static/%2e%2e/app.py",
            )
        ]

    assert found == [404] * 5


def test_a_data_folder_without_a_database_is_told(tmp_path: Path) -> None:
    with serving(Settings(data=str(tmp_path))) as port:
        status, said, _ = get(port, "/")

    assert status == 503
    assert "watcher.db" in said


def test_a_database_that_is_put_in_the_place_of_another_is_shown_by_the_next_page(settings: Settings) -> None:
    path = Path(settings.data) / "watcher.db"
    with closing(SqliteStore.open(path.with_name("other.db"))) as store:
        store.record(Cycle(alerts=(an_alert("A parade instead"),)), ())

    with serving(settings) as port:
        before = get(port, "/alerts")[1]
        path.with_name("other.db").replace(path)
        after = get(port, "/alerts")[1]

    assert "A parade instead" not in before
    assert "A parade instead" in after


def test_a_database_that_a_newer_watcher_changes_under_the_page_is_told(settings: Settings) -> None:
    with serving(settings) as port:
        before = get(port, "/")[0]
        with closing(sqlite3.connect(Path(settings.data) / "watcher.db")) as newer, newer:
            newer.execute("CREATE TABLE of_tomorrow (what)")
            newer.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
                "VALUES ('watcher', '9999', '')"
            )
        status, said, _ = get(port, "/")

    assert (before, status) == (200, 503)
    assert "newer watcher" in said


# --- probes and numbers -------------------------------------------------------------------------------------


def test_health_is_that_of_the_service_not_of_the_page(settings: Settings) -> None:
    with serving(settings) as port:
        assert get(port, "/healthz")[:2] == (503, "no service is running on this data folder\n")
        with only_instance(Path(settings.data)):
            assert get(port, "/healthz")[:2] == (200, "ok\n")
            assert get(port, "/readyz")[0] == 200


def test_a_service_that_has_not_looked_for_minutes_is_not_alive(settings: Settings) -> None:
    with serving(settings, hours=1) as port, only_instance(Path(settings.data)):
        status, said, _ = get(port, "/healthz")

    assert (status, said) == (
        503,
        "the service has finished no round of polls since 2026-10-10 12:00:00+00:00\n",
    )


def test_numbers_are_in_the_format_of_prometheus(settings: Settings) -> None:
    with serving(settings) as port:
        _, numbers, headers = get(port, "/metrics")

    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'watcher_feeds{state="ok"} 1.0',
        "watcher_items_total 1.0",
        "watcher_hits_total 1.0",
        'watcher_alerts_total{kind="incident",severity="critical"} 1.0',
        'watcher_deliveries{channel="log",state="pending"} 1.0',
        "watcher_up 0.0",
        'watcher_feed_failures{feed="wire-en"} 0.0',
        'watcher_feed_next_due_timestamp_seconds{feed="wire-en"} 1.7916336e+09',
    ):
        assert line in numbers.splitlines()


def test_what_waits_for_its_hour_is_no_alert_that_waits_too_long(settings: Settings) -> None:
    alert, waits = an_alert(alert_id="a2"), NOON + timedelta(hours=9)
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        quiet = Delivery(alert=alert, channel=ChannelId("quiet"), next_try=waits)
        failing = Delivery(alert=alert, channel=ChannelId("failing"), next_try=waits, error="timeout")
        store.record(Cycle(alerts=(alert,)), [quiet, failing])
    with serving(settings, hours=2) as port:
        _, numbers, _ = get(port, "/metrics")
    oldest = [line for line in numbers.splitlines() if line.startswith("watcher_oldest_pending_alert")]

    assert [re.findall('channel="(.*)"', line) for line in oldest] == [["failing"], ["log"]]


# --- below a path -------------------------------------------------------------------------------------------

BEHIND_A_PATH = WebSettings(public="https://watcher.example/desk/watch")


def links(page: str) -> set[str]:
    """Return where a page leads on its own host."""
    found = set(re.findall(r'(?:href|src|action)="([^"]*)"', page))
    return {link for link in found if "://" not in link and not link.startswith("#")}


@pytest.mark.parametrize("path", [*OTHERS, *PAGES, "/alerts/gone", "/indicators/gone"])
def test_every_link_leads_below_the_path_of_the_public_address(settings: Settings, path: str) -> None:
    with serving(replace(settings, web=BEHIND_A_PATH)) as port:
        stripped, kept = get(port, path)[1], get(port, f"/desk/watch{path}")[1]

    assert stripped == kept
    assert links(kept)
    assert {link[:12] for link in links(kept)} == {"/desk/watch/"}


def test_below_a_path_everything_is_found_with_it_and_without(settings: Settings) -> None:
    with serving(replace(settings, web=BEHIND_A_PATH)) as port:
        for path in ("/", "/alerts/a1", "/static/style.css", "/metrics"):
            assert get(port, path)[0] == get(port, f"/desk/watch{path}")[0] == 200
        assert get(port, "/desk/watch")[0] == 200
        assert get(port, "/desk/watchers")[0] == get(port, "/desk/")[0] == 404


def test_a_proxy_on_this_machine_names_the_path(settings: Settings) -> None:
    named = {"X-Forwarded-Prefix": "/news/"}
    with serving(settings) as port:
        page, style = get(port, "/", **named)[1], get(port, "/static/style.css", **named)[0]

    assert style == 200
    assert {"/news/", "/news/alerts", "/news/static/style.css"} <= links(page)


@pytest.mark.parametrize("named", ["//evil.example", "https://evil.example", '/a"b', "news", "/a b", "/"])
def test_a_prefix_that_is_no_plain_path_counts_for_nothing(settings: Settings, named: str) -> None:
    with serving(settings) as port:
        assert get(port, "/", **{"X-Forwarded-Prefix": named})[1] == get(port, "/")[1]


@pytest.mark.parametrize(
    ("client", "told"),
    [("127.0.0.1", "/news"), ("::1", "/news"), ("192.0.2.7", ""), ("pipe", ""), (None, "")],
)
def test_only_this_machine_may_name_the_path(client: str | None, told: str) -> None:
    seen = []

    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope["root_path"])
        await PlainTextResponse("ok")(scope, _receive, send)

    async def nothing(*_: object) -> Any:
        return None

    scope = {"type": "http", "method": "GET", "path": "/", "client": (client, 40000) if client else None}
    headers = {"headers": [(b"host", b"localhost"), (b"x-forwarded-prefix", b"/news")]}
    asyncio.run(Guard(answer, frozenset(), b"")(scope | headers, nothing, nothing))

    assert seen == [told]


# --- what it refuses ----------------------------------------------------------------------------------------


def test_every_answer_forbids_the_browser_what_it_does_not_need(settings: Settings) -> None:
    with serving(settings) as port:
        answers = [get(port, path)[2] for path in ("/", "/gone", "/metrics", "/static/style.css")]
        answers.append(get(port, "/", Host="evil.example")[2])

    for headers in answers:
        assert {name: headers.get(name.lower()) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8750", "127.0.0.1.evil.example", "", "localhost.evil"]
)
def test_a_name_it_does_not_go_by_is_refused(settings: Settings, host: str) -> None:
    with serving(settings) as port:
        assert get(port, "/", Host=host)[0] in (400, 421)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:1234", "[::1]:80", "Watcher.Example", "watcher.example:443"]
)
def test_the_names_it_goes_by_are_let_in(settings: Settings, host: str) -> None:
    with serving(replace(settings, web=WebSettings(hosts=("watcher.example",)))) as port:
        assert get(port, "/", Host=host)[0] == 200


def test_it_goes_by_the_name_of_its_public_address(settings: Settings) -> None:
    with serving(replace(settings, web=WebSettings(public="https://Watcher.example:8443/watch"))) as port:
        assert get(port, "/", Host="watcher.example")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_there_is_nothing_a_forged_request_could_change(settings: Settings, method: str) -> None:
    with serving(settings) as port:
        assert {get(port, path, method=method)[0] for path in ("/", *PAGES, "/metrics", "/feeds")} == {405}


def test_a_password_is_asked_for_when_one_is_set(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "web.password").write_text("open sesame\n")
    guarded = replace(
        settings, web=WebSettings(listen="0.0.0.0:8750", password_file=str(tmp_path / "web.password"))
    )

    def login(words: str) -> str:
        return "Basic " + base64.b64encode(words.encode()).decode()

    with serving(guarded) as port:
        statuses = [
            get(port, "/")[0],
            get(port, "/metrics", Authorization=login("desk:wrong"))[0],
            get(port, "/", Authorization="Basic ???")[0],
            get(port, "/", Authorization="Basic \u00e9")[0],
            get(port, "/", Authorization="Bearer open sesame")[0],
            get(port, "/", Authorization=login("desk:open sesame"))[0],
        ]

    assert statuses == [401, 401, 401, 401, 401, 200]


@pytest.mark.parametrize("listen", ["0.0.0.0:8750", "[::]:8750", "192.0.2.7:80", "watcher.example:80"])
def test_the_page_is_not_opened_to_others_without_a_password(settings: Settings, listen: str) -> None:
    with pytest.raises(UsageError, match="set `password_file` in \\[web\\]"):
        app_of(replace(settings, web=WebSettings(listen=listen)), lambda: NOON)


def test_a_password_that_cannot_be_used_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")

    for name, words in (("gone", "No such file"), ("empty", "is empty")):
        with pytest.raises(UsageError, match=words):
            app_of(replace(settings, web=WebSettings(password_file=str(tmp_path / name))), lambda: NOON)
