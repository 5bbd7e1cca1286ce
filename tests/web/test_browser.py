"""In a real browser: every page and key, no script from a headline, no request elsewhere, nothing axe finds.

One server and one browser serve all tests. They need Chromium and Playwright's Python package (`pip install
playwright`), and skip where either is missing.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item
from tests.web.test_answering import TOLD, followed, journal
from tests.web.test_pages import INDICATORS, serving
from watcher.model.alerts import ALERT_LOG, AlertId, Decision, Delivery, IncidentId, Reason, TimelineEntry
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.model.settings import Settings
from watcher.store import SqliteStore

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright's Python package is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}

_DO = "window.hacked=(window.hacked||0)+1"
_SHAPES = (
    "<script>{0}</script>",
    "<img src=x onerror={0}>",
    "<svg onload={0}>",
    '"><script>{0}</script>',
    "'><img src=x onerror='{0}'>",
    '" onmouseover="{0}" x="',
    "</title><script>{0}</script>",
    "<details open ontoggle={0}>",
    "<iframe srcdoc='<script>parent.{0}</script>'></iframe>",
    "{{{{ {0} }}}} ${{{0}}} <% {0} %>",
)
_DRESSES = (
    "ICBM {}", "{} ICBM", "발사 {} ICBM", "\u202e{} ICBM", "ICBM &lt;{}",
)  # fmt: skip
HOSTILE = [dress.format(shape.format(_DO)) for dress in _DRESSES for shape in _SHAPES]
"""Fifty titles that try to run a script."""

PLAIN = [
    "North Korea fires ICBM",
    "북한 ICBM 발사",
    "北朝鮮がICBM発射",
    "朝鲜发射洲际弹道导弹 ICBM",
    "Fifth ICBM",
    "Sixth ICBM",
]
PATHS = [
    "/",
    "/incidents",
    "/incidents?state=new&severity=critical&text=ICBM",
    "/incidents/p1",
    "/alerts",
    "/alerts/ap1",
    "/health",
    "/help",
    "/search?text=ICBM",
    "/feeds",
    "/activity",
    "/calendar",
    "/indicators",
    "/indicators/icbm-launch",
    "/incidents/gone",
]


@dataclass(frozen=True, slots=True)
class Looked:
    """A browser before a server, and the data folder behind it."""

    chromium: Any
    base: str
    settings: Settings


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    """Return a browser before a page about fifty hostile titles and six plain ones."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "feeds.yaml").write_text("feeds: [{id: wire-en, url: 'https://wire.example/f.xml'}]")
    (folder / "indicators.yaml").write_text(INDICATORS)
    with closing(SqliteStore.open(folder / "watcher.db")) as store:
        for number, title in enumerate(HOSTILE):
            record(store, f"h{number}", title, minutes=-number - 10)
        for number, title in enumerate(PLAIN):
            record(store, f"p{number}", title, minutes=-number)
        store.note("last_tick", NOON.isoformat())
    settings = Settings(
        data=str(folder), feeds=str(folder / "feeds.yaml"), indicators=str(folder / "indicators.yaml")
    )
    with serving(settings) as port, playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Looked(chromium, f"http://127.0.0.1:{port}", settings)
        chromium.close()


