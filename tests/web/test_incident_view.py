"""What the page of an incident shows, also where the service goes on while it is read."""

from tests.builders import NOON, a_hit, an_incident, an_item
from watcher.model.listing import HitBrief
from watcher.model.news import Item
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
