"""The stories of the product, from what feeds publish to what people are told."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import NOON, a_list, an_item
from tests.fakes import FakeNews
from tests.flow.harness import RULES, Harness, a_feed, harness, rules
from watcher import pipeline
from watcher.errors import FetchError, ReadError, StoreError
from watcher.match import matcher
from watcher.model.alerts import Alert, Confidence, Incident, Kind, Reason
from watcher.model.language import Claim, Severity
from watcher.model.news import Document, FeedId, FeedKind, Grade, Item
from watcher.model.polling import Cycle, PollStatus
from watcher.pipeline import line, round_end
from watcher.polling.cadence import body_hash
from watcher.ports import Answer, Reading

pytestmark = pytest.mark.usefixtures("each_store")

WIRE, OTHER = FeedId("wire"), FeedId("other")
LAUNCH = an_item("North Korea fires missile, JCS says", guid="launch")
ICBM = an_item("North Korea fired ICBM, JCS says", guid="icbm")
PARADE = an_item("Farm wins prize", guid="farm")
DOWN = FetchError("timeout", "no answer within 30 s")


# --- first polls --------------------------------------------------------------------------------------------


def test_a_first_poll_is_recorded_and_summed_up_once() -> None:
    watching = harness("wire", "other", seed=True)
    watching.news.publishes("wire", LAUNCH, PARADE)
    watching.news.publishes("other", an_item("Statement of Kim"))

    (summary,) = watching.later()

    assert (summary.kind, summary.reason, summary.title) == (
        Kind.COLLECTION,
        Reason.SEEDING,
        "Watching began: 2 incidents already in the news",
    )
    assert {item.title for item in summary.items} == {
        "North Korea fires missile, JCS says",
        "Statement of Kim",
    }
    assert watching.store.item(LAUNCH.id) is not None
    assert watching.hears() == []


def test_a_first_poll_with_nothing_to_tell_is_silent() -> None:
    watching = harness("wire", seed=True)
    watching.news.publishes("wire", PARADE)

    assert watching.hears() == []
    assert watching.hears() == []


def test_after_the_first_poll_news_is_news() -> None:
    watching = harness("wire", seed=True)
    watching.later()
    watching.news.publishes("wire", LAUNCH)

    assert watching.hears() == [(Reason.NEW, "North Korea fires missile, JCS says")]


def test_an_old_launch_that_a_first_poll_shows_does_not_take_in_the_launch_of_today() -> None:
    watching = harness("wire", seed=True)
    old = replace(LAUNCH, published=NOON - timedelta(days=4))
    watching.news.publishes("wire", old)
    watching.later()
    watching.news.publishes(
        "wire", an_item("North Korea fires two missiles toward Japan", feed="wire", guid="today"), old
    )

    assert watching.hears() == [(Reason.NEW, "North Korea fires two missiles toward Japan")]


def test_what_a_first_poll_brought_alerts_when_it_grows() -> None:
    watching = harness("wire", seed=True)
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.news.publishes("wire", ICBM, LAUNCH)

    assert watching.hears() == [(Reason.ESCALATED, "North Korea fired ICBM, JCS says")]


def test_a_feed_that_fails_at_first_is_seeded_when_it_answers() -> None:
    watching = harness("wire", seed=True)
    watching.news.fails("wire", DOWN)
    watching.later()
    watching.news.publishes("wire", LAUNCH)

    assert [reason for reason, _ in watching.hears(hours=7)] == [Reason.SEEDING]


def test_a_feed_that_need_not_be_seeded_alerts_on_its_first_poll_whatever_others_bring() -> None:
    for feeds in ((a_feed("wire", seed=True), a_feed("other")), (a_feed("other"), a_feed("wire", seed=True))):
        watching = Harness(feeds)
        watching.news.publishes("wire", LAUNCH)
        watching.news.publishes("other", an_item("North Korea launches missile", guid="another"))

        assert [reason for reason, _ in watching.hears()] == [Reason.NEW]


# --- one story, many tellings -------------------------------------------------------------------------------


def test_a_launch_is_told_once_however_many_tell_it() -> None:
    watching = harness("wire", "other", "third")
    watching.news.publishes("wire", LAUNCH)
    first = watching.later()
    watching.news.publishes("other", an_item("Missile launched by North Korea, JCS says"))
    watching.news.publishes("third", an_item("North Korea missile: what we know"))

    again = watching.later()

    assert [alert.reason for alert in first] == [Reason.NEW]
    assert again == []
    (incident,) = watching.store.open_incidents(NOON)
    assert (incident.items, incident.origins) == (3, frozenset({"jcs"}))
    assert incident.owners == {"wire", "other", "third"}
    assert [decision.reason for decision in watching.store.decisions(incident.id)] == [
        Reason.NEW,
        Reason.NOTHING_NEW,
        Reason.NOTHING_NEW,
    ]


def test_a_second_source_is_news_once() -> None:
    watching = harness("wire", "other")
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.news.publishes("other", an_item("North Korea fires missile: Japan defense ministry"))

    (corroborated,) = watching.later()
    watching.news.publishes("other", an_item("North Korea fires missile: White House"))

    assert (corroborated.reason, corroborated.origins, corroborated.owners) == (
        Reason.CORROBORATED,
        ("japan-mod", "jcs"),
        2,
    )
    assert corroborated.context.confidence is Confidence.CORROBORATED
    assert watching.hears() == []


def test_a_higher_step_alerts_once_more() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.news.publishes("wire", LAUNCH, ICBM)

    (escalated,) = watching.later()

    assert (escalated.reason, escalated.indicator, escalated.severity) == (
        Reason.ESCALATED,
        "icbm-launch",
        Severity.CRITICAL,
    )
    assert [item.title for item in escalated.items] == ["North Korea fired ICBM, JCS says"]


def test_a_story_that_goes_on_is_told_again_after_a_while() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.rules = rules(RULES.replace("quiet: 6h", "quiet: 48h"))
    watching.news.publishes("wire", LAUNCH, an_item("North Korea missile flew 1,000 km", guid="more"))

    assert watching.hears(hours=13) == [(Reason.REMINDER, "North Korea missile flew 1,000 km")]


def test_an_indicator_of_one_word_is_told_again_too() -> None:
    joins = "{family: flood, by: happening, quiet: 48h}"
    listed = f"indicators: [{{id: flood, category: provocation, match: [flood*], joins: {joins}}}]"
    watching = Harness(harness("wire").feeds, rules(f"board: {{speak: []}}\n{listed}"))
    watching.news.publishes("wire", an_item("Flood in the harbour", guid="first"))
    watching.later(hours=0)
    watching.news.publishes("wire", an_item("Flood reaches the market", guid="more"))

    assert [alert.title for alert in watching.later(hours=13)] == ["Flood reaches the market"]


def test_another_launch_is_another_incident() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.news.publishes("wire", LAUNCH, an_item("North Korea fires missile again", guid="again"))

    assert watching.hears(hours=8) == [(Reason.NEW, "North Korea fires missile again")]


# --- edits --------------------------------------------------------------------------------------------------


def test_an_edited_story_that_gains_the_word_alerts_once() -> None:
    watching = harness()
    watching.news.publishes("wire", an_item("North Korea: what we know", guid="live", link="live"))
    before = watching.hears()
    watching.news.publishes(
        "wire", an_item("North Korea: what we know", "North Korea fires missile.", guid="live", link="live")
    )
    gained = watching.hears()
    watching.news.publishes(
        "wire", an_item("North Korea: what we know", "North Korea fires missile!", guid="live", link="live")
    )

    assert (before, gained) == ([], [(Reason.NEW, "North Korea: what we know")])
    assert watching.hears() == []


def test_an_edit_alone_is_no_reminder() -> None:
    watching = harness()
    watching.news.publishes(
        "wire", an_item("North Korea fires missile", "Updated at noon.", guid="live", link="live")
    )
    watching.later()
    watching.news.publishes(
        "wire", an_item("North Korea fires missile", "Updated at night.", guid="live", link="live")
    )

    assert watching.hears(hours=13) == []


def test_each_edit_that_says_more_alerts() -> None:
    watching = harness()
    told = []
    for title in (
        "North Korea may fire missile",
        "North Korea prepares to fire missile",
        "North Korea fires missile",
    ):
        watching.news.publishes("wire", an_item(title, guid="live", link="live"))
        told += watching.later()

    assert [(alert.reason, alert.claim) for alert in told] == [
        (Reason.NEW, Claim.SPECULATED),
        (Reason.ESCALATED, Claim.IMMINENT),
        (Reason.CLAIM_ROSE, Claim.OCCURRED),
    ]
    (incident,) = watching.store.open_incidents(NOON)
    assert incident.items == 1


def test_two_claims_that_rise_in_one_story_are_two_alerts() -> None:
    watching = harness()
    watching.rules = rules(RULES.replace("claims: {speculated: low}", "claims: {}"))
    told = []
    for title in (
        "North Korea may fire missile",
        "North Korea prepares to fire missile",
        "North Korea fires missile",
    ):
        watching.news.publishes("wire", an_item(title, guid="live", link="live"))
        told += [reason for reason, _ in watching.hears()]

    assert told == [Reason.NEW, Reason.CLAIM_ROSE, Reason.CLAIM_ROSE]


# --- trouble ------------------------------------------------------------------------------------------------


def test_a_failing_feed_does_not_hold_up_the_others() -> None:
    watching = harness("broken", "wire")
    watching.news.fails("broken", DOWN)
    watching.news.publishes("wire", LAUNCH)

    wire, broken = watching.polls()

    assert (broken.polls[0].status, broken.polls[0].error) == (
        PollStatus.ERROR,
        "timeout: no answer within 30 s",
    )
    assert (wire.polls[0].status, wire.polls[0].items, wire.polls[0].new) == (PollStatus.OK, 1, 1)
    assert watching.store.states()[FeedId("broken")].failures == 1
    assert [alert.reason for alert in wire.alerts] == [Reason.NEW]


def test_bytes_that_are_no_feed_are_a_failure_of_that_feed() -> None:
    watching = harness()
    watching.news.fails("wire", ReadError("not_a_feed", "an HTML page"))

    (cycle,) = watching.polls()

    assert (cycle.polls[0].error, cycle.states[0].failures) == ("not_a_feed: an HTML page", 1)


def test_a_bug_that_one_feed_brings_out_is_that_feeds_trouble() -> None:
    watching = harness("strange", "wire")
    undated = replace(LAUNCH, published="yesterday")  # type: ignore[arg-type]
    watching.news.pages[FeedId("strange")] = Document(format="rss20", title="", items=(undated,))
    watching.news.publishes("wire", LAUNCH)

    wire, strange = watching.polls()

    assert strange.polls[0].error.startswith("internal: AttributeError: ")
    assert (strange.items, strange.states[0].failures) == ((), 1)
    assert len(wire.alerts) == 1


def test_a_list_that_cannot_be_compiled_is_told_by_the_feeds_that_bring_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watching = harness("same", "wire")
    watching.polls()
    watching.clock.passes(0.3)
    watching.news.publishes("wire", LAUNCH)
    watching.rules = rules()
    monkeypatch.setattr(matcher, "_Words", fails_to_compile)

    (cycle,) = watching.polls()

    assert {poll.feed: poll.error for poll in cycle.polls} == {
        "same": "",
        "wire": "internal: ValueError: too big",
    }
    assert not watching.store.items()


def fails_to_compile(*_: object) -> None:
    raise ValueError("too big")


def test_feeds_that_keep_failing_are_told_of() -> None:
    watching = harness("broken", "wire")
    watching.news.fails("broken", DOWN)

    told = [reason for _ in range(6) for reason, _ in watching.hears(hours=2)]

    assert told == [Reason.FEED_FAILING]


def test_a_store_that_cannot_record_leaves_the_feed_as_before() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.store.full = True

    with pytest.raises(StoreError):
        watching.polls()

    assert watching.store.states() == {}
    watching.store.full = False
    assert watching.hears() == [(Reason.NEW, "North Korea fires missile, JCS says")]


def test_a_store_that_cannot_be_read_is_nobodys_bug() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.store.known = unreadable  # type: ignore[method-assign, assignment]

    with pytest.raises(StoreError):
        watching.polls()


def test_a_bug_in_one_step_of_the_end_of_a_round_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    watching = harness("wire")
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.news.fails("wire", FetchError("timeout", "no answer"))

    def stumbles(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(round_end, "summarise_held", stumbles)
    for _ in range(3):
        watching.clock.passes(hours=7)
        with pytest.raises(ExceptionGroup, match="when a round of polls was over"):
            watching.polls()

    assert Reason.FEED_FAILING in {alert.reason for alert in watching.store.alerts()}


def test_nobody_asks_for_fewer_open_incidents_than_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    watching = harness("wire")
    watching.news.publishes("wire", LAUNCH)
    asked: list[datetime] = []
    answer = watching.store.open_incidents

    def notes_what_is_asked(since: datetime) -> Sequence[Incident]:
        asked.append(since)
        return answer(since)

    monkeypatch.setattr(watching.store, "open_incidents", notes_what_is_asked)

    watching.later()

    assert max(asked) <= watching.clock() - watching.rules.longest_open, (
        "a store keeps decoded what it was asked for last"
    )


def unreadable(*_: object) -> None:
    raise StoreError("the database is damaged")


def test_an_indicator_renamed_while_its_incident_is_open_costs_no_news() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.rules = rules(RULES.replace("id: missile-launch", "id: launch"))
    watching.news.publishes("wire", ICBM, an_item("North Korea projectile fell into sea", guid="projectile"))

    told = watching.later()

    assert [(alert.reason, alert.indicator) for alert in told] == [(Reason.ESCALATED, "icbm-launch")]


def test_a_poll_reports_what_was_wrong_with_a_document() -> None:
    watching = harness()
    watching.news.pages[WIRE] = Document(
        format="rss20", title="", items=(PARADE,), damage="not well-formed", notes=("2 items cut",)
    )

    (cycle,) = watching.polls()

    assert cycle.polls[0].notes == ("not well-formed", "2 items cut")
    assert cycle.states[0].damage == "not well-formed"


# --- what is asked for, and what is remembered --------------------------------------------------------------


def test_what_did_not_change_is_not_sent_again() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.later()

    watching.clock.passes(0.25)
    (cycle,) = watching.polls()

    assert watching.news.requests[-1].etag == watching.store.states()[WIRE].etag != ""
    assert cycle.polls[0].status is PollStatus.NOT_MODIFIED
    assert watching.news.read_bodies == [WIRE]


def test_the_body_of_last_time_is_not_read_again() -> None:
    watching = harness()
    watching.news.etags = False
    watching.news.publishes("wire", LAUNCH)
    watching.later()

    watching.clock.passes(0.25)
    (cycle,) = watching.polls()

    assert (cycle.polls[0].status, watching.news.read_bodies) == (PollStatus.NOT_MODIFIED, [WIRE])


def test_an_unchanged_body_keeps_its_new_validators() -> None:
    watching = harness()
    watching.news.publishes("wire", LAUNCH)
    watching.later()
    state = watching.store.states()[WIRE]
    watching.store.record(Cycle(states=(replace(state, etag="stale"),)), ())

    watching.clock.passes(0.25)
    (cycle,) = watching.polls()

    assert (cycle.polls[0].status, cycle.states[0].etag) == (PollStatus.NOT_MODIFIED, state.etag)
    assert cycle.states[0].body_hash == body_hash(state.etag.encode())


def quiet_feeds(count: int) -> Harness:
    """Return a watcher that has polled feeds once, and has found nothing."""
    watching = Harness(tuple(a_feed(f"feed{number:03}") for number in range(count)))
    for feed in watching.feeds:
        watching.news.publishes(feed.id)
    watching.polls()
    return watching


def test_feeds_in_which_nothing_has_changed_are_recorded_together() -> None:
    watching = quiet_feeds(450)
    watching.clock.passes(0.3)

    cycles = [cycle for cycle in watching.polls() if cycle.polls]

    assert [len(cycle.polls) for cycle in cycles] == [200, 200, 50]
    assert {state.last_poll for state in watching.store.states().values()} == {watching.clock()}


def test_what_hits_is_recorded_at_once_and_all_else_together() -> None:
    watching = harness("quiet", "wire", "broken", "same")
    watching.news.publishes("same")
    watching.news.publishes("quiet", PARADE)
    watching.polls()
    watching.clock.passes(0.3)
    watching.news.fails("broken", DOWN)
    watching.news.publishes("quiet", PARADE, an_item("Weather is fine"))
    watching.news.publishes("wire", LAUNCH)

    cycles = [[poll.feed for poll in cycle.polls] for cycle in watching.polls() if cycle.polls]

    assert cycles == [["wire"], ["quiet", "broken", "same"]]
    assert {"Weather is fine", LAUNCH.title} < {item.title for item in watching.store.items()}


def test_much_news_is_recorded_before_all_has_come() -> None:
    watching = Harness(tuple(a_feed(f"feed{number}") for number in range(5)))
    for feed in watching.feeds:
        weather = [an_item(f"Weather {number}", feed=feed.id, guid=str(number)) for number in range(200)]
        watching.news.publishes(feed.id, *weather)

    cycles = [len(cycle.items) for cycle in watching.polls() if cycle.polls]

    assert cycles == [600, 400]


def test_long_documents_are_let_go_of_before_all_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "HELD_TOGETHER", 100)
    watching = harness(*(f"feed{number}" for number in range(5)))
    for more in ([], ["More weather"]):
        watching.polls()
        watching.clock.passes(0.3)
        for feed in watching.feeds:
            titles = [*more, *(f"Weather {number}" for number in range(50))]
            watching.news.publishes(feed.id, *(an_item(title, feed=feed.id) for title in titles))

    cycles = [[poll.new for poll in cycle.polls] for cycle in watching.polls() if cycle.polls]

    assert cycles == [[1, 1], [1, 1], [1]]


def test_news_of_a_feed_that_another_watcher_has_polled_meanwhile_comes_once() -> None:
    watching = harness("wire", "other")
    watching.news.publishes("other", an_item("More weather", feed="other"))

    class SlowReader(FakeNews):
        def read(
            self, answers: Iterable[Answer], seen: datetime, meanwhile: Callable[[], object] = lambda: None
        ) -> Iterator[Reading]:
            for reading in watching.news.read(answers, seen, meanwhile):
                yield reading
                list(pipeline.poll_feeds([reading[0]], watching.world, watching.rules))

    watching.news.publishes("wire", an_item("Weather is fine"))
    slow = replace(watching.world, reader=SlowReader())
    cycles = list(pipeline.poll_feeds(watching.feeds, slow, watching.rules))

    assert [(poll.feed, poll.new) for cycle in cycles for poll in cycle.polls] == [("wire", 0), ("other", 0)]
    stored = sorted((item.title, item.revision) for item in watching.store.items())
    assert stored == [("More weather", 0), ("Weather is fine", 0)]


@pytest.mark.parametrize("ended_after", range(1, 5))
def test_a_poll_that_ends_before_all_is_recorded_loses_no_item(ended_after: int) -> None:
    watching = quiet_feeds(450)
    watching.clock.passes(0.3)
    watching.news.publishes(FeedId("feed100"), an_item("North Korea fires missile"))
    watching.news.publishes(FeedId("feed449"), an_item("North Korea fires ICBM"))
    killed = pipeline.poll(watching.feeds, watching.world, watching.rules)
    assert isinstance(killed, Generator)
    for _ in range(ended_after):
        next(killed)
    killed.close()
    unasked = [state for state in watching.store.states().values() if state.last_poll != watching.clock()]
    assert unasked

    told = watching.later(0.01)
    told += watching.later(0.01)

    stored = {alert.title for alert in watching.channel.taken}
    assert stored == {"North Korea fires missile", "North Korea fires ICBM"}
    assert {item.title for item in watching.store.items()} == stored


def test_what_was_not_asked_as_the_service_stops_is_no_failure_and_stays_as_it_was() -> None:
    watching = harness("wire", "asked", "other")
    watching.polls()
    watching.clock.passes(0.3)
    before = watching.store.states()
    watching.news.publishes("asked", an_item("Weather is fine", feed="asked"))
    watching.news.fails("wire", FetchError("stopped", "the watcher is stopping"))
    watching.news.fails("other", FetchError("stopped", "the watcher is stopping"))

    cycles = watching.polls()

    assert [poll.feed for cycle in cycles for poll in cycle.polls] == ["asked"]
    after = watching.store.states()
    assert (after[WIRE], after[OTHER]) == (before[WIRE], before[OTHER])
    assert {poll.status for poll in watching.store.polls(WIRE)} == {PollStatus.OK}


def test_when_news_last_came_is_remembered() -> None:
    watching = harness()
    watching.news.publishes("wire", PARADE)
    watching.later()
    watching.news.publishes("wire", PARADE, replace(PARADE, title=PARADE.title, notes=("a new note",)))

    watching.later()

    assert watching.store.states()[WIRE].last_new == NOON + timedelta(minutes=15)
    assert watching.store.states()[WIRE].last_ok == NOON + timedelta(minutes=30)


def test_a_feed_is_due_again_after_its_own_time() -> None:
    watching = harness()
    watching.later()

    watching.clock.passes(0.2)
    assert watching.polls() == []
    watching.clock.passes(0.05)
    assert len(watching.polls()) == 1


def test_who_reports_of_an_open_incident_is_polled_in_a_hurry_and_so_is_every_search() -> None:
    search = replace(a_feed("search"), kind=FeedKind.AGGREGATOR)
    watching = Harness((a_feed("wire"), a_feed("other"), search))
    for feed in watching.feeds:
        watching.news.publishes(feed.id)

    watching.later()
    assert waits(watching) == {"wire": 15, "other": 15, "search": 15}

    watching.news.publishes("wire", LAUNCH)
    watching.later()
    watching.clock.passes(4 / 60)
    watching.polls()
    watching.later()
    assert waits(watching) == {"wire": 3.75, "other": 15, "search": 3.75}


def waits(watching: Harness) -> dict[str, float]:
    """Return how many minutes each feed waits from its last poll to its next."""
    return {
        name: (state.next_due - state.last_poll).total_seconds() / 60
        for name, state in watching.store.states().items()
        if state.last_poll
    }


# --- concluding ---------------------------------------------------------------------------------------------


def conclude(*items: Item, text: str = RULES) -> list[Alert]:
    return list(pipeline.process(items, rules(text), harness().store, NOON).alerts)


def test_news_of_nothing_amounts_to_nothing() -> None:
    assert pipeline.process([PARADE], rules(), harness().store, NOON) == Cycle(items=(PARADE,))


def test_the_order_of_items_does_not_matter() -> None:
    items = [LAUNCH, ICBM, an_item("Statement of Kim"), PARADE]

    assert conclude(*items) == conclude(*reversed(items))
    assert [alert.indicator for alert in sorted(conclude(*items), key=lambda alert: alert.indicator)] == [
        "icbm-launch",
        "statement",
    ]


def test_the_grade_of_a_feed_counts() -> None:
    graded = RULES.replace("title: Missile launch", "title: Missile launch\n    feeds: {grade: B or better}")

    assert len(conclude(replace(LAUNCH, grade=Grade.B), text=graded)) == 1
    assert conclude(replace(LAUNCH, grade=Grade.C), text=graded) == []


def test_a_window_that_is_closed_lets_nothing_through() -> None:
    statement = an_item("Statement of Kim", published=datetime(2026, 10, 12, tzinfo=UTC))

    assert len(conclude(statement)) == 1
    assert conclude(replace(statement, published=datetime(2026, 10, 30, tzinfo=UTC))) == []


def test_the_same_news_gives_the_same_alerts() -> None:
    assert conclude(LAUNCH, ICBM) == conclude(LAUNCH, ICBM)


def test_a_decision_names_the_alert_it_made() -> None:
    concluded = pipeline.process([LAUNCH], rules(), harness().store, NOON)

    (decision,), (alert,), (incident,) = concluded.decisions, concluded.alerts, concluded.incidents
    assert (decision.incident, decision.reason, decision.item, decision.alert) == (
        incident.id,
        Reason.NEW,
        LAUNCH.id,
        alert.id,
    )
    assert incident.told is not None


def test_a_copy_joins_its_story_for_a_day_whatever_other_indicators_ask_for() -> None:
    watching = harness("wire", "other")
    watching.news.publishes("wire", an_item("Kim makes statement", feed="wire"))
    watching.news.publishes("other")
    first = watching.hears()
    watching.news.publishes("other", an_item("Kim makes statement", feed="other"))

    assert first + watching.hears(hours=20) == [
        (Reason.NEW, "Kim makes statement"),
        (Reason.REMINDER, "Kim makes statement"),
    ]


def test_rules_look_back_as_far_as_an_incident_can_be_open() -> None:
    assert rules().longest_open == timedelta(hours=72)
    assert pipeline.rules_of(
        a_list("indicators: [{id: sign, category: provocation, match: [korea]}]")
    ).longest_open == timedelta(hours=72)


def test_rules_remember_what_their_patterns_and_their_board_look_at() -> None:
    asked = """
