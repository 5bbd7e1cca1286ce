"""A handover says what changed, in Markdown that no headline can bend."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOON, a_list, an_alert, an_incident
from watcher.alerting.decide import tell
from watcher.alerting.review import action_of
from watcher.config.feeds import read_feeds
from watcher.export.handover import HandoverRecord, changes_of, handover_text, prints_of
from watcher.model.alerts import Kind, Level, Reason
from watcher.model.board import PROBLEM, LevelChange, Subject
from watcher.model.language import SubjectKind
from watcher.model.listing import ListedIncident, brief_of
from watcher.model.review import ActionKind, Review

LIST = """
indicators:
  - {id: one, title: One, category: rhetoric, severity: low, match: [one]}
  - {id: two, title: Two, category: rhetoric, severity: low, match: [two], claims: {denied: ignore}}
"""
NOTHING = HandoverRecord(
    by="Kim",
    since=NOON - timedelta(days=1),
    because="the last handover",
    now=NOON,
    levels=(),
    incidents=(),
    waiting=(),
    all_waiting=0,
    muted=(),
    actions=(),
    titles={},
    feeds=(),
    problems=(),
    in_force=(),
    coming=(),
    lists=(),
)


def level(subject: Subject, before: Level, after: Level, minutes: float = 0) -> LevelChange:
    since = NOON + timedelta(minutes=minutes)
    return LevelChange(subject=subject, level=after, since=since, before=before, because=("a launch",))


def test_where_nothing_changed_each_part_says_so() -> None:
    text = handover_text(NOTHING)

    assert text.startswith(
        "# Handover to Kim\n\nFrom 2026-10-09 12:00 UTC (the last handover) to 2026-10-10 12:00 UTC."
    )
    assert text.count("- nothing\n") == text.count("\n## ") == 7


def test_a_level_is_told_from_where_to_where_it_went_the_problem_first() -> None:
    rhetoric = Subject(kind=SubjectKind.CATEGORY, name="rhetoric")
    levels = (
        level(rhetoric, Level.QUIET, Level.WATCH),
        level(rhetoric, Level.WATCH, Level.QUIET, 5),
        level(PROBLEM, Level.WATCH, Level.ELEVATED),
        level(PROBLEM, Level.ELEVATED, Level.CRITICAL, 9),
    )

    lines = handover_text(replace(NOTHING, levels=levels)).splitlines()

    assert lines[6:8] == [
        "- **the problem**: watch to **critical** at 2026-10-10 12:09 UTC: a launch",
        "- rhetoric: quiet, as before, after 2 changes",
    ]


def test_an_incident_has_its_claim_and_its_state_and_silent_ones_are_counted() -> None:
    told = brief_of(tell(an_incident("i1"), NOON))
    said = Review(verdict=action_of(ActionKind.VERDICT, "i1", "lee", NOON, value="noise"))
    silent = ListedIncident(incident=brief_of(an_incident("i2")), review=Review(), alerts=0)
    new, judged = (ListedIncident(incident=told, review=each, alerts=1) for each in (Review(), said))

    text = handover_text(replace(NOTHING, incidents=(new, judged, silent), waiting=(new,), all_waiting=3))

    assert "(icbm-launch: occurred, unconfirmed, 0 reports; **new**) `i1`" in text
    assert "0 reports; judged noise by lee) `i1`" in text
    assert "- 1 other incident made no alert\n" in text
    assert "- and 2 more\n" in text
    assert "; muted)" in handover_text(replace(NOTHING, incidents=(new,), muted={"i1"}))


def test_answers_and_feeds_are_told_with_their_time_and_author() -> None:
    action = action_of(ActionKind.MUTE, "i1", "lee", NOON, why="a drill", until=NOON + timedelta(hours=6))
    alert = replace(an_alert("2 feeds fail"), kind=Kind.COLLECTION, reason=Reason.FEED_FAILING)

    text = handover_text(
        replace(NOTHING, actions=(action,), titles={"i1": "ICBM"}, feeds=(alert,), problems=("wire is down",))
    )

    assert "- 2026-10-10 12:00 UTC lee mute until 2026-10-10 18:00 UTC, ICBM: a drill\n" in text
    assert "- 2026-10-10 12:00 UTC feed failing: 2 feeds fail\n- now: wire is down\n" in text


def test_a_headline_stays_a_headline() -> None:
    hostile = "# ICBM\n\n- [click](https://evil.example) <script>x</script> | `a` **b** &lt;i&gt;\u202e"
    told = brief_of(tell(replace(an_incident("i1"), title=hostile), NOON))
    text = handover_text(
        replace(NOTHING, incidents=(ListedIncident(incident=told, review=Review(), alerts=1),))
    )

    assert text.count("\n# ") == 0
    assert (
        "\\[click\\](https://evil.example) \\<script\\>x\\</script\\> \\| \\`a\\` \\*\\*b\\*\\* \\&lt;i\\&gt;"
        in text
    )
    assert "\u202e" not in text


def test_the_id_of_an_item_that_a_feed_chose_stays_an_id() -> None:
    split = action_of(ActionKind.SPLIT, "i1", "Kim", NOON, value="wire/[x](https://evil.example)<b>")

    assert "wire/\\[x\\](https://evil.example)\\<b\\>" in handover_text(replace(NOTHING, actions=(split,)))


def test_what_changed_in_a_list_is_named_and_where_it_stands_is_no_change() -> None:
    before = a_list(LIST).indicators
    moved = a_list("# a comment\n" + LIST).indicators
    changed = a_list(LIST.replace("title: Two", "title: Second").replace("id: one", "id: three")).indicators

    assert list(changes_of("indicators", prints_of(before), prints_of(moved))) == []
    assert list(changes_of("indicators", prints_of(before), prints_of(changed))) == [
        "indicators added: three",
        "indicators removed: one",
        "indicators changed: two",
    ]


def test_a_feed_that_is_added_changes_no_other() -> None:
    one = "feeds: [{id: one, url: 'https://one.example/rss'}"
    before, after = (
        prints_of(read_feeds(f"{one}{more}]".encode(), "feeds.yaml"))
        for more in ("", ", {id: two, url: 'https://two.example/rss'}")
    )

    assert list(changes_of("feeds", before, after)) == ["feeds added: two"]
