"""Nodes that share one PostgreSQL: each feed polled by one, each alert made once, lists agreed."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, an_item
from tests.flow.test_renaming import NEW
from tests.nodes.fleet import QUICK, Machine, SlowNews, feeds
from tests.workspace import wait_until
from watcher.clock import utc_now
from watcher.errors import StoreError
from watcher.model.alerts import Kind
from watcher.model.nodes import ListVersion, NodeName
from watcher.model.polling import Cycle, FeedState
from watcher.store.postgres.engine import PostgresEngine
from watcher.store.postgres.schema import SCHEMA_STEPS, SchemaStep, bring_up_to_date

Fleet = Callable[..., Machine]


@pytest.fixture
def news() -> SlowNews:
    return SlowNews()


@pytest.fixture
def fleet(postgres_url: str, news: SlowNews) -> Iterator[Fleet]:
    machines: list[Machine] = []

    def join(name: str, number: int = 30, **more: object) -> Machine:
        for feed in feeds(number):
            news.pages.setdefault(feed.id, ())
        machines.append(Machine(postgres_url, name, news, feeds(number), **more))  # type: ignore[arg-type]
        return machines[-1]

    yield join
    for machine in machines:
        machine.stop()


def tick_until(condition: Callable[[], object], what: str, *machines: Machine) -> None:
    def done() -> object:
        for machine in machines:
            machine.ticks()
        return condition()

    wait_until(done, what)


def test_nodes_poll_each_feed_once_and_share_the_work(fleet: Fleet, news: SlowNews) -> None:
    machines = [fleet(name) for name in ("seoul", "busan", "daegu")]
    news.open.clear()

    tick_until(lambda: all(each.node.under_way == 2 for each in machines), "all workers work", *machines)
    news.open.set()
    tick_until(lambda: sum(len(each.polls) for each in machines) >= 30, "all is polled", *machines)

    polled = Counter(feed for each in machines for feed in each.polls)
    assert set(polled.values()) == {1}
    assert len(polled) == 30
    assert [len(each.polls) for each in machines] == [10, 10, 10]
    first_due = machines[0].store.first_due()
    assert first_due
    assert first_due > utc_now()


def test_one_node_is_in_charge_and_another_when_it_is_gone(fleet: Fleet, news: SlowNews) -> None:
    one, two = fleet("seoul"), fleet("busan")
    news.publishes("feed-3", an_item("North Korea fires missile"))

    tick_until(lambda: one.channel.taken or two.channel.taken, "the alert is delivered", one, two)

    assert one.node.in_charge()
    assert not two.node.in_charge()
    assert [alert.kind for alert in one.channel.taken] == [Kind.INCIDENT]
    one.stop()
    tick_until(two.node.in_charge, "the other is in charge", two)
    assert two.channel.taken == []
    assert [sign.name for sign in two.store.nodes()] == ["busan"]


def test_a_node_that_has_just_begun_is_not_taken_for_dead(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    """Before its pulse beats for the first time, too."""
    before_a_beat = replace(QUICK, heartbeat=timedelta(hours=1), renew=timedelta(hours=1))
    one, _ = (fleet(name, pace=before_a_beat) for name in ("seoul", "busan"))

    for _ in range(3):
        one.ticks()

    assert one.node.in_charge()
    assert "node_lost" not in caplog.text


def test_a_node_with_other_lists_waits_until_its_own_are_the_same(fleet: Fleet) -> None:
    one = fleet("seoul")
    one.ticks()
    two = fleet("busan", content="old")
    two.ticks()
    assert "node seoul told" in two.sign.trouble
    assert one.sign.trouble == ""

    one.reads("new")
    one.ticks()
    two.reads("new")
    two.ticks()

    assert two.sign.trouble == ""
    told = one.store.lists_told()
    assert told
    assert (told.version, told.content, told.told_by) == (2, "new", "seoul")


def test_a_node_with_older_lists_does_not_tell_them_because_the_database_was_away(fleet: Fleet) -> None:
    one, two = fleet("seoul"), fleet("busan", content="old")
    one.ticks()
    two.ticks()
    past = replace(one.sign, seen=utc_now() - timedelta(minutes=10))
    one.store.give_sign(past)  # nobody could give a sign, and the node that waits looks first

    two.ticks()

    told = two.store.lists_told()
    assert told
    assert (told.version, told.content) == (1, "one")
    one.stop()
    two.ticks()
    told = two.store.lists_told()
    assert told
    assert (told.version, told.content) == (2, "old"), "nobody else is there, so somebody has to"


def test_feeds_that_wait_since_all_nodes_were_away_are_still_listed(fleet: Fleet, news: SlowNews) -> None:
    hour, one = timedelta(hours=1), fleet("seoul", number=2)
    one.store.enlist({feed.id: utc_now() - hour for feed in feeds(2)})
    old = [
        FeedState(feed=feed.id, next_due=utc_now() - hour, last_poll=utc_now() - hour) for feed in feeds(2)
    ]
    one.store.record(Cycle(states=tuple(old)), ())
    news.open.clear()

    one.ticks()  # both are held, and neither is polled
    since = one.node._listed_since(utc_now())
    news.open.set()

    assert all(state.next_due > since for state in old)


def test_a_node_that_stopped_is_no_longer_listed(fleet: Fleet) -> None:
    one, two = fleet("seoul"), fleet("busan")
    one.node.stop(20)

    with suppress(StoreError):  # its queue has ended
        one.ticks()

    assert [sign.name for sign in two.store.nodes()] == ["busan"]


def test_whoever_is_asked_to_read_its_files_tells_them_to_all(fleet: Fleet) -> None:
    one, two = fleet("seoul"), fleet("busan", content="other")
    one.ticks()
    two.ticks()
    assert (one.node.in_charge(), two.node.in_charge()) == (True, False)
    two.reads("other", asked=True)
    two.ticks()
    one.ticks()
    two.ticks()

    assert (one.sign.trouble != "", two.sign.trouble) == (True, "")
    assert (one.node.in_charge(), two.node.in_charge()) == (False, True)


def test_a_new_name_is_given_to_what_was_recorded_though_the_node_that_told_it_died(
    fleet: Fleet, news: SlowNews
) -> None:
    before = fleet("seoul")
    news.publishes("feed-3", an_item("North Korea fires missile"))
    tick_until(lambda: len(before.polls) >= 30 and before.channel.taken, "the alert is delivered", before)
    assert before.store.tell_lists(
        ListVersion(version=2, content="new", told_by=NodeName("daegu"), at=NOON)
    )  # and daegu was killed

    before.store.enlist({})
    before.store.enlist({feed.id: utc_now() for feed in feeds(30)})
    after = fleet("busan", content="new", go_by=NEW)
    news.publishes("feed-4", an_item("North Korea fires a missile at dawn, Seoul says"))
    tick_until(lambda: len(after.polls) >= 30, "all is polled again", after)

    alerts = before.store.alerts()
    assert [(alert.indicator, alert.kind) for alert in alerts] == [("rocket-launch", Kind.INCIDENT)]


def test_nodes_whose_clocks_are_a_minute_apart_poll_when_feeds_are_due(fleet: Fleet) -> None:
    minute = timedelta(minutes=1)
    early = fleet("early", own=lambda: utc_now() - minute)
    late = fleet("late", own=lambda: utc_now() + minute)

    tick_until(lambda: len(early.polls + late.polls) >= 30, "all is polled", early, late)
    for _ in range(5):
        early.ticks()
        late.ticks()

    assert len(early.polls + late.polls) == 30
    assert abs(early.clock() - late.clock()) < timedelta(seconds=5)
    seen = [state.last_poll for state in early.store.states().values() if state.last_poll]
    assert max(seen) - min(seen) < timedelta(seconds=30)
    assert early.sign.ahead < -50


def test_a_node_works_beside_one_that_is_a_release_newer(
    postgres_url: str, fleet: Fleet, news: SlowNews
) -> None:
    """The schema has a step more than this program knows, which only adds: an upgrade, node after node."""
    newer = SchemaStep(
        name="9999",
        compatible=True,
        statements=(
            "ALTER TABLE feeds ADD COLUMN more TEXT",
            "ALTER TABLE leases ADD COLUMN more TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE nodes ADD COLUMN more TEXT",
        ),
    )
    before = fleet("seoul")
    tick_until(lambda: len(before.polls) >= 30, "all is polled", before)
    with closing(PostgresEngine(postgres_url)) as engine:
        bring_up_to_date(engine, (*SCHEMA_STEPS, newer))
    after = fleet("busan")
    news.publishes("feed-3", an_item("North Korea fires missile"))
    before.store.enlist({})
    before.store.enlist({feed.id: utc_now() for feed in feeds(30)})

    tick_until(lambda: len(before.polls) + len(after.polls) >= 60, "all is polled again", before, after)

    tick_until(lambda: before.channel.taken + after.channel.taken, "the alert is delivered", before, after)
    assert len({sign.name for sign in after.store.nodes()}) == 2
