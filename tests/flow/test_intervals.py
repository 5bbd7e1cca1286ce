"""How often feeds are polled, as seen from the whole line."""

from datetime import timedelta

import pytest

from tests.builders import an_item
from tests.flow.harness import Harness, harness
from watcher.errors import FetchError
from watcher.model.alerts import Reason
from watcher.model.news import FeedId

pytestmark = pytest.mark.usefixtures("each_store")

LAUNCH = an_item("North Korea fires missile, JCS says", guid="launch")
FARM, CATTLE, RICE = (
    an_item(title, guid=title) for title in ("Farm wins prize", "Cattle thrive", "Rice is sown")
)


def waits(watching: Harness) -> dict[str, timedelta]:
    return {name: state.next_due - watching.clock() for name, state in watching.store.states().items()}


def test_a_feed_that_reports_of_an_incident_is_polled_faster_until_it_is_over() -> None:
    watching = harness("wire", "other")
    watching.news.publishes("wire", LAUNCH, FARM)
    watching.news.publishes("other", FARM)

    watching.later()
    during = waits(watching)
    watching.later(1)
    watching.later(3)

    assert during == {"wire": timedelta(minutes=3.75), "other": timedelta(minutes=15)}
    assert waits(watching)["wire"] == timedelta(minutes=15)


def test_a_feed_that_lists_only_what_is_new_is_polled_faster() -> None:
    watching = harness("wire")
    watching.news.publishes("wire", FARM)
    watching.later()
    first = waits(watching)

    watching.news.publishes("wire", CATTLE, RICE)
    watching.later()

    assert (first["wire"], waits(watching)["wire"]) == (timedelta(minutes=15), timedelta(minutes=3.75))


def test_a_feed_that_is_gone_is_told_of_once_and_asked_once_a_day() -> None:
    watching = harness("wire", "other")
    watching.later()
    watching.news.fails(
        "wire",
        FetchError(
            "gone", "410 Gone: the feed is gone for good; remove it, or find its new address", status=410
        ),
    )

    told = watching.later()

    assert [(alert.reason, alert.title) for alert in told] == [
        (Reason.FEED_FAILING, "1 of 2 feeds is failing: wire")
    ]
    assert "410 Gone" in told[0].why
    assert waits(watching)["wire"] == timedelta(days=1)
    assert [alert for _ in range(20) for alert in watching.later(2)] == []


def test_feeds_that_hang_are_asked_after_those_that_answer() -> None:
    watching = harness("wire", "other")
    watching.news.fails("wire", FetchError("timeout", "no answer"))
    watching.later()
    watching.news.requests.clear()

    watching.later(6)

    assert [request.feed.id for request in watching.news.requests] == [FeedId("other"), FeedId("wire")]
