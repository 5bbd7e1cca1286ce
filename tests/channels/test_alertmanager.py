"""An Alertmanager has one alert an incident, which fires until the incident closes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.board.test_levels import a_board
from tests.builders import NOON, a_hit, a_list, an_alert, an_incident, an_item
from tests.channels.receiver import Receiver, receiving
from tests.collection.test_feeds import Watch
from watcher.alerting.build import Situation, alert_about
from watcher.channels import open_channel
from watcher.channels.alertmanager import AlertmanagerChannel
from watcher.collection.vitals import Vital, tell_of
from watcher.errors import DeliveryError, UsageError
from watcher.model.alerts import Alert, ChannelId, Confidence, Context, Kind, Level, LevelStep, Reason
from watcher.model.settings import ChannelSpec

DESK = ChannelId("desk")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CLOSES = NOON + timedelta(hours=72)
TOLD = replace(an_alert(), context=Context(closes=CLOSES, link="https://watch.example/incidents/i1"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def posted(receiver: Receiver, alert: Alert, *also: Alert, now: datetime = NOON) -> list[dict[str, Any]]:
    """Return the body of the last post, after an alert was sent."""
    AlertmanagerChannel(DESK, receiver.url(""), clock=lambda: now).send(alert, also)
    found: list[dict[str, Any]] = json.loads(receiver.posts[-1].body)
    return found


def ends(receiver: Receiver, alert: Alert) -> datetime:
    (found,) = posted(receiver, alert)
    return datetime.fromisoformat(found["endsAt"])


def test_an_alert_is_posted_as_version_2_of_the_api_has_it(receiver: Receiver) -> None:
    (found,) = posted(receiver, replace(TOLD, title="북한, ICBM 발사", indicator_title="ICBM test"))

    assert receiver.posts[0].path == "/api/v2/alerts"
    assert receiver.posts[0].headers["Content-Type"] == "application/json"
    assert found["labels"] == {
        "alertname": "provocation-watcher incident",
        "kind": "incident",
        "severity": "critical",
        "category": "provocation",
        "indicator": "icbm-launch",
        "incident": "icbm-launch@2026-10-10T12:00:00Z",
    }
    assert found["annotations"]["summary"] == "[CRITICAL] ICBM test: 북한, ICBM 발사"
    assert found["annotations"]["link"] == found["generatorURL"] == "https://watch.example/incidents/i1"
    assert (found["startsAt"], found["endsAt"]) == ("2026-10-10T12:00:00.000Z", "2026-10-13T12:00:00.000Z")


def test_each_later_word_of_an_incident_is_the_same_alert_for_longer(receiver: Receiver) -> None:
    later = replace(
        TOLD, at=NOON + timedelta(hours=5), context=Context(closes=CLOSES + timedelta(hours=5)), title="More"
    )

    (first,), (second,) = posted(receiver, TOLD), posted(receiver, later)

    assert first["labels"] == second["labels"]
    assert first["endsAt"] < second["endsAt"]


@pytest.mark.parametrize(
    ("pattern", "lasts"),
    [
        ("match: [ICBM], joins: {family: missile, quiet: 6h}", timedelta(hours=18)),
        ("match: [ICBM]", timedelta(hours=72)),
        ("seismic: {near: [41.3, 129.1], km: 50, magnitude: 3.5, natural_after: 48h}", timedelta(hours=48)),
        ("silence: {longer: 14d, feed: kcna}", None),
    ],
)
def test_an_alert_knows_when_its_incident_closes_by_itself(pattern: str, lasts: timedelta | None) -> None:
    listed = a_list(f"indicators: [{{id: icbm-launch, category: provocation, severity: high, {pattern}}}]")
    situation = Situation(now=NOON, indicators={each.id: each for each in listed.indicators})
    incident = an_incident(minutes=30)

    alert = alert_about(incident, [a_hit(an_item("ICBM"))], Reason.REMINDER, situation)

    assert alert.context.closes == (incident.updated + lasts if lasts else None)


def test_what_is_denied_resolves_at_once(receiver: Receiver) -> None:
    denied = replace(TOLD, reason=Reason.DENIED)
    disputed = replace(denied, context=replace(TOLD.context, confidence=Confidence.CORROBORATED))

    assert [ends(receiver, each) for each in (denied, disputed)] == [NOON - MINUTE, CLOSES]


def test_what_resolves_is_over_for_a_server_too_whose_clock_is_late(receiver: Receiver) -> None:
    (found,) = posted(receiver, replace(TOLD, reason=Reason.DENIED))

    assert found["startsAt"] == found["endsAt"]
    assert datetime.fromisoformat(found["endsAt"]) <= NOON - timedelta(seconds=59)


def of_the_machine() -> list[Alert]:
    """Return the alerts about a disk that is low and then is not."""
    low = tell_of(Vital(reason=Reason.DISK_LOW, ill=True), "", NOON)
    well = tell_of(Vital(reason=Reason.DISK_LOW, ill=False), NOON.isoformat(), NOON + HOUR)
    assert low
    assert well
    return [*low.alerts, *well.alerts]


def of_feeds() -> list[Alert]:
    """Return the alerts about a feed of two that fails and works again."""
    watch = Watch(["kcna", "wire"])
    for _ in range(3):
        watch.poll(["kcna"])
    for _ in range(30):
        watch.poll(after=HOUR)
    return watch.alerts


def of_the_board() -> list[Alert]:
    """Return the alerts about a level that an analyst sets, and that falls when he lifts that."""
    board = a_board()
    for level in ("critical", ""):
        board.set("problem", level)
        board.assessed()
    return board.alerts


@pytest.mark.parametrize("about", [of_the_machine, of_feeds, of_the_board])
def test_what_is_over_resolves_what_it_ends(receiver: Receiver, about: Callable[[], list[Alert]]) -> None:
    begun, ended = about()
    (fires,) = posted(receiver, begun)
    resolves = posted(receiver, ended)

    assert fires["labels"] in [each["labels"] for each in resolves]
    assert {each["endsAt"] for each in resolves} == {each["startsAt"] for each in resolves}


def test_each_feed_that_an_alert_names_is_an_alert_of_its_own(receiver: Receiver) -> None:
    watch = Watch(["kcna", "wire", "daily"])
    for _ in range(3):
        watch.poll(["kcna", "wire"])

    assert [each["labels"]["feed"] for each in posted(receiver, *watch.alerts)] == ["kcna", "wire"]


def test_what_is_told_long_after_its_end_fires_all_the_same(receiver: Receiver) -> None:
    late = CLOSES + timedelta(days=1)

    (found,) = posted(receiver, TOLD, now=late)

    assert datetime.fromisoformat(found["endsAt"]) > late


def test_of_alerts_told_together_the_last_word_of_an_incident_is_posted_last(receiver: Receiver) -> None:
    denied = replace(TOLD, at=NOON + timedelta(seconds=30), reason=Reason.DENIED)

    assert [each["annotations"]["reason"] for each in posted(receiver, denied, TOLD)] == ["new", "denied"]


def test_what_has_no_end_of_its_own_fires_for_a_day(receiver: Receiver) -> None:
    assert ends(receiver, replace(an_alert(), context=Context())) == NOON + timedelta(days=1)


def test_alerts_told_together_are_posted_together(receiver: Receiver) -> None:
    level = LevelStep(subject="problem", before=Level.WATCH, level=Level.CRITICAL)
    board = replace(
        an_alert(alert_id="b1", incident=""),
        kind=Kind.BOARD,
        subject="problem",
        changes=(level,),
        indicator="",
    )

    _, second = posted(receiver, TOLD, board)

    assert second["labels"]["alertname"] == "provocation-watcher board"
    assert second["labels"]["subject"] == "problem"
    assert "incident" not in second["labels"]


@pytest.mark.parametrize("typed", ["", "/", "/api/v2/alerts"])
def test_the_address_is_that_of_the_server_or_of_its_interface(receiver: Receiver, typed: str) -> None:
    AlertmanagerChannel(DESK, receiver.url(typed), clock=lambda: NOON).send(TOLD)

    assert [post.path for post in receiver.posts] == ["/api/v2/alerts"]


@pytest.mark.parametrize(("status", "permanent"), [(400, True), (503, False)])
def test_a_refusal_is_final_and_a_broken_server_is_tried_again(
    receiver: Receiver, status: int, permanent: bool
) -> None:
    receiver.status = status

    with pytest.raises(DeliveryError, match=str(status)) as caught:
        posted(receiver, TOLD)

    assert caught.value.permanent is permanent


@pytest.mark.parametrize("address", ["alertmanager:9093", "http://[::1", "ftp://host"])
def test_what_is_no_address_is_refused_at_the_start(address: str) -> None:
    spec = ChannelSpec(id=DESK, type="alertmanager", urls=(address,))

    with pytest.raises(UsageError, match="http://alertmanager:9093"):
        open_channel(spec, lambda: NOON)
