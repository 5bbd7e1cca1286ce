"""What is true of the five lines before an explanation: each says one thing, for whatever was asked about."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert, an_incident, an_item
from watcher.alerting.review import action_of
from watcher.lab.overview import OnRecord, overview
from watcher.model.alerts import Alert, Confidence, Context, Decision, Kind, Reason
from watcher.model.language import Claim
from watcher.model.review import ActionKind, Review

ITEM = an_item("North Korea fires again", guid="g")
INCIDENT = an_incident(items=(ITEM,))


def decided(reason: Reason, *, because: str = "", alert: Alert | None = None) -> Decision:
    return Decision(
        incident=INCIDENT.id,
        at=NOON,
        reason=reason,
        item=ITEM.id,
        because=because,
        alert=alert.id if alert else None,
    )


def test_the_limits_of_an_alert_are_confidence_claim_counter_evidence_and_what_was_held_back() -> None:
    context = Context(
        confidence=Confidence.UNCONFIRMED,
        corroboration="1 of 2 origins",
        cues=("speculated: may",),
        against=("talks: envoys meet",),
    )
    alert = replace(an_alert(context=context), claim=Claim.SPECULATED)
    later = (
        decided(Reason.NEW, alert=alert),
        decided(Reason.BUDGET),
        decided(Reason.MUTED, because="by kim"),
    )

    found = overview(OnRecord(name="a1", review=Review(), alert=alert, incident=INCIDENT, decisions=later))

    assert found["limits"] == (
        "unconfirmed (1 of 2 origins); the claim is only speculated (speculated: may); "
        "against it: talks: envoys meet; budget; muted, by kim"
    )


def test_an_incident_without_an_alert_is_told_with_why_there_was_none() -> None:
    silent = (decided(Reason.INHIBITED, because="part of i2"), decided(Reason.CLOSED, because="quiet"))

    found = overview(OnRecord(name="i1", review=Review(), incident=INCIDENT, decisions=silent))

    assert found == {
        "what": "[CRITICAL] icbm-launch: North Korea fires suspected ICBM, Seoul says "
        "(2026-10-10 12:00Z, occurred)",
        "why": "no alert (inhibited): its items mainly report a graver incident that has alerted",
        "sources": "jcs; published by wire",
        "limits": "part of i2",
        "next": "if it should have alerted: watcher alerts verdict i1 missed",
    }


def test_a_copy_is_told_with_what_its_incident_is_already_and_where_its_alert_is() -> None:
    alert = an_alert()
    stored = OnRecord(
        name=ITEM.id,
        review=Review(),
        alert=alert,
        incident=INCIDENT,
        item=replace(ITEM, carrier="search"),
        decisions=(decided(Reason.NOTHING_NEW),),
    )

    found = overview(stored)

    assert found["why"].startswith("no alert (nothing_new): it adds nothing to its incident")
    assert found["sources"] == "wire (feed wire-en, grade C, passed on by search)"
    assert found["limits"] == "its incident is critical, occurred and unconfirmed already"
    assert found["next"] == "see the alert of its incident: watcher explain a1"


@pytest.mark.parametrize(
    ("kind", "follows"),
    [(Kind.BOARD, "watcher board"), (Kind.COLLECTION, "watcher status"), (Kind.TEST, "nothing")],
)
def test_an_alert_that_is_not_about_the_news_comes_from_the_watcher_itself(kind: Kind, follows: str) -> None:
    found = overview(OnRecord(name="a1", review=Review(), alert=replace(an_alert(), kind=kind)))

    assert (found["sources"], found["limits"], found["next"]) == ("the watcher itself", "nothing", follows)


def test_an_item_that_made_the_alert_names_it() -> None:
    alert = an_alert()
    made = (decided(Reason.NEW, alert=alert), decided(Reason.NOTHING_NEW))

    found = overview(OnRecord(name=ITEM.id, review=Review(), alert=alert, item=ITEM, decisions=made))

    assert found["why"] == "alert a1: new"
    assert found["next"].startswith("watcher alerts ack a1; ")


def test_a_mute_comes_before_a_verdict_and_a_verdict_before_an_acknowledgement() -> None:
    until = NOON + timedelta(hours=6)
    review = Review(
        acknowledgement=action_of(ActionKind.ACKNOWLEDGE, "i1", "kim", NOON, why="on it"),
        verdict=action_of(ActionKind.VERDICT, "i1", "lee", NOON, value="noise"),
        mute=action_of(ActionKind.MUTE, "i1", "kim", NOON, why="a drill", until=until),
    )
    steps = [review, replace(review, mute=None), replace(review, mute=None, verdict=None)]

    said = [overview(OnRecord(name="a1", review=each, alert=an_alert()))["next"] for each in steps]

    muted, judged, acknowledged = said
    assert muted == (
        "muted (i1 until 2026-10-10 18:00Z) by kim at 2026-10-10 12:00Z: a drill; "
        "to end it: watcher unmute i1"
    )
    assert judged == "nothing, verdict noise by lee at 2026-10-10 12:00Z"
    assert acknowledged == (
        "acknowledged by kim at 2026-10-10 12:00Z: on it; when you know what it was worth: "
        "watcher alerts verdict a1 useful (or noise)"
    )


def test_words_of_a_feed_cannot_act_in_a_terminal() -> None:
    found = overview(
        OnRecord(name="i", review=Review(), item=replace(ITEM, title="a\x1b[31m\nb\u202ec" * 400))
    )

    assert not {"\x1b", "\n", "\u202e"} & set(found["what"])
    assert len(found["what"]) <= 600
