"""The operator's pages name every alert and problem, and the security page proves its statements."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, a_feed, an_alert, posted
from tests.deploy.units import ROOT
from tests.fakes import FakeStore
from tests.test_docs import paths_named_in
from watcher.errors import Mistake
from watcher.model.alerts import ChannelId, DeliveryState, Reason
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState
from watcher.service.health import health_of

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### (.+)$", RUNBOOK, flags=re.MULTILINE)

ABOUT_THE_NEWS = {
    *(
        "new",
        "escalated",
        "claim_rose",
        "corroborated",
        "denied",
        "reminder",
        "unacknowledged",
        "digest",
        "level_rose",
        "level_fell",
    ),
    *("nothing_new", "closed", "merged", "split", "muted", "inhibited", "test"),
}
"""Reasons that say nothing of the watcher itself."""

SERVES = re.compile(r"http\.server|socketserver|\.listen\(|create_server|start_server")


def problems() -> list[str]:
    """Return every problem that `status` can name, as it names it."""
    states = [
        FeedState(feed=FeedId("never"), next_due=NOON, error="http: 404", failures=1),
        FeedState(feed=FeedId("often"), next_due=NOON, error="timeout", failures=4, last_ok=NOON),
    ]
    store = FakeStore()
    store.record(Cycle(states=tuple(states), alerts=(an_alert(),)), posted([an_alert()], "desk", "gone"))
    for channel, state in (("desk", DeliveryState.PENDING), ("gone", DeliveryState.DEAD)):
        fail(store, ChannelId(channel), state)
    store.note("service", "started")
    store.note("last_tick", NOON.isoformat())
    mistake = Mistake(file="feeds.yaml", line=1, column=1, what="the file is empty")
    feeds = [a_feed("never"), a_feed("often")]
    found = health_of(store, feeds, NOON + timedelta(days=1), None, [mistake]).problems
    return [*found, *health_of(FakeStore(), feeds, NOON, None).problems]


def fail(store: FakeStore, channel: ChannelId, state: DeliveryState) -> None:
    """Let the only delivery of a channel have failed three times."""
    (delivery,) = store.lease(channel, NOON, NOON + timedelta(hours=1), 1)
    store.settle(replace(delivery, state=state, attempts=3, error="HTTP 503"), NOON)


def answers(heading: str, problem: str) -> bool:
    """Say whether a heading is about a problem: its parts stand in it, with something between."""
    return re.search(".+".join(re.escape(part.strip()) for part in heading.split("…")), problem) is not None


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in ABOUT_THE_NEWS])
def test_the_runbook_has_a_section_for_every_alert_about_the_watcher_itself(reason: Reason) -> None:
    assert f"`{reason}`" in HEADINGS


def test_the_runbook_has_a_section_for_every_problem_that_status_names() -> None:
    found = problems()

    assert len(found) >= 8
    assert [problem for problem in found if not any(answers(heading, problem) for heading in HEADINGS)] == []


def test_the_runbook_says_of_every_event_of_trouble_in_the_log_what_it_means() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "watcher").rglob("*.py"))
    troubles = re.findall(r"_?log\.(?:warning|error|exception)\(\s*\"(\w+)\"", source)

    assert troubles
    assert sorted({event for event in troubles if f"`{event}`" not in RUNBOOK}) == []


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", SECURITY))))
def test_what_the_security_page_calls_a_proof_is_a_test(named: str) -> None:
    path, _, name = named.partition("::")

    assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_the_security_page_names_whoever_listens() -> None:
    modules = (ROOT / "watcher").rglob("*.py")
    listening = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in modules
        if SERVES.search(path.read_text(encoding="utf-8"))
    ]

    assert [module for module in listening if f"`{module}`" not in SECURITY] == []


@pytest.mark.parametrize(
    "page", [ROOT / "SECURITY.md", ROOT / "docs" / "operating.md"], ids=lambda page: page.stem
)
def test_every_file_of_ours_that_a_page_names_exists(page: Path) -> None:
    made_on_the_server = {"watcher.toml", "alerts/", "alerts/YYYY-MM-DD.jsonl"}
    named = [path for path in paths_named_in(page) if path not in made_on_the_server]

    assert [path for path in named if not (ROOT / path.partition("::")[0]).exists()] == []
