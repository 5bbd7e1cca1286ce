"""Two watchers on one database that decide on one incident at once lose nothing of what they read."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from tests.builders import NOON
from tests.flow.newsroom import Newsroom, Opening
from watcher.errors import ConflictError
from watcher.model.alerts import Confidence, Reason
from watcher.model.polling import Cycle
from watcher.pipeline.line import ATTEMPTS


@pytest.fixture
def newsrooms(opening: Opening) -> Iterator[tuple[Newsroom, Newsroom]]:
    one, other = (Newsroom(opening, name) for name in ("yonhap", "kyodo"))
    with closing(one.store), closing(other.store):
        yield one, other


def test_an_incident_that_another_has_changed_meanwhile_is_judged_again_and_nothing_is_lost(
    newsrooms: tuple[Newsroom, Newsroom],
) -> None:
    one, other = newsrooms
    one.publishes("North Korea fires missile, Seoul military says")
    one.polls()
    one.publishes("North Korea fired missile toward sea, Japan coast guard says")
    other.publishes("North Korea launches missile, Pentagon says")
    one.store.before = iter([other.polls])

    one.polls()

    (incident,) = one.store.open_incidents(NOON - timedelta(days=1))
    titles = {hit.item.title for hit in one.store.hits(incident.id)}
    assert len(titles) == 3
    assert incident.items == 3
    assert incident.owners == {"yonhap", "kyodo"}
    assert len(incident.origins) == 3
    assert incident.confidence is Confidence.CORROBORATED
    reasons = [decision.reason for decision in one.store.decisions(incident.id)]
    assert len(reasons) == 3
    assert reasons.count(Reason.CORROBORATED) == 1
    assert len(one.store.alerts()) == 2


def test_an_incident_that_another_opens_meanwhile_is_joined(newsrooms: tuple[Newsroom, Newsroom]) -> None:
    one, other = newsrooms
    one.publishes("North Korea fires missile, Seoul military says")
    other.publishes("North Korea launches missile, Pentagon says")
    one.store.before = iter([other.polls])

    one.polls()

    incidents = one.store.open_incidents(NOON - timedelta(days=1))
    assert sum(incident.items for incident in incidents) == 2
    assert all(one.store.hits(incident.id) for incident in incidents)


def test_two_who_poll_one_feed_keep_one_state_and_tell_once(opening: Opening) -> None:
    one, other = (Newsroom(opening, "yonhap") for _ in range(2))
    with closing(one.store), closing(other.store):
        for each in (one, other):
            each.publishes("North Korea fires missile, Seoul military says")
        other.clock.passes(0.1)
        one.store.before = iter([other.polls])

        one.polls()

        assert len(one.store.alerts()) == 1
        assert sorted(poll.new for poll in one.store.polls(one.feed.id)) == [0, 1]
        assert [incident.items for incident in one.store.open_incidents(NOON - timedelta(days=1))] == [1]


def test_what_others_keep_changing_is_left_to_the_next_poll(newsrooms: tuple[Newsroom, Newsroom]) -> None:
    one, other = newsrooms
    one.polls()

    def is_called() -> None:
        other.store.record(Cycle(states=(other.store.states()[one.feed.id],)), ())

    one.store.before = iter([is_called] * (ATTEMPTS - 1))
    one.clock.passes(1)
    one.polls()

    one.store.before = iter([is_called] * ATTEMPTS)
    one.clock.passes(1)

    with pytest.raises(ConflictError, match="state of feed yonhap"):
        one.polls()
    one.polls()
