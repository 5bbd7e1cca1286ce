"""Which feeds a batch gets, and how work is shared: on a clock that the tests move."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis.strategies import builds, integers, just, lists, none, sampled_from, timedeltas

from watcher.model.news import FeedId
from watcher.model.nodes import Lease
from watcher.nodes.leasing import Pace, begun, ended, freed, in_force, may_take, next_tick, sizes, take

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PACE = Pace()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

AROUND_NOW = timedeltas(-2 * MINUTE, 2 * MINUTE).map(lambda away: NOW + away)
LEASES = lists(
    builds(
        Lease,
        feed=integers(0, 40).map(lambda number: FeedId(f"feed-{number}")),
        due=AROUND_NOW,
        generation=integers(0, 3),
        holder=sampled_from(["", "another"]),
        until=none() | AROUND_NOW,
    ),
    unique_by=lambda lease: lease.feed,
)


def a_lease(name: str, due: timedelta = timedelta()) -> Lease:
    return Lease(feed=FeedId(name), due=NOW + due)


@given(LEASES, integers(1, 50))
def test_a_batch_gets_those_that_are_due_longest_and_that_nobody_holds(
    leases: list[Lease], most: int
) -> None:
    taken = take(leases, most, "mine", NOW, PACE)

    names = {lease.feed for lease in taken}
    free = [lease for lease in leases if may_take(lease, NOW)]
    assert len(taken) == min(most, len(free))
    assert names <= {lease.feed for lease in free}
    left = [lease.due for lease in free if lease.feed not in names]
    assert not left or max(lease.due for lease in taken) <= min(left)
    assert not [lease for lease in taken if may_take(lease, NOW)]


@given(LEASES)
def test_who_is_taken_again_is_out_of_force_for_whoever_held_it(leases: list[Lease]) -> None:
    first = take(leases, 50, "mine", NOW, PACE)
    later = take(first, 50, "other", NOW + PACE.lease, PACE)

    assert [lease.feed for lease in later] == [lease.feed for lease in first]
    for before, after in zip(first, later, strict=True):
        assert in_force(before, before.generation)
        assert not in_force(after, before.generation)


def test_a_batch_that_begins_late_polls_only_what_nobody_has_taken() -> None:
    batch = {lease.feed: lease.generation for lease in take([a_lease("a"), a_lease("b")], 2, "x", NOW, PACE)}
    leases = {lease.feed: lease for lease in take([a_lease("a"), a_lease("b")], 2, "x", NOW, PACE)}
    again = take([leases[FeedId("a")]], 1, "y", NOW + MINUTE, PACE)[0]

    held = begun({**leases, again.feed: again}, batch, NOW + MINUTE, PACE)

    assert [lease.feed for lease in held] == ["b"]
    assert held[0].until == NOW + MINUTE + PACE.lease


def test_what_a_dead_node_held_is_free_at_once() -> None:
    taken = take([a_lease("a"), a_lease("b")], 2, "x", NOW, PACE)
    leases = {lease.feed: lease for lease in taken}
    mine = begun(leases, {FeedId("a"): 1}, NOW, PACE, "mine")
    others = begun(leases, {FeedId("b"): 1}, NOW, PACE, "other")

    after = freed((*mine, *others), "mine")

    assert [may_take(lease, NOW) for lease in after] == [True, False]
    assert not in_force(after[0], 1)


def test_what_was_recorded_is_held_by_nobody_and_not_recorded_again() -> None:
    (lease,) = take([a_lease("a")], 1, "x", NOW, PACE)

    done = ended(lease, NOW + 15 * MINUTE)

    assert not in_force(done, lease.generation)
    assert not may_take(done, NOW + MINUTE)
    assert may_take(done, NOW + 15 * MINUTE)


@given(integers(0, 5000), integers(0, 20), integers(0, 20))
def test_batches_keep_every_worker_busy_and_are_worth_a_job(due: int, waiting: int, workers: int) -> None:
    made = sizes(due, waiting, workers, PACE)

    assert sum(made) <= due
    assert all(size <= PACE.most for size in made)
    assert all(size >= PACE.least for size in made[:-1])
    assert len(made) <= max(max(workers, 1) - waiting, 0)
    assert bool(made) == bool(due and waiting < max(workers, 1))
    if not waiting and due <= workers * PACE.most:
        assert sum(made) == due


@given(integers(1, 4), integers(1, 3))
def test_every_feed_is_polled_in_time_although_nodes_die(nodes: int, killed: int) -> None:
    """A simulation in a few lines: nodes take what is due, some never end what they took."""
    leases = {lease.feed: lease for lease in (a_lease(f"feed-{number}") for number in range(90))}
    polls = Counter[FeedId]()
    for second in range(180):
        now = NOW + second * SECOND
        due = sum(may_take(lease, now) for lease in leases.values())
        for number, size in enumerate(sizes(due, 0, nodes * PACE.workers, PACE)):
            taken = take(leases.values(), size, f"{second}-{number}", now, PACE)
            leases |= {lease.feed: lease for lease in taken}
            if second in range(killed) and number == 0:
                continue  # whoever works on it is killed
            for lease in taken:
                polls[lease.feed] += 1
                leases[lease.feed] = ended(lease, now + MINUTE)

    assert min(polls.values()) >= 2
    assert max(polls.values()) == 3


@given(none() | just(NOW - MINUTE) | just(NOW + SECOND) | just(NOW + MINUTE))
def test_a_node_looks_again_soon_but_never_all_the_time(first_due: datetime | None) -> None:
    tick = next_tick(first_due, NOW, NOW + 15 * SECOND, PACE.rest)

    assert NOW + PACE.rest <= tick <= NOW + 15 * SECOND
