"""What is critical is said again until somebody answers, three times at most."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.builders import NOON, an_alert
from watcher.delivery.renotify import MOST_TIMES, renotify
from watcher.model.alerts import Alert, AlertId, ChannelId, Reason
from watcher.model.language import Severity
from watcher.model.review import Action, ActionKind
from watcher.model.routes import Route

PAGER = Route(channel=ChannelId("pager"), renotify=timedelta(minutes=30))
ALERT = an_alert()


def said_again(
    minutes: float,
    *alerts: Alert,
    actions: Sequence[Action] = (),
    route: Route = PAGER,
    said: frozenset[AlertId] = frozenset(),
) -> tuple[Alert, ...]:
    now = NOON + timedelta(minutes=minutes)
    cycle = renotify(route, alerts or (ALERT,), actions, said.__contains__, now)
    return cycle.alerts if cycle else ()


def an_answer(kind: ActionKind, target: str = ALERT.incident, minutes: float = 10) -> Action:
    return Action(id="x", at=NOON + timedelta(minutes=minutes), by="kim", kind=kind, target=target)


def test_what_is_critical_and_unanswered_is_repeated_after_the_span() -> None:
    assert said_again(29) == ()

    (alert,) = said_again(30)

    assert (alert.reason, alert.only, alert.incident, alert.title) == (
        Reason.UNACKNOWLEDGED,
        "pager",
        ALERT.incident,
        ALERT.title,
    )
    assert alert.repeats == ALERT.id
    assert alert.why.startswith(
        "Nobody has acknowledged this for 30 minutes (1 of 3): watcher alerts ack a1. "
    )


def test_it_is_said_three_times_each_once() -> None:
    said: frozenset[AlertId] = frozenset()
    for minutes in range(24 * 60):
        said |= {alert.id for alert in said_again(minutes, said=said)}

    assert len(said) == MOST_TIMES


def test_after_an_absence_it_is_said_once_and_not_as_often_as_was_missed() -> None:
    assert len(said_again(300)) == 1


def test_an_acknowledgement_a_verdict_or_a_mute_is_an_answer() -> None:
    for kind in (ActionKind.ACKNOWLEDGE, ActionKind.VERDICT, ActionKind.MUTE):
        assert said_again(60, actions=[an_answer(kind)]) == ()
    assert said_again(60, actions=[an_answer(ActionKind.MUTE, ALERT.indicator)]) == ()


def test_an_answer_to_something_else_or_to_what_was_said_before_is_none() -> None:
    assert said_again(60, actions=[an_answer(ActionKind.ACKNOWLEDGE, "another")])
    assert said_again(60, actions=[an_answer(ActionKind.ACKNOWLEDGE, minutes=-1)])
    assert said_again(60, actions=[an_answer(ActionKind.UNMUTE)])


def test_of_an_incident_only_the_last_alert_is_repeated() -> None:
    later = an_alert("It is now called an ICBM", alert_id="a2", at=NOON + timedelta(minutes=20))

    (alert,) = said_again(55, ALERT, later)

    assert alert.repeats == "a2"


def test_what_is_not_critical_or_not_for_the_channel_or_a_repetition_itself_is_not_repeated() -> None:
    assert said_again(60, replace(ALERT, severity=Severity.HIGH)) == ()
    assert said_again(60, route=replace(PAGER, categories=frozenset({"rhetoric"}))) == ()
    assert said_again(60, *said_again(30)) == ()
    assert said_again(60, route=replace(PAGER, renotify=None)) == ()


def test_what_was_there_when_watching_began_is_not_repeated() -> None:
    assert said_again(60, replace(ALERT, incident="start", reason=Reason.SEEDING)) == ()


def test_each_channel_has_its_own() -> None:
    (pager,) = said_again(30)
    (phone,) = said_again(30, route=replace(PAGER, channel=ChannelId("phone")))

    assert pager.id != phone.id
