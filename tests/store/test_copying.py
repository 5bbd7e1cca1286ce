"""A store moves from SQLite to PostgreSQL and back with all it has, and nothing is told twice afterwards."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item, posted
from tests.loopback import LoopbackServer
from tests.memory import MemoryStore
from tests.postgres import PostgresStores
from tests.store.kinds import Real
from tests.workspace import Workspace, news
from watcher.alerting.review import action_of
from watcher.errors import StoreError
from watcher.model.alerts import ALERT_LOG, ChannelId, Decision, DeliveryState, Level, Reason
from watcher.model.board import LevelChange, Subject
from watcher.model.exported import ExportCursor
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.news import FeedId, Hub
from watcher.model.polling import Cycle, FeedState, Poll, PollStatus
from watcher.model.review import ActionKind
from watcher.model.subscription import Subscription
from watcher.store.copying import copy_store
from watcher.store.tables import TABLES

DESK = ChannelId("desk")
LATER = NOON + timedelta(days=400)


def fill(store: Real) -> None:
    """Store something of every kind."""
    wire, korean = (
        an_item("ICBM launched", guid="g1"),
        an_item("북한 탄도미사일 발사", feed="wire-ko", language="ko"),
    )
    over, gone = an_incident("over", items=(wire,)), an_item("Long gone", minutes=-99)
    cycle = Cycle(
        polls=(Poll(feed=wire.feed, at=NOON, status=PollStatus.OK, items=2, new=2),),
        states=(FeedState(feed=wire.feed, next_due=NOON, seeded=True),),
        items=(wire, korean, gone),
        hits=(replace(a_hit(wire), incident=over.id), a_hit(korean, incident="open")),
        incidents=(replace(over, closed=NOON), an_incident("open", items=(korean,))),
        decisions=(Decision(incident=over.id, at=NOON, reason=Reason.NEW, item=wire.id),),
        levels=(
            LevelChange(
                subject=Subject(kind=SubjectKind.CATEGORY, name="rhetoric"),
                level=Level.WATCH,
                since=NOON,
                before=Level.QUIET,
                because=("it is so",),
            ),
        ),
        alerts=tuple(
            an_alert(alert_id=name, at=NOON + timedelta(minutes=at)) for at, name in enumerate("abc")
        ),
        heard={IndicatorId("kim"): frozenset({date(2026, 1, 2), date(2026, 1, 1)})},
        digests={DESK: NOON},
        notes={"last_tick": "then"},
    )
    store.record(cycle, posted(cycle.alerts, ALERT_LOG, DESK))
    store.record(Cycle(items=(replace(wire, title="ICBM fired", revision=1, text_hash="two"),)), ())
    store.add_action(action_of(ActionKind.VERDICT, "over", "Kim", NOON, value="useful"))
    store.subscribe(
        Subscription(
            feed=wire.feed,
            hub=Hub(url="https://hub.example", topic="t"),
            callback="c",
            secret="s",
            asked=NOON,
        )
    )
    (first, *_) = store.lease(DESK, NOON, NOON + timedelta(minutes=5), 3)
    store.settle(replace(first, state=DeliveryState.DELIVERED, attempts=1), NOON)
    store.prune(NOON - timedelta(minutes=50))


def content(store: Real) -> Mapping[str, list[dict[str, object]]]:
    """Return every row of every table, in an order of their own."""
    with store.engine.snapshot() as connection:
        found = {}
        for table in (*TABLES, "texts"):
            with store.engine.each_row(connection, f"SELECT * FROM {table}") as rows:
                names = sorted(column[0] for column in rows.description if column[0] != "rowid")
                found[table] = sorted(({name: row[name] for name in names} for row in rows), key=str)
        return found


def test_all_that_is_stored_goes_there_and_back(postgres_stores: PostgresStores) -> None:
    with (
        closing(MemoryStore()) as old,
        closing(postgres_stores.fresh()) as moved,
        closing(MemoryStore()) as back,
    ):
        fill(old)

        counts = copy_store(old.engine, moved.engine)
        copy_store(moved.engine, back.engine)

        assert [table for table, number in counts.items() if not number] == ["parts"]
        assert counts == old.counts() == moved.counts()
        assert content(old) == content(moved) == content(back)
        for words in ("ICBM fired", "미사", "launched"):
            assert old.search(words) == moved.search(words) == back.search(words)


@pytest.mark.parametrize("there", [True, False], ids=["to PostgreSQL", "to SQLite"])
def test_nothing_is_told_twice_and_what_waits_is_told_once(
    postgres_stores: PostgresStores, *, there: bool
) -> None:
    kinds: tuple[Callable[[], Real], Callable[[], Real]] = (MemoryStore, postgres_stores.fresh)
    source, target = kinds if there else reversed(kinds)
    with closing(source()) as old, closing(target()) as new:
        fill(old)
        copy_store(old.engine, new.engine)

        again = (an_alert(alert_id="a"), an_alert(alert_id="d", at=LATER))
        new.record(Cycle(alerts=again), posted(again, DESK))

        assert [each.alert.id for each in new.lease(DESK, LATER, LATER, 9)] == ["b", "c", "d"]
        assert new.known(FeedId("wire-en"), [an_item("Long gone").keys])
        known = old.export_part(ExportCursor(alert=0, closing=0), limit=9).end
        assert [alert.id for alert in new.export_part(known, limit=9).alerts] == ["d"]


def test_numbers_that_were_given_are_not_given_again(postgres_stores: PostgresStores) -> None:
    with closing(MemoryStore()) as old, closing(postgres_stores.fresh()) as new:
        fill(old)
        last = old.export_part(ExportCursor(alert=0, closing=0), limit=9).end
        old._engine.connection.execute("DELETE FROM alerts")

        copy_store(old.engine, new.engine)
        new.record(Cycle(alerts=(an_alert(alert_id="e"),)), ())

        assert new.export_part(last, limit=9).end.alert == last.alert + 1


def test_a_target_that_has_something_is_refused_and_left_as_it_is(postgres_stores: PostgresStores) -> None:
    with closing(MemoryStore()) as old, closing(postgres_stores.fresh()) as new:
        fill(old)
        new.note("mine", "kept")

        with pytest.raises(StoreError, match=r"it is not empty \(notes\)"):
            copy_store(old.engine, new.engine)

        assert (new.noted("mine"), new.counts()["items"]) == ("kept", 0)


def test_what_fails_in_the_middle_leaves_nothing(postgres_stores: PostgresStores) -> None:
    with closing(MemoryStore()) as old, closing(postgres_stores.fresh()) as new:
        fill(old)
        old._engine.connection.execute("PRAGMA foreign_keys = OFF")
        old._engine.connection.execute("UPDATE hits SET item = item || ' of nobody'")

        with pytest.raises(StoreError, match="hits_item_fkey"):
            copy_store(old.engine, new.engine)

        assert set(new.counts().values()) == {0}


def test_the_command_moves_a_service_and_a_poll_there_brings_nothing_new(
    workspace: Workspace, server: LoopbackServer, postgres_url: str, tmp_path: Path
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    assert workspace.call("poll", "--data", workspace.data).code == 0
    workspace.settings(store=postgres_url)

    file = f"sqlite:{workspace.data / 'watcher.db'}"
    copied = workspace.call("db", "copy", file, "--data", workspace.data, "--json")
    polled = workspace.call("poll", "--data", workspace.data)

    assert (copied.code, copied.json["items"], polled.code) == (0, 1, 0)
    assert len(workspace.log()) == 1
    again = workspace.call("db", "copy", file, postgres_url)
    assert (again.code, "it is not empty" in again.err) == (3, True)
    back = workspace.call("db", "copy", postgres_url, f"sqlite:{tmp_path / 'back' / 'watcher.db'}")
    assert back.code == 0
    wrong = workspace.call("db", "copy", "mysql://me:s3cret@db", postgres_url)
    assert (wrong.code, "s3cret" in wrong.err) == (2, False)
