"""What is asked at every poll is read once: what this store writes it knows, what others write it notices."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, a_hit, an_incident, an_item
from watcher.errors import ConflictError
from watcher.model.alerts import Incident, Level, Reason
from watcher.model.board import LevelChange, Subject
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.news import FeedId, Hub, PollHints
from watcher.model.polling import Cycle, FeedState, Habits, Notice
from watcher.store import SqliteStore, kept, rows
from watcher.store.values import from_json


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "watcher.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore.open(path)) as opened:
        yield opened


def since(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_incidents_that_it_wrote_are_not_read_again(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[str]()
    decode = from_json

    def noting(kind: type[Incident], text: str) -> Incident:
        read.append(text)
        return decode(kind, text)

    monkeypatch.setattr(kept, "from_json", noting)
    store.open_incidents(NOON)
    store.signs(NOON)
    for number in range(50):
        store.record(Cycle(incidents=(an_incident(f"i{number}", minutes=number),)), ())
        for known in store.open_incidents(since(number)):
            store.record(Cycle(incidents=(replace(known, items=known.items + 1),)), ())
        store.signs(NOON)

    assert read == []
    with closing(SqliteStore.open_readonly(path)) as fresh:
        assert store.open_incidents(since(9)) == fresh.open_incidents(since(9))
        assert store.signs(NOON) == fresh.signs(NOON)
        versions = [each.version for each in store.open_incidents(NOON)]
        assert versions == [each.version for each in fresh.open_incidents(NOON)]


FIELDS: dict[str, Any] = {
    "next_due": since(60),
    "etag": '"2"',
    "modified": "Mon, 30 Nov 2026 00:00:00 GMT",
    "body_hash": "00ff",
    "failures": 4,
    "seeded": True,
    "last_poll": since(3),
    "last_ok": since(2),
    "last_new": since(1),
    "error": "timeout: 30 s",
    "damage": "not well-formed",
    "moved_to": "https://wire.example/new",
    "last_failing": since(4),
    "told_failing": True,
    "told_at": since(5),
    "last_missed": since(6),
    "hints": PollHints(ttl=60, skip_hours=(1, 2)),
    "habits": Habits(gaps=(1, 2), notices=(Notice(reason=Reason.FEED_SILENT, what="nothing", since=NOON),)),
    "hub": Hub(url="https://hub.example/", topic="https://wire.example/rss"),
    "answered": since(7),
}


def test_whatever_changes_of_a_state_is_written_and_nothing_else_is_lost(
    store: SqliteStore, path: Path
) -> None:
    state = FeedState(feed=FeedId("wire"), next_due=NOON)
    store.record(Cycle(states=(state, replace(state, feed=FeedId("other")))), ())
    for name, value in FIELDS.items():
        state = replace(store.states()[state.feed], **{name: value})
        store.record(Cycle(states=(state,)), ())

        assert getattr(store.states()[state.feed], name) == getattr(state, name)

    with closing(SqliteStore.open_readonly(path)) as fresh:
        assert fresh.states() == store.states()
        assert [each.version for each in fresh.states().values()] == [1, len(FIELDS) + 1]
        stored = fresh.states()[state.feed]
    assert {
        name
        for name in FIELDS
        if getattr(stored, name) == getattr(FeedState(feed=state.feed, next_due=NOON), name)
    } == set()


def test_of_many_states_none_is_written_when_one_has_changed_meanwhile(
    store: SqliteStore, path: Path
) -> None:
    store.record(Cycle(states=tuple(FeedState(feed=FeedId(name), next_due=NOON) for name in "abc")), ())
    states = tuple(replace(each, failures=1) for each in store.states().values())
    with closing(SqliteStore.open(path)) as another:
        another.record(Cycle(states=(replace(another.states()[FeedId("c")], failures=2),)), ())

    with pytest.raises(ConflictError, match="feed c"):
        store.record(Cycle(states=states), ())

    assert [each.failures for each in store.states().values()] == [0, 0, 2]


def test_only_the_states_that_have_changed_are_told_of(store: SqliteStore, path: Path) -> None:
    a, b, c = (FeedState(feed=FeedId(name), next_due=NOON) for name in "abc")
    store.record(Cycle(states=(a, b, c)), ())
    first, _ = store.changed_states(0)

    assert store.changed_states(first) == (first, {})

    store.record(Cycle(states=(replace(store.states()[b.feed], failures=1),)), ())
    second, by_us = store.changed_states(first)
    with closing(SqliteStore.open(path)) as other:
        other.poll_soon(c.feed, NOON)
    third, by_others = store.changed_states(second)

    assert (set(by_us), set(by_others)) == ({b.feed}, {c.feed})
    assert set(store.changed_states(first)[1]) == {b.feed, c.feed}
    assert store.changed_states(third) == (third, {})


def test_a_state_is_known_as_it_is_stored_and_no_other_is_read_again_for_it(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = ("lone \ud800 half", "pair \ud83d\ude80", "nul \0", "북한 🚀")
    store.record(Cycle(states=tuple(FeedState(feed=FeedId(name), next_due=NOON) for name in "abcde")), ())
    known = list(store.states().values())
    monkeypatch.setattr(rows.FEED, "value", None)  # who reads a row stumbles

    for state, text in zip(known, odd, strict=False):
        habits = Habits(known=(f"title: {text}",))
        store.record(Cycle(states=(replace(state, error=text, habits=habits),)), ())
    kept = store.states()

    monkeypatch.undo()
    with closing(SqliteStore.open_readonly(path)) as fresh:
        assert kept == fresh.states()
    assert kept[FeedId("b")].error == "pair 🚀"


def test_what_others_change_is_noticed(store: SqliteStore, path: Path) -> None:
    store.record(Cycle(incidents=(an_incident("a"), an_incident("b"))), ())
    with closing(SqliteStore.open(path)) as other:
        _, b = other.open_incidents(NOON)
        assert store.open_incidents(NOON)[1].items == b.items
        other.record(Cycle(incidents=(replace(b, items=77), an_incident("c"))), ())

        assert [each.items for each in store.open_incidents(NOON)][1] == 77
        assert [each.id for each in store.open_incidents(NOON)] == ["a", "b", "c"]
        assert len(store.signs(NOON)) == 3


def test_what_a_failed_cycle_would_have_written_is_not_known(store: SqliteStore) -> None:
    store.open_incidents(NOON)
    with pytest.raises(ValueError, match="without a zone"):
        store.record(
            Cycle(incidents=(an_incident("a"), replace(an_incident("b"), updated=datetime(2026, 1, 1)))),  # noqa: DTZ001 - a bug's
            (),
        )

    assert store.open_incidents(NOON) == []


def test_characters_that_no_database_holds_are_known_as_they_are_stored(
    store: SqliteStore, path: Path
) -> None:
    store.open_incidents(NOON)
    for name, title in (("a", "lone \ud800 half"), ("b", "pair \ud83d\ude80"), ("c", "북한 발사")):
        store.record(Cycle(incidents=(replace(an_incident(name), title=title),)), ())

    with closing(SqliteStore.open_readonly(path)) as fresh:
        assert store.open_incidents(NOON) == fresh.open_incidents(NOON)


def test_what_was_pruned_is_gone(store: SqliteStore) -> None:
    item = an_item("Missile launch")
    over = replace(an_incident("over", items=(item,)), closed=NOON)
    hit = replace(a_hit(item), incident=over.id)
    store.record(Cycle(items=(item,), hits=(hit,), incidents=(over,)), ())
    assert len(store.open_incidents(NOON)) == 1

    assert store.prune(NOON + timedelta(days=400)).incidents == 1

    assert store.open_incidents(NOON) == []


def test_the_board_goes_by_the_name_that_another_process_gave(store: SqliteStore, path: Path) -> None:
    old, new = IndicatorId("launch"), IndicatorId("missile-launch")
    subject = Subject(kind=SubjectKind.INDICATOR, name=old)
    store.record(Cycle(levels=(LevelChange(subject=subject, level=Level.WATCH, since=NOON),)), ())

    with closing(SqliteStore.open_readonly(path)) as page:
        assert [each.subject.name for each in page.board()] == [old]
        store.rename(old, new)
        assert [each.subject.name for each in page.board()] == [new]
