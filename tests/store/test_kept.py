"""What is asked at every poll is read once: what this store writes it knows, what others write it notices."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, a_hit, an_incident, an_item
from watcher.model.alerts import Incident
from watcher.model.polling import Cycle
from watcher.store import SqliteStore, kept
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
