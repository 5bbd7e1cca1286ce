"""What the page of an incident shows, also where the service goes on while it is read."""

from datetime import timedelta

from tests.builders import NOON, a_hit, an_incident, an_item
from watcher.model.listing import HitBrief
from watcher.model.news import Item
from watcher.pictures.timelines import Dot, course
from watcher.web.views.incident import StoredIncident, incident_view

STAYS, GOES = (
    an_item("North Korea fires ICBM", guid="stays"),
    an_item("A story pruned meanwhile", guid="goes"),
)


def in_brief(item: Item) -> HitBrief:
    hit = a_hit(item)
    return HitBrief(
        item=item.id,
        revision=item.revision,
        seen=item.seen,
        owner=item.owner,
        title=item.title,
        claim=hit.claim,
        directness=hit.directness,
    )


def test_a_report_that_went_while_the_page_was_read_is_left_out() -> None:
    other = a_hit(GOES, incident="merged-with-another")
    for hits in ({}, {GOES.id: [other]}):
        stored = StoredIncident(
            incident=an_incident(items=(STAYS,)),
            course=[in_brief(STAYS), in_brief(GOES)],
            hits={STAYS.id: [a_hit(STAYS)], **hits},
            decisions=(),
            all_decisions=0,
            alerts=(),
            deliveries={},
            actions=(),
        )

        view = incident_view(stored, None, NOON, None)

        assert [report.item.title for report in view.reports] == [STAYS.title]


def dot(minutes: float, *, lane: str = "wire", kind: str = "reported") -> Dot:
    at = NOON + timedelta(minutes=minutes)
    return Dot(at=at, lane=lane, kind=kind, words=f"{lane} after {minutes:g} minutes")


def test_of_dots_that_cover_each_other_the_first_is_drawn_and_tells_of_the_rest() -> None:
    minutes = (0, 0, 0.5, 300, 1440)

    picture = course([dot(each) for each in minutes], "The course")

    assert picture.count("<circle") == 3
    assert "wire after 0 minutes (and 2 more of them soon after)</title>" in picture
    assert "wire after 300 minutes</title>" in picture


def test_neither_another_lane_nor_another_kind_nor_an_alert_is_covered() -> None:
    dots = [dot(0), dot(0, lane="agency"), dot(0, kind="denied"), *(dot(0, lane="alerts", kind="alert"),) * 2]

    picture = course([*dots, dot(1440)], "The course")

    assert (picture.count("<circle"), picture.count("<path")) == (4, 2)
    assert "more of them" not in picture
