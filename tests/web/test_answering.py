"""What reviewers do on the page is in the journal with their name, and nobody else can do it for them."""

import http.client
import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item
from tests.web.test_pages import INDICATORS, get, serving
from watcher import bootstrap
from watcher.model.alerts import (
    ALERT_LOG,
    AlertId,
    Confidence,
    Decision,
    Delivery,
    IncidentId,
    LastAlert,
    Reason,
)
from watcher.model.board import PROBLEM
from watcher.model.language import Claim, Severity
from watcher.model.listing import IncidentQuery, IncidentState
from watcher.model.news import ItemId
from watcher.model.polling import Cycle
from watcher.model.review import Action, Verdict
from watcher.model.settings import Settings, WebSettings
from watcher.pipeline import Sink, end_round
from watcher.pipeline.by_hand import join_by_hand
from watcher.pipeline.reviewing import Reviewer
from watcher.store import SqliteStore

TOLD = LastAlert(
    at=NOON, severity=Severity.HIGH, claim=Claim.OCCURRED, step=1, confidence=Confidence.UNCONFIRMED
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a data folder with three incidents that have alerted."""
    (tmp_path / "feeds.yaml").write_text("feeds: [{id: wire-en, url: 'https://wire.example/f.xml'}]")
    (tmp_path / "indicators.yaml").write_text(INDICATORS)
    with closing(SqliteStore.open(tmp_path / "watcher.db")) as store:
        for number in (1, 2, 3):
            item = an_item(f"ICBM launched, wire {number}", guid=f"g{number}")
            name = IncidentId(f"i{number}")
            incident = replace(an_incident(items=(item,)), id=name, title=f"ICBM {number}", told=TOLD)
            alert = replace(an_alert(f"ICBM {number}"), id=AlertId(f"a{number}"), incident=f"i{number}")
            hit = replace(a_hit(item), incident=name)
            decision = Decision(incident=name, at=NOON, reason=Reason.NEW, item=item.id, alert=alert.id)
            cycle = Cycle(
                items=(item,), hits=(hit,), incidents=(incident,), alerts=(alert,), decisions=(decision,)
            )
            store.record(cycle, [Delivery(alert=alert, channel=ALERT_LOG, next_try=NOON)])
        store.note("last_tick", NOON.isoformat())
    return Settings(
        data=str(tmp_path),
        feeds=str(tmp_path / "feeds.yaml"),
        indicators=str(tmp_path / "indicators.yaml"),
    )


def token_of(port: int) -> str:
    """Return the token that the forms of a page hold."""
    found = re.search(r'name="token" value="([0-9a-f]{64})"', get(port, "/help")[1])
    assert found
    return found[1]


def post(port: int, path: str, *pairs: tuple[str, str], **headers: str) -> tuple[int, str, str]:
    """Send a form as a page of ours does; return status, where it leads and what it says."""
    sent = {"Cookie": f"watcher-session={'0' * 32}", "Content-Type": "application/x-www-form-urlencoded"}
    sent |= {"Origin": f"http://127.0.0.1:{port}"} | headers
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(
            "POST", path, urlencode(pairs), {name: value for name, value in sent.items() if value}
        )
        answer = connection.getresponse()
        body = answer.read().decode()
        said = re.search(r"watcher-said=([^;]*)", str(answer.headers))
        return answer.status, answer.headers.get("Location", ""), said[1] if said else body


def journal(settings: Settings) -> list[Action]:
    """Return what reviewers did."""
    with closing(SqliteStore.open_readonly(Path(settings.data) / "watcher.db")) as store:
        return list(store.actions())


@pytest.mark.parametrize(
    ("doing", "kind", "value"),
    [
        ("acknowledge", "acknowledge", ""),
        ("useful", "verdict", "useful"),
        ("noise", "verdict", "noise"),
        ("mute", "mute", ""),
        ("note", "note", ""),
    ],
)
def test_an_answer_is_in_the_journal_with_its_author(
    settings: Settings, doing: str, kind: str, value: str
) -> None:
    with serving(settings) as port:
        answer = post(
            port, "/act", ("token", token_of(port)), ("do", doing), ("id", "i1"), ("why", "북한 a drill"),
            ("back", "/incidents?state=new"), Cookie=f"watcher-session={'0' * 32}; watcher-name=Kim Lee",
        )  # fmt: skip

    assert answer[:2] == (303, "/incidents?state=new")
    assert [(each.kind, each.value, each.target, each.by, each.why) for each in journal(settings)] == [
        (kind, value, "i1", "Kim Lee", "북한 a drill")
    ]


def test_one_form_answers_many_incidents_at_once(settings: Settings) -> None:
    with serving(settings) as port:
        before = get(port, "/incidents?state=new")[1]
        post(port, "/act", ("token", token_of(port)), ("do", "noise"), ("id", "i1"), ("id", "i3"))
        after = get(port, "/incidents?state=new")[1]

    assert [f'href="/incidents/i{number}"' in before for number in (1, 2, 3)] == [True] * 3
    assert [f'href="/incidents/i{number}"' in after for number in (1, 2, 3)] == [False, True, False]
    assert {(each.target, each.value) for each in journal(settings)} == {("i1", "noise"), ("i3", "noise")}


def test_one_that_cannot_be_answered_keeps_no_other_from_it(settings: Settings) -> None:
    with serving(settings) as port:
        _, _, said = post(
            port, "/act", ("token", token_of(port)), ("do", "noise"), ("id", "gone"), ("id", "i3")
        )

    assert "1%20incident" in said
    assert "Not%20done%20for%201%20of%202" in said
    assert [each.target for each in journal(settings)] == ["i3"]


def followed(settings: Settings) -> None:
    """Let the service follow what reviewers asked."""
    rules = bootstrap.load_rules(settings)
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        sink = Sink(store=store, channels=(), clock=lambda: NOON + timedelta(minutes=5))
        for _ in end_round([partial(join_by_hand, rules)], sink):
            pass


def test_incidents_are_merged_and_split_on_the_page_with_their_author(settings: Settings) -> None:
    with serving(settings) as port:
        token = ("token", token_of(port))
        asked = post(port, "/act", token, ("do", "merge"), ("id", "i2"), ("other", "i1"), ("why", "the same"))
        waiting = get(port, "/incidents/i1")[1]
        followed(settings)
        one, old = get(port, "/incidents/i1")[1], get(port, "/incidents/i2")
        listed = get(port, "/incidents")[1]
        post(port, "/act", token, ("do", "split"), ("id", "i1"), ("report", "i2"))
        followed(settings)
        again = get(port, "/incidents")[1]

    assert "Written%20down" in asked[2]
    assert "merge asked by" in waiting
    assert "merge asked by" not in one
    assert "A reviewer merged it with <strong>ICBM 2</strong>" in one
    assert {f"ICBM launched, wire {number}" in one for number in (1, 2)} == {True}
    assert old[0] == 302
    assert [f'href="/incidents/i{number}"' in listed for number in (1, 2, 3)] == [True, False, True]
    assert [f'href="/incidents/i{number}"' in again for number in (1, 2, 3)] == [True] * 3
    assert [(each.kind, each.target, each.value, each.why) for each in journal(settings)] == [
        ("merge", "i1", "i2", "the same"),
        ("split", "i1", "i2", ""),
    ]


def test_marked_reports_are_split_off_and_what_makes_no_sense_is_said(settings: Settings) -> None:
    with serving(settings) as port:
        token = ("token", token_of(port))
        wrong = post(port, "/act", token, ("do", "merge"), ("id", "i1"), ("other", "i1"))
        none = post(port, "/act", token, ("do", "split"), ("id", "i1"))

    assert "is%20one%20incident%20already" in wrong[2]
    assert "name%20some%20of%20the%201%20report" in none[2]
    assert journal(settings) == []


def test_a_level_is_set_and_cleared_by_hand(settings: Settings) -> None:
    with serving(settings) as port:
        token = token_of(port)
        post(
            port, "/level", ("token", token), ("subject", "problem"), ("level", "elevated"), ("why", "drill")
        )
        page = get(port, "/")[1]
        post(port, "/level", ("token", token), ("subject", "problem"), ("level", "clear"))

    assert "set by" in page
    assert [(each.target, each.value) for each in journal(settings)] == [
        (str(PROBLEM), "elevated"),
        (str(PROBLEM), ""),
    ]


@pytest.mark.parametrize(
    ("pairs", "headers"),
    [
        ({"token": "0" * 64}, {}),
        ({"token": ""}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Origin": "", "Sec-Fetch-Site": "cross-site"}),
        ({}, {"Cookie": f"watcher-session={'1' * 32}"}),
        ({}, {"Cookie": ""}),
    ],
)
@pytest.mark.parametrize("path", ["/act", "/level", "/name"])
def test_a_form_that_no_page_of_ours_sent_changes_nothing(
    settings: Settings, path: str, pairs: dict[str, str], headers: dict[str, str]
) -> None:
    good = {"do": "noise", "id": "i1", "subject": "problem", "level": "quiet", "why": "x", "name": "x"}
    with serving(settings) as port:
        sent = {**good, "token": token_of(port)} | pairs
        answer = post(port, path, *sent.items(), **headers)

    assert answer[0] == 403
    assert journal(settings) == []


def test_a_proxy_that_asks_by_another_name_sends_forms_of_the_public_address(settings: Settings) -> None:
    public = replace(settings, web=WebSettings(public="https://desk.example:8443/watch"))
    form = ("do", "noise"), ("id", "i1")
    with serving(public) as port:
        sent = ("token", token_of(port)), *form
        ours = post(port, "/act", *sent, Origin="https://desk.example:8443")[0]
        others = [
            post(port, "/act", *sent, Origin=each)[0]
            for each in (
                "http://desk.example:8443",
                "https://desk.example",
                "https://desk.example:8443.evil.example",
            )
        ]

    assert (ours, others) == (303, [403] * 3)


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""]
)
def test_a_form_leads_back_to_a_page_of_ours_only(settings: Settings, where: str) -> None:
    with serving(settings) as port:
        answer = post(port, "/act", ("token", token_of(port)), ("do", "noise"), ("id", "i1"), ("back", where))

    assert answer[:2] == (303, "/")


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ({"do": "mute", "id": "i1"}, "say why"),
        ({"do": "mute", "id": "i1", "why": "x", "span": "soon"}, "Not done"),
        ({"do": "noise", "id": "gone"}, "no alert or incident"),
        ({"do": "dance", "id": "i1"}, "nothing is called"),
        ({"do": "noise"}, "Nothing was chosen"),
        ({"do": "note", "id": "i1"}, "a note needs words"),
    ],
)
def test_what_makes_no_sense_is_said_and_not_done(
    settings: Settings, pairs: dict[str, str], words: str
) -> None:
    with serving(settings) as port:
        status, _, said = post(port, "/act", ("token", token_of(port)), *pairs.items())

    assert status == 303
    assert words.replace(" ", "%20") in said
    assert journal(settings) == []


def test_page_and_service_write_at_the_same_time_and_lose_nothing(settings: Settings) -> None:
    with (
        closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as service,
        serving(settings) as port,
    ):
        token = token_of(port)
        for number in range(10):
            service.note("last_tick", f"round {number}")
            post(port, "/act", ("token", token), ("do", "note"), ("id", "i1"), ("why", f"page {number}"))
            Reviewer(service, "desk", NOON).note("i1", f"terminal {number}")

        assert service.noted("last_tick") == "round 9"

    words = [each.why for each in journal(settings)]
    assert sorted(words) == sorted(f"{who} {number}" for who in ("page", "terminal") for number in range(10))


# --- the list -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?state=new", 3),
        ("?state=closed", 0),
        ("?severity=critical", 3),
        ("?indicator=icbm-launch", 3),
        ("?category=rhetoric", 0),
        ("?claim=denied", 0),
        ("?owner=wire", 3),
        ("?owner=nobody", 0),
        ("?feed=wire-en", 3),
        ("?feed=other", 0),
        ("?text=icbm", 3),
        ("?text=wire+2", 1),
        ("?since=2026-10-11", 0),
        ("?alerts=no", 0),
        ("?alerts=any", 3),
        ("?severity=huge&state=odd&claim=x&since=soon&text=%21", 3),
    ],
)
def test_the_address_says_which_incidents_are_listed(settings: Settings, query: str, count: int) -> None:
    with serving(settings) as port:
        status, page, _ = get(port, f"/incidents{query}")

    assert status == 200
    assert page.count("data-row=") == count


def test_what_makes_no_sense_in_an_address_is_said(settings: Settings) -> None:
    with serving(settings) as port:
        _, page, _ = get(port, "/incidents?severity=huge&text=%21")

    assert "Ignored, because it makes no sense: severity=huge, text=!" in page


def test_each_state_is_counted_as_it_is_listed(settings: Settings) -> None:
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        Reviewer(store, "kim", NOON).acknowledge("i1")
        Reviewer(store, "kim", NOON).mute("i2", NOON + timedelta(hours=1), "a drill", ())
        asked = IncidentQuery(muted=frozenset({"i2"}))
        counts = store.count_by_state(asked)
        listed = {state: len(store.incidents(replace(asked, state=state))) for state in IncidentState}

    assert counts == {"all": 3, "new": 1, "acknowledged": 1, "muted": 1, "closed": 0}
    assert listed == {state: counts[state] for state in IncidentState}


def test_a_tab_says_how_many_nobody_has_answered(settings: Settings) -> None:
    with serving(settings) as port:
        page, pulse = get(port, "/incidents")[1], get(port, "/pulse")[1]

    assert "<title>(3) Incidents" in page
    assert '"unanswered":3' in pulse


# --- what nobody types, and programs send -------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/incidents?after=0001-01-01T00:00:00%2B23:59~x",
        "/incidents?after=9999-12-31T23:59:59-23:59~x",
        "/incidents.json?after=0001-01-01T00:00:00%2B23:59~x",
        "/incidents?since=0001-01-01T00:00:00%2B23:59",
        "/activity?after=0001-01-01T00:00:00%2B23:59~i~x~closed",
        "/activity?after=9999-12-31T23:59:59-23:59~i~x~closed",
    ],
)
def test_a_moment_at_the_edge_of_time_is_no_error(settings: Settings, path: str) -> None:
    with serving(settings) as port:
        assert get(port, path)[0] == 200


@pytest.mark.parametrize(
    "visited", ["~0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+23:59~2026-10-10T11:59:00Z"]
)
def test_a_visit_at_the_edge_of_time_is_no_error(settings: Settings, visited: str) -> None:
    with serving(settings) as port:
        assert get(port, "/", Cookie=f"watcher-visited={visited}")[0] == 200


def test_a_form_that_is_too_large_is_refused_as_that(settings: Settings) -> None:
    with serving(settings) as port:
        many = post(port, "/act", ("token", token_of(port)), *(("id", str(number)) for number in range(1001)))
        long = post(port, "/act", ("token", token_of(port)), ("why", "x" * (256 << 10)))

    assert (many[0], long[0]) == (413, 413)
    assert "too large" in many[2]
    assert journal(settings) == []


def test_who_answers_more_than_one_form_may_is_told(settings: Settings) -> None:
    ids = [("id", f"gone{number}") for number in range(200)]
    with serving(settings) as port:
        status, _, said = post(port, "/act", ("token", token_of(port)), ("do", "noise"), *ids, ("id", "i1"))

    assert status == 303
    assert "at%20most%20200" in said
    assert journal(settings) == []


def test_only_an_indicator_is_downloaded(settings: Settings) -> None:
    with serving(settings) as port:
        token = token_of(port)
        known = post(port, "/indicators/icbm-launch/download", ("token", token), ("text", "indicators: []"))
        other = post(port, "/indicators/%ED%95%9C%EA%B5%AD/download", ("token", token), ("text", "x"))

    assert known == (200, "", "indicators: []")
    assert other[0] == 404


def test_to_mute_an_incident_of_a_muted_category_mutes_the_incident_alone(settings: Settings) -> None:
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        Reviewer(store, "kim", NOON).mute("provocation", NOON + timedelta(hours=1), "a drill", ())
    with serving(settings) as port:
        target = re.findall(r'name="target" value="([^"]+)"', get(port, "/incidents/i1")[1])
        sent = ("token", token_of(port)), ("id", "i1"), *(("target", each) for each in target), ("why", "x")
        post(port, "/act", *sent, ("do", "mute"), ("span", "30d"))
        muted = journal(settings)[-1]
        post(port, "/act", *sent, ("do", "unmute"))

    assert (muted.kind, muted.target) == ("mute", "i1")
    assert (journal(settings)[-1].kind, journal(settings)[-1].target) == ("unmute", "provocation")


def test_the_page_of_an_incident_says_new_where_the_list_does(settings: Settings) -> None:
    """Somebody acknowledged it, and then another alert came."""
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        Reviewer(store, "kim", NOON - timedelta(hours=1)).acknowledge("i1")
        Reviewer(store, "kim", NOON).acknowledge("i2")
    with serving(settings) as port:
        listed = get(port, "/incidents?state=new")[1]
        states = [
            re.search(r'<p class="states">(.*?)</p>', get(port, f"/incidents/{name}")[1], re.DOTALL)
            for name in ("i1", "i2")
        ]

    assert 'href="/incidents/i1"' in listed
    assert [bool(each and "state new" in each[1]) for each in states] == [True, False]


# --- more than a page holds ---------------------------------------------------------------------------------


def many_silent(settings: Settings, count: int) -> None:
    """Record incidents that made no alert, all decided at the same moment."""
    incidents = [replace(an_incident(), id=IncidentId(f"m{number:03}")) for number in range(count)]
    decisions = [
        Decision(incident=each.id, at=NOON, reason=Reason.SEEDING, item=ItemId(f"{each.id}-item"), alert=None)
        for each in incidents
    ]
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        store.record(Cycle(incidents=tuple(incidents), decisions=tuple(decisions)), [])


def test_the_board_counts_all_new_incidents_of_an_indicator(settings: Settings) -> None:
    incidents = [replace(an_incident(), id=IncidentId(f"m{number:03}"), told=TOLD) for number in range(60)]
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        store.record(Cycle(incidents=tuple(incidents)), [])
    with serving(settings) as port:
        page = get(port, "/")[1]

    assert "63 incidents nobody has answered" in page
    assert ">63 new</a>" in page


def test_the_silent_decisions_of_one_moment_are_all_listed(settings: Settings) -> None:
    many_silent(settings, 250)
    shown, path = [], "/activity?reason=seeding"
    with serving(settings) as port:
        while path:
            page = get(port, path)[1]
            shown += re.findall(r'href="/incidents/(m\d+)"', page)
            older = re.search(r'href="(/activity[^"]+)" rel="next"', page)
            path = unescape(older[1]) if older else ""

    assert sorted(shown) == [f"m{number:03}" for number in range(250)]


def test_the_journal_leads_to_an_item_that_was_missed(settings: Settings) -> None:
    item = an_item("Nothing that an indicator hits", guid="missed")
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        store.record(Cycle(items=(item,)), [])
        Reviewer(store, "kim", NOON).judge(item.id, Verdict.MISSED)
        Reviewer(store, "kim", NOON).acknowledge("i1")
    with serving(settings) as port:
        page = get(port, "/activity")[1]

    assert f'<a href="/why/{item.id}">Nothing that' in page
    assert '<a href="/incidents/i1">' in page


def test_an_incident_with_thousands_of_reports_shows_the_latest_and_says_so(settings: Settings) -> None:
    items = [an_item(f"ICBM launched, {number}", guid=f"many{number}") for number in range(450)]
    hits = [replace(a_hit(each), incident=IncidentId("i1")) for each in items]
    decisions = [
        Decision(incident=IncidentId("i1"), at=NOON, reason=Reason.NOTHING_NEW, item=each.id, alert=None)
        for each in items
    ]
    with closing(SqliteStore.open(Path(settings.data) / "watcher.db")) as store:
        store.record(Cycle(items=tuple(items), hits=tuple(hits), decisions=tuple(decisions)), [])
    with serving(settings) as port:
        page = get(port, "/incidents/i1")[1]

    reports = page.partition('id="reports"')[2].partition("</section>")[0]
    judged = page.partition('id="decisions"')[2].partition("</section>")[0]
    assert (reports.count("<li"), judged.count("<li")) == (50, 50)
    assert "The latest 50 of 451" in reports
    assert "The latest 50 of 451" in judged
    assert "451 reports from" in page
