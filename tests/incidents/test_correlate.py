"""Which hits are about the same thing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, VOCABULARY, an_item
from watcher.incidents.correlate import (
    MOST_SIGHTINGS,
    Correlated,
    claim_rank,
    correlate,
    joining_of,
    longest_quiet,
)
from watcher.incidents.severity import severity_earned
from watcher.model.alerts import Hit, Incident
from watcher.model.language import Claim, IndicatorId, JoinBy, Joining, Severity

HOUR, DAY = 60, 24 * 60

PROJECTILE, MISSILE, ICBM, WARNING, STATEMENT = map(
    IndicatorId, ("projectile", "missile", "icbm", "warning", "statement")
)
FIRST = IndicatorId("first")
JOININGS = {
    FIRST: Joining(family="launch", by=JoinBy.HAPPENING, step=2, quiet=timedelta(hours=6)),
    PROJECTILE: Joining(family="launch", by=JoinBy.HAPPENING, step=1, quiet=timedelta(hours=6)),
    MISSILE: Joining(family="launch", by=JoinBy.HAPPENING, step=2, quiet=timedelta(hours=6)),
    ICBM: Joining(family="launch", by=JoinBy.HAPPENING, step=4, quiet=timedelta(hours=6)),
    WARNING: Joining(family="rhetoric", quiet=timedelta(hours=24)),
}


def a_hit(
    title: str,
    *,
    indicator: IndicatorId = MISSILE,
    claim: Claim = Claim.OCCURRED,
    severity: Severity = Severity.HIGH,
    score: float = 1.0,
    minutes: float = 0,
    owner: str = "wire",
    guid: str = "",
    revision: int = 0,
) -> Hit:
    item = an_item(title, owner=owner, minutes=minutes, guid=guid, revision=revision)
    return Hit(
        item=item, indicator=indicator, claim=claim, severity=severity, score=score, evidence=("missile",)
    )


def join(*hits: Hit, known: Sequence[Incident] = (), seeding: bool = False) -> Correlated:
    return correlate(hits, known, JOININGS, VOCABULARY, seeding=seeding)


def opened_by(hit: Hit) -> Incident:
    (incident,) = join(hit).incidents
    return incident


def joins(first: Hit, second: Hit) -> bool:
    """Say whether a hit joins the incident that another opened."""
    incident = opened_by(first)
    return join(second, known=[incident]).hits[0].incident == incident.id


# --- opening and growing ------------------------------------------------------------------------------------


def test_a_first_hit_opens_an_incident() -> None:
    hit = a_hit("North Korea fires missile, JCS says", owner="yonhap")

    incident = opened_by(hit)

    assert (incident.family, incident.indicator, incident.title) == ("launch", MISSILE, hit.item.title)
    assert (incident.opened, incident.updated) == (NOON, NOON)
    assert (incident.severity, incident.claim, incident.step, incident.items) == (
        Severity.HIGH,
        Claim.OCCURRED,
        2,
        1,
    )
    assert (incident.origins, incident.owners, incident.indicators) == (
        frozenset({"jcs"}),
        frozenset({"yonhap"}),
        frozenset({MISSILE}),
    )
    assert [each.item for each in incident.sightings] == [hit.item.id]
    assert (incident.told, incident.held) == (None, None)


def test_an_incident_grows_with_every_hit() -> None:
    incident = opened_by(
        a_hit("North Korea fires projectile, JCS says", indicator=PROJECTILE, severity=Severity.MEDIUM)
    )

    (grown,) = join(
        a_hit(
            "Japan defense ministry: ICBM",
            indicator=ICBM,
            severity=Severity.CRITICAL,
            owner="nhk",
            minutes=30,
        ),
        known=[incident],
    ).incidents

    assert (grown.id, grown.opened, grown.updated) == (incident.id, NOON, NOON + timedelta(minutes=30))
    assert (grown.indicator, grown.severity, grown.step, grown.items) == (ICBM, Severity.CRITICAL, 4, 2)
    assert (grown.origins, grown.owners, grown.indicators) == (
        frozenset({"jcs", "japan-mod"}),
        frozenset({"wire", "nhk"}),
        frozenset({PROJECTILE, ICBM}),
    )
    assert grown.title == incident.title


@pytest.mark.parametrize(
    ("indicator", "severity", "leads"),
    [
        (ICBM, Severity.LOW, True),
        (MISSILE, Severity.CRITICAL, True),
        (MISSILE, Severity.HIGH, False),
        (PROJECTILE, Severity.CRITICAL, False),
    ],
)
def test_the_highest_rung_leads_then_the_highest_severity(
    indicator: IndicatorId, severity: Severity, *, leads: bool
) -> None:
    incident = replace(opened_by(a_hit("North Korea fires missile")), indicator=FIRST)

    (grown,) = join(a_hit("Once more", indicator=indicator, severity=severity), known=[incident]).incidents

    assert grown.indicator == (indicator if leads else FIRST)


def test_nothing_an_incident_knew_is_lost_by_a_weaker_hit() -> None:
    incident = opened_by(a_hit("North Korea fires ICBM", indicator=ICBM, severity=Severity.CRITICAL))
    echo = a_hit(
        "Seoul denies",
        indicator=PROJECTILE,
        claim=Claim.DENIED,
        severity=Severity.LOW,
        score=0.5,
        minutes=-10,
    )

    (grown,) = join(echo, known=[incident]).incidents

    assert (grown.indicator, grown.severity, grown.claim, grown.step, grown.updated) == (
        ICBM,
        Severity.CRITICAL,
        Claim.OCCURRED,
        4,
        NOON,
    )


def test_only_what_changed_is_handed_on() -> None:
    launch = opened_by(a_hit("North Korea fires missile"))
    warning = opened_by(a_hit("Kim warns", indicator=WARNING))

    changed = join(a_hit("Missile again", minutes=5), known=[launch, warning]).incidents

    assert [incident.id for incident in changed] == [launch.id]


def test_the_newest_sightings_are_remembered_and_all_items_counted() -> None:
    hits = [
        a_hit(f"North Korea fires missile, report {number}", minutes=number / 10)
        for number in range(MOST_SIGHTINGS + 5)
    ]

    (incident,) = join(*hits).incidents

    assert incident.items == MOST_SIGHTINGS + 5
    assert [sighting.item for sighting in incident.sightings] == [hit.item.id for hit in hits[5:]]


@pytest.mark.parametrize("carriers", [("", "search"), ("search", ""), ("search", "other-search")])
def test_an_article_in_its_own_feed_and_in_a_search_is_one_report(carriers: tuple[str, str]) -> None:
    first, second = (
        replace(hit, item=replace(hit.item, carrier=carrier))
        for hit, carrier in zip(
            (
                a_hit("Missile flies over Japan", guid="1"),
                a_hit("Missile flies over Japan", guid="2", minutes=9),
            ),
            carriers,
            strict=True,
        )
    )
    of_another = replace(second, item=replace(second.item, owner="herald"))

    assert [incident.items for incident in join(first, second).incidents] == [1]
    assert [incident.items for incident in join(first, of_another).incidents] == [2]


# --- one item -----------------------------------------------------------------------------------------------


def test_an_edited_story_stays_with_its_incident() -> None:
    incident = opened_by(a_hit("Kim warns Seoul", indicator=WARNING, guid="one"))

    edited = join(
        a_hit(
            "Quite another wording of it",
            indicator=WARNING,
            claim=Claim.THREATENED,
            guid="one",
            revision=1,
            minutes=40 * HOUR,
        ),
        known=[incident],
    )

    assert [hit.incident for hit in edited.hits] == [incident.id]
    assert (edited.incidents[0].items, len(edited.incidents[0].sightings)) == (1, 1)


def test_a_story_edited_long_after_opens_an_incident_of_its_own() -> None:
    incident = opened_by(a_hit("Live: North Korea fires missile", guid="live"))

    later = opened_by(a_hit("Live: North Korea fires ICBM", guid="live", revision=1, minutes=90 * DAY))

    assert later.id != incident.id


def test_two_indicators_of_a_family_are_one_incident_of_an_item() -> None:
    both = join(
        a_hit("North Korea fires ICBM", indicator=MISSILE), a_hit("North Korea fires ICBM", indicator=ICBM)
    )

    assert len(both.incidents) == 1
    assert (both.incidents[0].items, both.incidents[0].indicator) == (1, ICBM)


def test_two_families_are_two_incidents_of_an_item() -> None:
    both = join(
        a_hit("Kim warns, fires ICBM", indicator=WARNING), a_hit("Kim warns, fires ICBM", indicator=ICBM)
    )

    assert {incident.family for incident in both.incidents} == {"launch", "rhetoric"}


def test_of_one_item_what_the_title_reports_says_where_the_rest_belongs() -> None:
    old = opened_by(a_hit("North Korea fires missile"))
    title = a_hit("North Korea fires another missile", indicator=MISSILE, minutes=10 * HOUR)
    aside = replace(title, indicator=ICBM, score=0.5)

    joined = join(aside, title, known=[old])

    assert len(joined.incidents) == 1
    assert {hit.incident for hit in joined.hits} == {joined.incidents[0].id} != {old.id}


# --- happenings ---------------------------------------------------------------------------------------------

LAUNCH = a_hit("North Korea fires missile")


@pytest.mark.parametrize(
    ("minutes", "score", "claim", "same"),
    [
        pytest.param(6 * HOUR, 1.0, Claim.OCCURRED, True, id="a report within the quiet time"),
        pytest.param(6 * HOUR + 1, 1.0, Claim.OCCURRED, False, id="a report after it"),
        pytest.param(6 * HOUR + 1, 0.9, Claim.OCCURRED, True, id="an echo after it"),
        pytest.param(18 * HOUR, 0.5, Claim.OCCURRED, True, id="a late echo"),
        pytest.param(18 * HOUR + 1, 0.9, Claim.OCCURRED, False, id="an echo too late"),
        pytest.param(HOUR, 1.0, Claim.SPECULATED, False, id="a guess at the next one"),
        pytest.param(HOUR, 0.5, Claim.IMMINENT, False, id="preparations for the next one"),
        pytest.param(HOUR, 0.5, Claim.THREATENED, False, id="a threat of the next one"),
        pytest.param(HOUR, 1.0, Claim.DENIED, True, id="a denial"),
        pytest.param(HOUR, 1.0, Claim.HISTORICAL, False, id="what looks back at an old one"),
        pytest.param(-HOUR, 1.0, Claim.OCCURRED, True, id="a report that came in late"),
        pytest.param(-90 * DAY, 1.0, Claim.OCCURRED, False, id="the clock had run ahead"),
        pytest.param(-90 * DAY, 0.5, Claim.OCCURRED, False, id="the clock had run ahead, an echo"),
    ],
)
def test_a_report_joins_an_occurrence_in_its_time(
    minutes: float, score: float, claim: Claim, *, same: bool
) -> None:
    assert (
        joins(LAUNCH, a_hit("Words that are quite unlike", minutes=minutes, score=score, claim=claim)) == same
    )


def test_a_launch_joins_the_preparations_seen_before() -> None:
    assert joins(
        a_hit("Preparations seen", claim=Claim.IMMINENT), a_hit("North Korea fires missile", minutes=5 * HOUR)
    )


def test_guesses_at_a_launch_are_one_incident() -> None:
    assert joins(
        a_hit("May fire", claim=Claim.SPECULATED),
        a_hit("Prepares to fire", claim=Claim.IMMINENT, minutes=17 * HOUR),
    )


def test_each_echo_keeps_an_occurrence_open_for_the_next() -> None:
    (echoed,) = join(
        a_hit("Seoul condemns", score=0.9, minutes=15 * HOUR), known=[opened_by(LAUNCH)]
    ).incidents

    assert (
        join(a_hit("Tokyo condemns", score=0.9, minutes=30 * HOUR), known=[echoed]).hits[0].incident
        == echoed.id
    )


def test_a_report_never_joins_an_occurrence_because_of_its_echoes() -> None:
    (echoed,) = join(
        a_hit("Seoul condemns", score=0.9, minutes=15 * HOUR), known=[opened_by(LAUNCH)]
    ).incidents

    assert join(a_hit("Another missile", minutes=16 * HOUR), known=[echoed]).hits[0].incident != echoed.id


def test_an_echo_joins_the_last_of_several_occurrences() -> None:
    first, second = opened_by(LAUNCH), opened_by(a_hit("Second launch", minutes=8 * HOUR))

    echo = join(a_hit("Seoul condemns", score=0.9, minutes=9 * HOUR), known=[second, first])

    assert echo.hits[0].incident == second.id


def test_a_report_joins_what_happened_rather_than_a_newer_guess() -> None:
    guess = opened_by(a_hit("May fire more", claim=Claim.SPECULATED, minutes=HOUR))
    launch = opened_by(LAUNCH)

    joined = join(a_hit("Missile fell into sea", minutes=2 * HOUR), known=[launch, guess])

    assert joined.hits[0].incident == launch.id


def test_a_guess_joins_the_guesses() -> None:
    guess = opened_by(a_hit("May fire more", claim=Claim.SPECULATED))

    joined = join(
        a_hit("May fire soon", claim=Claim.SPECULATED, minutes=2 * HOUR), known=[guess, opened_by(LAUNCH)]
    )

    assert joined.hits[0].incident == guess.id


def test_families_do_not_mix() -> None:
    assert not joins(LAUNCH, a_hit("North Korea fires missile!", indicator=WARNING))


# --- tellings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "minutes", "same"),
    [
        pytest.param("Kim Yo Jong warns South Korea over leaflets", HOUR, True, id="a copy"),
        pytest.param(
            "KIM YO-JONG warns South Korea over the leaflets", HOUR, True, id="a copy in other spelling"
        ),
        pytest.param("Kim Jong Un visits a farm in Chagang", HOUR, False, id="another story"),
        pytest.param("Kim Yo Jong warns South Korea over 2 leaflets", HOUR, False, id="another number"),
        pytest.param("Kim Yo Jong warns South Korea over leaflets", 24 * HOUR, True, id="a late copy"),
        pytest.param(
            "Kim Yo Jong warns South Korea over leaflets", 24 * HOUR + 1, False, id="after the quiet time"
        ),
        pytest.param(
            "Kim Yo Jong warns South Korea over leaflets", -90 * DAY, False, id="the clock had run ahead"
        ),
    ],
)
def test_a_story_is_joined_by_its_wording(title: str, minutes: float, *, same: bool) -> None:
    story = a_hit("Kim Yo Jong warns South Korea over leaflets", indicator=WARNING, guid="first")

    assert joins(story, a_hit(title, indicator=WARNING, minutes=minutes, guid="second")) == same


def test_each_copy_keeps_a_story_open() -> None:
    story = opened_by(a_hit("Kim warns Seoul", indicator=WARNING, guid="first"))
    (copied,) = join(
        a_hit("Kim warns Seoul", indicator=WARNING, guid="second", minutes=20 * HOUR), known=[story]
    ).incidents

    again = join(a_hit("Kim warns Seoul", indicator=WARNING, guid="third", minutes=40 * HOUR), known=[copied])

    assert again.hits[0].incident == story.id


def test_an_indicator_that_says_nothing_joins_by_wording_by_itself() -> None:
    assert joining_of(STATEMENT, JOININGS) == Joining(family=STATEMENT)
    assert joins(
        a_hit("Kim speaks", indicator=STATEMENT, guid="first"),
        a_hit("Kim speaks", indicator=STATEMENT, guid="second"),
    )
    assert not joins(a_hit("Kim speaks", indicator=STATEMENT), a_hit("Seoul listens", indicator=STATEMENT))


def test_incidents_are_looked_for_as_far_back_as_an_echo_joins() -> None:
    assert longest_quiet(JOININGS) == timedelta(hours=72)
    assert longest_quiet({}) == timedelta(hours=72)


# --- first polls --------------------------------------------------------------------------------------------


def test_what_a_first_poll_opens_is_marked() -> None:
    assert [incident.is_seeding for incident in join(LAUNCH, seeding=True).incidents] == [True]


def test_what_was_open_before_a_first_poll_is_not_marked() -> None:
    (grown,) = join(a_hit("Missile again", minutes=5), known=[opened_by(LAUNCH)], seeding=True).incidents

    assert not grown.is_seeding


def test_what_a_first_poll_opened_is_news_when_a_feed_reports_it_that_was_polled_before() -> None:
    (seeded,) = join(LAUNCH, seeding=True).incidents

    (more,) = join(a_hit("On a second first poll", minutes=1), known=[seeded], seeding=True).incidents
    (reported,) = join(a_hit("North Korea fires missile, again", minutes=2), known=[more]).incidents

    assert (more.is_seeding, reported.is_seeding) == (True, False)


# --- always -------------------------------------------------------------------------------------------------


def test_claims_have_an_order() -> None:
    order = [
        Claim.HISTORICAL,
        Claim.DENIED,
        Claim.SPECULATED,
        Claim.THREATENED,
        Claim.IMMINENT,
        Claim.OCCURRED,
    ]

    assert sorted(Claim, key=claim_rank) == order


some_hits = st.lists(
    st.builds(
        a_hit,
        st.sampled_from(
            [
                "Kim warns Seoul",
                "Kim warns Seoul again",
                "North Korea fires 2 missiles",
                "Missile flies",
                "북한 미사일 발사",
            ]
        ),
        indicator=st.sampled_from([PROJECTILE, MISSILE, ICBM, WARNING, STATEMENT]),
        claim=st.sampled_from(list(Claim)),
        severity=st.sampled_from(list(Severity)),
        score=st.sampled_from([0.5, 0.9, 1.0]),
        minutes=st.integers(0, 30).map(lambda hours: hours * HOUR),
        guid=st.sampled_from("abcdefgh"),
    ),
    max_size=8,
    unique_by=lambda hit: (hit.item.id, hit.indicator),
)


@given(some_hits)
def test_every_hit_is_in_exactly_one_incident(hits: list[Hit]) -> None:
    joined = join(*hits)

    assert {hit.incident for hit in joined.hits} == {incident.id for incident in joined.incidents}
    assert sorted((hit.item.id, hit.indicator) for hit in joined.hits) == sorted(
        (hit.item.id, hit.indicator) for hit in hits
    )
    for incident in joined.incidents:
        own = [hit for hit in joined.hits if hit.incident == incident.id]
        assert {joining_of(hit.indicator, JOININGS).family for hit in own} == {incident.family}
        assert {hit.item.id for hit in own} == {sighting.item for sighting in incident.sightings}
        assert incident.items == len(incident.sightings)
        assert (incident.severity, incident.updated) == (
            max(severity_earned(hit, joining_of(hit.indicator, JOININGS).expects) for hit in own),
            max(hit.item.seen for hit in own),
        )


@given(some_hits.flatmap(lambda hits: st.tuples(st.just(hits), st.permutations(hits))))
def test_the_order_of_hits_does_not_matter(orders: tuple[list[Hit], list[Hit]]) -> None:
    hits, shuffled = orders

    assert join(*shuffled) == join(*hits)


def test_the_order_of_known_incidents_does_not_matter() -> None:
    known = [opened_by(a_hit(f"Launch {number}", minutes=number * HOUR)) for number in range(3)]
    echo = a_hit("Seoul condemns", score=0.9, minutes=4 * HOUR)

    assert len({join(echo, known=order).hits[0].incident for order in permutations(known)}) == 1


@given(some_hits)
def test_one_batch_or_two_makes_no_difference(hits: list[Hit]) -> None:
    hits.sort(key=lambda hit: hit.item.seen)
    now = [hit for hit in hits if hit.item.seen <= NOON + timedelta(hours=15)]
    later = [hit for hit in hits if hit not in now]

    first = join(*now)
    second = join(*later, known=first.incidents)

    together = {incident.id: incident for incident in (*first.incidents, *second.incidents)}
    assert together == {incident.id: incident for incident in join(*hits).incidents}


# --- what a report says of itself ---------------------------------------------------------------------------
# NOON is a Saturday in Korea; the launches join for six hours (JOININGS).


@pytest.mark.parametrize(
    ("title", "hours", "same"),
    [
        pytest.param("North Korea fires missile on Saturday", 5, True, id="it names the same day"),
        pytest.param("North Korea fires missile on Sunday", 5, False, id="it names the next day"),
        pytest.param("North Korea fired missile on Saturday", 17, True, id="a late report names the day"),
        pytest.param("North Korea fired missile on Friday", 17, True, id="the day as America counts it"),
        pytest.param("North Korea fired missile on Wednesday", 17, False, id="an older day"),
        pytest.param("North Korea fires cruise missile", 4, True, id="a class, where none was named"),
        pytest.param("North Korea fires second missile in two days", 4, False, id="a second one"),
        pytest.param("North Korea says it tested missile", 11, True, id="Pyongyang's own account"),
        pytest.param(
            "North Korea says it tested missile", 13, False, id="Pyongyang's own account of another"
        ),
        pytest.param("What we know about the North Korean missile", 17, True, id="an explanation"),
        pytest.param("Correction: North Korea fired three missiles", 2, True, id="a correction"),
    ],
)
def test_a_report_says_where_it_belongs(title: str, hours: float, *, same: bool) -> None:
    assert joins(LAUNCH, a_hit(title, minutes=hours * HOUR)) == same


@pytest.mark.parametrize(
    ("first", "second", "hours", "same"),
    [
        pytest.param(
            "North Korea fires ballistic missile",
            "North Korea fires cruise missile",
            4,
            False,
            id="another class",
        ),
        pytest.param(
            "North Korea fires ballistic missile",
            "North Korea fires cruise missile",
            1,
            True,
            id="a class mistaken at first",
        ),
        pytest.param(
            "North Korea tests Hwasong-18",
            "North Korea launches Hwasong-18",
            11,
            True,
            id="a rare name in common",
        ),
        pytest.param(
            "North Korea tests Hwasong-18", "North Korea launches Hwasong-19", 11, False, id="another name"
        ),
        pytest.param(
            "North Korea fires another missile",
            "North Korea fires second missile in two days",
            5,
            True,
            id="both are not the first",
        ),
    ],
)
def test_two_reports_are_compared_by_what_they_name(
    first: str, second: str, hours: float, *, same: bool
) -> None:
    assert joins(a_hit(first), a_hit(second, minutes=hours * HOUR)) == same


def test_an_echo_joins_the_occurrence_whose_class_it_names() -> None:
    cruise = opened_by(a_hit("North Korea fires cruise missile"))
    ballistic = opened_by(a_hit("North Korea fires ballistic missile", minutes=4 * HOUR))

    echoes = [
        a_hit(f"Tokyo condemns {kind} missile", score=0.9, minutes=5 * HOUR)
        for kind in ("cruise", "ballistic")
    ]
    homes = [join(echo, known=[cruise, ballistic]).hits[0].incident for echo in echoes]

    assert homes == [cruise.id, ballistic.id]


def test_what_a_summary_guesses_in_passing_belongs_to_what_has_happened() -> None:
    assert joins(LAUNCH, a_hit("Hear an expert", claim=Claim.SPECULATED, score=0.7, minutes=HOUR))
    assert not joins(LAUNCH, a_hit("North Korea may fire more", claim=Claim.SPECULATED, minutes=HOUR))


def test_an_occurrence_begins_when_it_is_said_to_have_happened() -> None:
    expected = opened_by(a_hit("North Korea prepares missile", claim=Claim.IMMINENT))
    (launched,) = join(a_hit("North Korea fires missile", minutes=5 * HOUR), known=[expected]).incidents

    again = join(a_hit("Missile flew 600 km", minutes=10 * HOUR), known=[launched])

    assert launched.id == expected.id
    assert again.hits[0].incident == launched.id