def record(store: SqliteStore, name: str, title: str, *, minutes: float = 0) -> None:
    """Record an incident that has alerted some minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    item = replace(
        an_item(title, guid=name), summary=title, seen=at, language="ko" if "북한" in title else ""
    )
    entry = TimelineEntry(at=at, item=item.id, owner=title, title=title, new=("first report",))
    incident = replace(
        an_incident(name, items=(item,)),
        title=title,
        told=replace(TOLD, at=at),
        timeline=(entry,),
        opened=at,
        updated=at,
    )
    alert = replace(
        an_alert(title, why=title, at=at, incident=name), id=AlertId(f"a{name}"), severity=Severity.HIGH
    )
    hit = replace(a_hit(item), incident=IncidentId(name))
    decision = Decision(
        incident=incident.id, at=at, reason=Reason.NEW, item=item.id, alert=alert.id, because=title
    )
    cycle = Cycle(items=(item,), hits=(hit,), incidents=(incident,), alerts=(alert,), decisions=(decision,))
    store.record(cycle, [Delivery(alert=alert, channel=ALERT_LOG, next_try=at)])


@pytest.fixture
def page(looked: Looked) -> Iterator[Any]:
    """Return a new page of a new visitor; a request elsewhere, or a script that fails, fails the test."""
    context = looked.chromium.new_context(viewport=WIDE, timezone_id="Asia/Seoul", base_url=looked.base)
    asked: list[str] = []
    errors: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(f"dialog {dialog.message}"))
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(looked.base)] == []
    assert errors == []


def incidents_of(page: Any) -> list[str]:
    """Return the incidents that a list shows."""
    found: list[str] = page.eval_on_selector_all("[data-row]", "rows => rows.map(row => row.dataset.row)")
    return found


def selected(page: Any) -> str:
    """Return the incident that the keys act on."""
    return str(page.evaluate("document.querySelector('.row.current')?.dataset.row || ''"))


def said(page: Any) -> str:
    """Return what the page says that it did."""
    return str(page.locator(".said:not([hidden])").inner_text())


# --- what it looks like -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    looked: Looked, scheme: str, viewport: dict[str, int]
) -> None:
    context = looked.chromium.new_context(viewport=viewport, color_scheme=scheme, base_url=looked.base)
    page, axe, found = context.new_page(), AXE.read_text(encoding="utf-8"), []
    for path in PATHS:
        page.goto(path)
        page.evaluate(axe)
        checked = page.evaluate("axe.run({resultTypes: ['violations']})")
        found += [
            (path, each["id"], [node["target"] for node in each["nodes"]][:3])
            for each in checked["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            found.append((path, "too wide", []))
    context.close()

    assert found == []


def test_times_are_those_of_the_reader_with_utc_beside_them(page: Any) -> None:
    page.goto("/incidents/p0")

    assert "2026-10-10 21:00 (12:00 UTC" in page.inner_text("dl")


def test_the_words_that_decided_are_marked_in_their_own_script(page: Any) -> None:
    page.goto("/incidents/p1")

    assert page.inner_text(".reports mark") == "ICBM"
    assert page.get_attribute(".reports a, .reports span", "lang") == "ko"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_report_is_one_file_that_axe_finds_nothing_in_and_that_asks_nobody(
    looked: Looked, tmp_path: Path, scheme: str, viewport: dict[str, int]
) -> None:
    data, out = looked.settings.data, tmp_path / "report.html"
    lists = ["--indicators", f"{data}/indicators.yaml", "--feeds", f"{data}/feeds.yaml"]
    words = ["report", "--since", "2026-10-01", "--out", str(out), "--data", data, *lists]
    subprocess.run([sys.executable, "-m", "watcher", *words], check=True, capture_output=True)
    context = looked.chromium.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(out.as_uri())
    page.evaluate(AXE.read_text(encoding="utf-8"))
    checked = page.evaluate("axe.run({resultTypes: ['violations']})")
    width = page.evaluate("document.documentElement.scrollWidth")
    hacked = page.evaluate("window.hacked")
    context.close()

    found = [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in checked["violations"]]
    assert found == []
    assert asked == [out.as_uri()]
    assert width <= viewport["width"]
    assert hacked is None


# --- headlines do nothing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("without_policy", [False, True], ids=["with the policy", "without it"])
def test_no_headline_runs_a_script(looked: Looked, *, without_policy: bool) -> None:
    context = looked.chromium.new_context(viewport=WIDE, base_url=looked.base, bypass_csp=without_policy)
    page, ran, elsewhere = context.new_page(), [], []
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    page.on("request", lambda request: elsewhere.append(request.url))
    paths = ["/", "/incidents", "/incidents?alerts=any", "/alerts", "/search?text=ICBM", "/activity"]
    for path in [*paths, *(f"/incidents/h{number}" for number in range(len(HOSTILE))), "/alerts/ah0"]:
        page.goto(path)
        page.hover("h1")
        if page.evaluate("window.hacked"):
            ran.append(path)
    context.close()

    assert len(HOSTILE) == 50
    assert ran == []
    assert [url for url in elsewhere if not url.startswith(looked.base)] == []


# --- keys ---------------------------------------------------------------------------------------------------


def test_the_keys_move_open_and_lead_back(page: Any) -> None:
    page.goto("/incidents")
    first, second, *_ = incidents_of(page)
    page.keyboard.press("j")
    assert selected(page) == first
    page.keyboard.press("j")
    assert selected(page) == second
    page.keyboard.press("k")
    assert selected(page) == first
    page.keyboard.press("o")
    page.wait_for_url(f"**/incidents/{first}")
    page.keyboard.press("u")
    page.wait_for_url("**/incidents")
    assert selected(page) == first
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("j?")
    assert page.input_value("#search") == "j?"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_url("**/help")


@pytest.mark.parametrize(
    ("key", "kind", "value", "words"),
    [
        ("a", "acknowledge", "", "Acknowledged"),
        ("v", "verdict", "useful", "useful"),
        ("n", "verdict", "noise", "noise"),
    ],
)
def test_a_key_answers_the_selected_incident(
    looked: Looked, page: Any, key: str, kind: str, value: str, words: str
) -> None:
    page.goto("/incidents?state=new&text=ICBM")
    page.keyboard.press("j")
    chosen, before = selected(page), len(incidents_of(page))
    page.keyboard.press(key)

    assert words in said(page)
    assert chosen not in incidents_of(page)
    assert len(incidents_of(page)) in (before, before - 1)
    last = journal(looked.settings)[-1]
    assert (last.kind, last.value, last.target) == (kind, value, chosen)


def test_marked_incidents_are_answered_at_once(looked: Looked, page: Any) -> None:
    page.goto("/incidents?state=new")
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    marked = incidents_of(page)[:3]
    page.keyboard.press("n")

    assert "3 incidents" in said(page)
    assert {each.target for each in journal(looked.settings)[-3:]} == set(marked)


def test_m_mutes_with_a_reason_and_the_mute_ends_again(looked: Looked, page: Any) -> None:
    page.goto("/incidents/p4")
    page.keyboard.press("m")
    page.keyboard.type("a drill, announced")
    page.click("button[value=mute]")
    assert "Muted" in said(page)
    assert "a drill, announced" in page.inner_text(".states")
    page.click("button[value=unmute]")
    page.locator(".state.muted").wait_for(state="detached")

    assert [each.kind for each in journal(looked.settings)[-2:]] == ["mute", "unmute"]


def test_what_is_new_comes_without_a_reload_and_the_tab_counts(looked: Looked, page: Any) -> None:
    page.goto("/incidents?state=new")
    page.evaluate("pulse()")
    count = int(page.title().partition(")")[0].strip("("))
    with closing(SqliteStore.open(Path(looked.settings.data) / "watcher.db")) as store:
        record(store, "fresh", "A new ICBM", minutes=30)
    page.evaluate("pulse()")

    assert incidents_of(page)[0] == "fresh"
    assert page.title().startswith(f"({count + 1}) ")


@pytest.mark.parametrize(
    "answer",
    [{"status": 401, "body": "log in, or send a token\n"}, {"status": 503, "body": "no database\n"}, None],
)
def test_a_page_that_gets_no_news_any_more_says_so_until_it_does(
    page: Any, answer: dict[str, Any] | None
) -> None:
    page.goto("/incidents")
    page.wait_for_load_state("networkidle")  # what the page asks by itself is answered
    page.route("**/pulse", lambda route: route.fulfill(**answer) if answer else route.abort())
    page.evaluate("pulse()")
    told = page.locator(".said").inner_text()
    page.unroute("**/pulse")
    page.evaluate("pulse()")

    assert "may be old" in told
    assert (answer["body"].strip() if answer else "cannot be reached") in told
    assert page.locator(".said").is_hidden()


def test_a_view_is_saved_in_the_browser(page: Any) -> None:
    page.goto("/incidents?severity=high")
    page.fill("[name=as]", "grave <b>ones</b>")
    page.click("[data-save] button")

    assert page.inner_text("[data-saved] a") == "grave <b>ones</b>"
    assert page.get_attribute("[data-saved] a", "href") == "/incidents?severity=high"


def test_a_level_is_set_on_the_board(page: Any) -> None:
    page.goto("/")
    page.select_option("[name=level]", "elevated")
    page.fill("form.line [name=why]", "an exercise of our own")
    page.click("form.line button")

    assert "is set to elevated" in said(page)
    assert "an exercise of our own" in page.inner_text(".glance")


def test_an_edit_is_tried_as_it_is_typed_and_nothing_is_written(looked: Looked, page: Any) -> None:
    before = Path(looked.settings.indicators).read_text()
    page.goto("/indicators/icbm-launch")
    shown = page.input_value("#yaml")
    page.fill("#yaml", shown.replace("severity: critical", "severity: huge"))
    mistake = page.locator("#tried .problems").inner_text()
    page.fill("#yaml", shown.replace("[ICBM]", "[Fifth]"))
    trial = page.locator("#tried .trial").inner_text()
    lost = page.inner_text("#tried")

    assert "unknown severity `huge`" in mistake
    assert "1 after: 0 gained" in trial
    assert "Sixth ICBM" in lost or "North Korea fires ICBM" in lost
    assert Path(looked.settings.indicators).read_text() == before


def test_the_search_finds_korean_and_says_why_an_item_hits(page: Any) -> None:
    page.goto("/search?text=발사")
    page.click("main a:text-is('why')")

    assert "icbm-launch" in page.inner_text("main")


def test_a_feed_is_tested_from_the_page_and_axe_finds_nothing_in_what_comes(
    looked: Looked, page: Any
) -> None:
    page.goto("/feeds")
    page.get_by_role("button", name="Test wire-en now").click()
    page.get_by_role("heading", name="Test of wire-en").wait_for(timeout=90_000)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    checked = page.evaluate("axe.run({resultTypes: ['violations']})")

    assert "It does not work" in page.inner_text("main")  # there is no such host
    assert checked["violations"] == []

    page.goto("/feeds")
    page.get_by_role("button", name="Poll wire-en now").click()
    assert "never been polled" in said(page)


# --- without JavaScript -------------------------------------------------------------------------------------


def test_everything_works_without_javascript(looked: Looked) -> None:
    context = looked.chromium.new_context(viewport=WIDE, base_url=looked.base, java_script_enabled=False)
    page = context.new_page()
    page.goto("/incidents")
    page.click("details.filters summary")
    page.fill("#search", "Sixth")
    page.click("details.filters button")
    page.click("a.title")
    page.click("button[value=useful]")
    judged = page.inner_text(".said")
    page.click("details.more summary")
    page.fill("[name=why]", "seen by a colleague")
    page.click("button[value=note]")
    noted = page.inner_text("#journal + ol")
    page.click("details.me summary")
    page.fill("[name=name]", "Kim Lee")
    page.click("details.me button")
    named = page.inner_text(".me summary")
    context.close()

    assert "Judged useful: 1 incident" in judged
    assert "seen by a colleague" in noted
    assert named == "Kim Lee"


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_incidents_are_merged_and_split_again(looked: Looked, *, script: bool) -> None:
    names = ("m1", "m2") if script else ("m3", "m4")
    with closing(SqliteStore.open(Path(looked.settings.data) / "watcher.db")) as store:
        for number, name in enumerate(names):
            record(store, name, f"Merged ICBM {name}", minutes=40 + number)
    context = looked.chromium.new_context(base_url=looked.base, java_script_enabled=script)
    page = context.new_page()
    page.goto(f"/incidents/{names[1]}")
    page.select_option("[name=other]", names[0])
    page.fill("form:has([name=other]) [name=why]", "the same launch")
    page.click("button[value=merge]")
    page.locator(".state", has_text="merge asked by").wait_for()
    followed(looked.settings)
    page.goto(f"/incidents/{names[1]}")
    assert page.url.endswith(names[0])
    assert f"Merged ICBM {names[1]}" in page.inner_text("#one + ul")
    page.check(f"[name=report][value$='{names[1]}']")
    page.fill("#reports ~ form [name=why]", "two after all")
    page.click("section:has(#reports) button[value=split]")
    page.locator(".state", has_text="split asked by").wait_for()
    followed(looked.settings)
    page.goto(f"/incidents/{names[1]}")
    assert page.url.endswith(names[1])
    assert "two after all" in page.inner_text("section:has(#decisions)")
    context.close()

    words = journal(looked.settings)[-2:]
    assert [(each.kind, each.target) for each in words] == [("merge", names[0]), ("split", names[0])]


def test_two_reviewers_at_once_lose_nothing_of_each_other(looked: Looked) -> None:
    before = len(journal(looked.settings))
    contexts = [looked.chromium.new_context(base_url=looked.base) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page, name in zip(pages, ("Kim", "Lee"), strict=True):
        page.goto("/incidents/p2")
        page.click("details.me summary")
        page.fill("[name=name]", name)
        page.click("details.me button")
    for number in range(5):
        for page in pages:
            page.click("details.more summary")
            page.fill("[name=why]", f"note {number}")
            page.click("button[value=note]")
        for page in pages:
            page.locator("#journal + ol", has_text=f"note {number}").wait_for()
            page.reload()
    for context in contexts:
        context.close()

    written = journal(looked.settings)[before:]
    assert sorted((each.by, each.why) for each in written) == sorted(
        (name, f"note {number}") for name in ("Kim", "Lee") for number in range(5)
    )