board: {half_life: 1d}
indicators:
  - {id: launch, title: Launch, category: provocation, match: [launch]}
  - {id: many, title: Many, category: provocation, tempo: {of: [launch], within: 10d, count: 3}}
"""
    unusual, answered = (
        "tempo: {of: [launch], within: 10d, times: 3}",
        "sequence: {first: [launch], then: [launch], within: 60d}",
    )
    plain = "tempo: {of: [launch], within: 10d, count: 3}"

    memories = [
        pipeline.rules_of(a_list(asked.replace(plain, each))).memory.days
        for each in (plain, unusual, answered)
    ]

    assert memories == [10, 40, 60]
    assert rules().memory >= rules().longest_open


# --- more than one poll takes -------------------------------------------------------------------------------


def test_a_feed_that_brings_too_much_to_match_at_once_is_taken_in_parts_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "MOST_TEXT", 70)
    watching = harness("wire", seed=True)
    watching.news.publishes(
        "wire", *(an_item(f"North Korea tests missile no {number}", guid=str(number)) for number in range(5))
    )

    polls = []
    for _ in range(4):
        polls += [poll for cycle in watching.polls() for poll in cycle.polls]
        assert watching.polls() == []
        watching.clock.passes(hours=1 / 60)

    assert [(poll.items, poll.new, poll.notes) for poll in polls] == [
        (5, 2, ("2 of 5 new items taken, the rest at the next poll",)),
        (5, 2, ("2 of 3 new items taken, the rest at the next poll",)),
        (5, 1, ()),
    ]
    assert {alert.reason for alert in watching.store.alerts()} == {Reason.SEEDING}


def test_what_a_late_feed_brings_is_late_in_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    watching = harness("wire")
    watching.later()
    monkeypatch.setattr(line, "MOST_TEXT", 70)
    watching.news.publishes(
        "wire", *(an_item(f"Statement no {number} of Kim about all", guid=str(number)) for number in range(4))
    )

    told = [alert for hours in (9, 0.02) for alert in watching.later(hours)]

    assert len(told) == 4
    assert {alert.context.late for alert in told} >= {"wire had not been polled for 9 hours"}
    assert all(alert.context.late for alert in told)


def test_an_item_longer_than_a_poll_takes_is_taken_alone() -> None:
    assert pipeline.within(10, (LAUNCH, ICBM)) == (LAUNCH,)


def test_only_news_that_hits_asks_for_the_right_to_judge() -> None:
    made, asked = harness(), list[str]()

    @contextmanager
    def judging() -> Iterator[None]:
        asked.append("judging")
        yield

    def polls(title: str) -> int:
        made.news.publishes("wire", an_item(title))
        asked.clear()
        list(pipeline.poll_feeds(made.feeds, replace(made.world, judging=judging), made.rules))
        return len(asked)

    assert (polls("Weather is fine"), polls("North Korea fires missile")) == (0, 1)


def test_an_outlet_that_reports_what_still_goes_on_is_asked_sooner_whatever_else_it_brings() -> None:
    made = harness()
    waits = []
    for title in ("Weather is fine", "North Korea fires missile", "Weather is fine again"):
        made.publishes(title)
        state = made.store.state(made.feeds[0].id)
        assert state
        waits.append(state.next_due - made.clock())

    assert waits[0] == made.feeds[0].every
    assert waits[1] == waits[2] < waits[0]
