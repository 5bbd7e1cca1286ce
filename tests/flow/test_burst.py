"""A wire that everybody rewrites at once: one opening, and an alert only for what is new."""

from itertools import product

import pytest

from tests.builders import an_item
from tests.flow.harness import Harness, harness
from watcher.model.alerts import Alert, Reason
from watcher.model.news import Item

pytestmark = pytest.mark.usefixtures("each_store")

FEEDS = [f"outlet-{number:02}" for number in range(40)]
POLLS = 4
"""A poll every quarter of an hour; the burst lasts an hour."""

_SUBJECTS = (
    "North Korea",
    "North Korea's army",
    "North Korean military",
    "The regime in North Korea",
    "Nuclear-armed North Korea",
)
_VERBS = ("fires", "launches", "test-fires", "shoots", "lobs")
_OBJECTS = ("missile", "a missile", "suspected missile", "one missile", "unidentified missile")
_PLACES = ("into sea", "off east coast", "toward Japan", "toward East Sea")
_WIRE = "The launch was detected at 7:12 am, South Korea's Joint Chiefs of Staff said, according to the wire."
_JAPAN = "Japan's Defense Ministry said it fell outside the economic zone."


def rewrites() -> list[str]:
    """Return 500 titles of one wire, no two the same."""
    return [
        f"{subject} {verb} {what} {where}"
        for subject, verb, what, where in product(_SUBJECTS, _VERBS, _OBJECTS, _PLACES)
    ][:500]


def a_burst() -> list[list[tuple[str, Item]]]:
    """Return the 500 rewrites, poll by poll; Japan confirms in the second, the third calls it an ICBM."""
    polls: list[list[tuple[str, Item]]] = [[] for _ in range(POLLS)]
    for number, title in enumerate(rewrites()):
        feed, at = FEEDS[number % len(FEEDS)], number * POLLS // 500
        summary = f"{_WIRE} {_JAPAN}" if at >= 1 and number % 7 == 0 else _WIRE
        named = title.replace("missile", "ICBM missile") if at >= 2 and number % 5 == 0 else title
        polls[at].append((feed, an_item(named, summary, feed=feed, owner=feed)))
    return polls


def watched(polls: list[list[tuple[str, Item]]]) -> tuple[Harness, list[Alert]]:
    """Return a harness that has seen it all, and what people were told."""
    watching = harness(*FEEDS)
    watching.later()
    told: list[Alert] = []
    for poll in polls:
        for feed in FEEDS:
            watching.news.publishes(feed, *(item for where, item in poll if where == feed))
        told += watching.later()
    return watching, [alert for alert in told if alert.kind == "incident"]


def test_the_burst_is_what_it_claims_to_be() -> None:
    items = [item for poll in a_burst() for _, item in poll]

    assert len(items) == len({item.title for item in items}) == 500
    assert len({item.feed for item in items}) == 40


def test_500_rewrites_are_one_opening_and_an_alert_for_every_new_claim_origin_or_severity() -> None:
    watching, told = watched(a_burst())

    assert [alert.reason for alert in told] == [Reason.NEW, Reason.CORROBORATED, Reason.ESCALATED]
    assert len({(alert.claim, alert.origins, alert.severity) for alert in told}) == len(told)
    (incident,) = watching.store.open_incidents(watching.clock().replace(year=2000))
    assert (incident.items, len(incident.owners)) == (500, 40)


def test_corroboration_shows_the_true_number_of_origins() -> None:
    _, told = watched(a_burst())

    assert [alert.origins for alert in told] == [("jcs",), ("japan-mod", "jcs"), ("japan-mod", "jcs")]
    assert told[0].context.corroboration == "1 of 2 origins"
    assert told[1].context.corroboration == "2 of 2 origins"


def test_a_burst_that_adds_nothing_is_one_alert() -> None:
    same = [
        [
            (feed, an_item(title, _WIRE, feed=feed, owner=feed))
            for feed, title in zip(FEEDS, rewrites(), strict=False)
        ]
    ]

    _, told = watched(same)

    assert [alert.reason for alert in told] == [Reason.NEW]
