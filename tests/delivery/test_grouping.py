"""What is one message: which alert speaks, which are told with it, what waits, and what is told already."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOON, an_alert, an_alert_item, posted
from watcher.delivery.grouping import messages
from watcher.model.alerts import ALERT_LOG, Alert, IncidentId, Kind, Reason
from watcher.model.language import Claim, Severity

DESK = "desk"
HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW


def news(
    name: str, severity: Severity = HIGH, *, of: str = "", item: str = "", seconds: float = 0, **more: Any
) -> Alert:
    """Return an alert of an incident about an item, each its own unless it is named."""
    title = item or f"Item of {name}"
    made = an_alert(
        title,
        alert_id=name,
        at=NOON + timedelta(seconds=seconds),
        incident=of or f"incident of {name}",
        items=(an_alert_item(title),),
    )
    return replace(made, severity=severity, **more)


def board(*incidents: str, severity: Severity = MEDIUM, seconds: float = 2, rose: bool = True) -> Alert:
    """Return an alert of the board about a level that incidents moved."""
    made = news("board", severity, of="board", seconds=seconds, kind=Kind.BOARD)
    reason = Reason.LEVEL_ROSE if rose else Reason.LEVEL_FELL
    return replace(
        made, reason=reason, incidents=tuple(map(IncidentId, incidents)), items=(), title="The problem rose"
    )


def grouped(*due: Alert, told: Sequence[Alert] = (), channel: str = DESK) -> list[list[str]]:
    """Return the ids of the alerts of each message that is sent now, the one that speaks first."""
    return [
        [each.alert.id for each in message.deliveries]
        for message in messages(posted(due, channel), told)
        if not message.told_with and not message.not_before
    ]


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        pytest.param(
            [news("a", MEDIUM, item="x"), news("b", HIGH, item="x"), news("c", LOW, item="x")],
            [["b", "a", "c"]],
            id="one headline is one message and the gravest alert speaks",
        ),
        pytest.param(
            [news("a", of="i"), news("b", of="i", seconds=59)],
            [["a", "b"]],
            id="alerts about one incident within a minute are one message and the first of equals speaks",
        ),
        pytest.param(
            [news("a", of="i"), news("b", of="i", seconds=60)],
            [["a"], ["b"]],
            id="a minute later it is another message",
        ),
        pytest.param([news("a"), news("b")], [["a"], ["b"]], id="two stories are two messages"),
        pytest.param(
            [news("a", of="i"), news("b"), news("c", of="i", seconds=9)],
            [["a", "c"], ["b"]],
            id="messages come in the order of their first alerts",
        ),
        pytest.param(
            [news("a", of="i"), board("i")], [["a", "board"]], id="a rise of the board is told with its cause"
        ),
        pytest.param(
            [news("a", of="i"), news("b", of="j"), board("j")],
            [["a"], ["b", "board"]],
            id="and not with another incident",
        ),
        pytest.param(
            [news("a", MEDIUM, of="i"), news("b", HIGH, of="j"), board("i", "j")],
            [["a"], ["b", "board"]],
            id="of two causes with the graver",
        ),
        pytest.param(
            [news("a", MEDIUM, of="i"), board("i", severity=HIGH)],
            [["board", "a"]],
            id="a board that is graver than its cause speaks",
        ),
        pytest.param(
            [news("a", of="i"), board("i", seconds=240)],
            [["a", "board"]],
            id="a round of polls may take some minutes",
        ),
        pytest.param(
            [news("a", of="i"), board("i", seconds=300)],
            [["a"], ["board"]],
            id="later the board has another cause",
        ),
        pytest.param(
            [news("a", of="i"), board("i", rose=False)],
            [["a"], ["board"]],
            id="a fall of the board is told by itself",
        ),
        pytest.param(
            [board("i", "j")], [["board"]], id="a rise without an alert beside it is told by itself"
        ),
        pytest.param(
            [news("a", of="i"), news("b", of="i", incidents=("i", "j"))],
            [["a"], ["b"]],
            id="a summary is a message of its own",
        ),
        pytest.param(
            [news("a", of="i"), news("b", of="i", reason=Reason.UNACKNOWLEDGED, only=DESK)],
            [["a"], ["b"]],
            id="a repeat is a message of its own",
        ),
        pytest.param(
            [news("a", of="feeds", kind=Kind.COLLECTION), news("b", of="feeds", kind=Kind.COLLECTION)],
            [["a"], ["b"]],
            id="alerts about the watcher are messages of their own",
        ),
    ],
)
def test_what_is_due_together(due: list[Alert], expected: list[list[str]]) -> None:
    assert grouped(*due) == expected


def test_the_alert_log_gets_every_alert_by_itself() -> None:
    due = (news("a", of="i"), news("b", of="i"), board("i"))

    assert grouped(*due, told=[news("c", of="i")], channel=ALERT_LOG) == [["a"], ["b"], ["board"]]


def test_a_rise_of_the_board_after_its_cause_was_sent_adds_nothing() -> None:
    (message,) = messages(posted([board("i")], DESK), [news("a", of="i")])

    assert message.told_with == "a"


def test_a_rise_that_is_graver_than_all_that_was_sent_is_told() -> None:
    assert grouped(board("i", severity=HIGH), told=[news("a", MEDIUM, of="i")]) == [["board"]]


def test_a_fall_of_the_board_after_an_alert_is_told() -> None:
    assert grouped(board("i", rose=False), told=[news("a", of="i")]) == [["board"]]


def test_what_follows_within_the_minute_waits_for_its_end_in_one_message() -> None:
    due = (news("b", of="i", seconds=20), news("c", of="i", seconds=40))

    (message,) = messages(posted(due, DESK), [news("a", of="i")])

    assert [each.alert.id for each in message.deliveries] == ["b", "c"]
    assert message.not_before == NOON + timedelta(minutes=1)


def test_what_is_graver_than_what_was_told_does_not_wait() -> None:
    assert grouped(news("b", HIGH, of="i", seconds=20), told=[news("a", MEDIUM, of="i")]) == [["b"]]


def test_a_claim_that_rose_does_not_wait() -> None:
    may, did = news("a", of="i", claim=Claim.SPECULATED), news("b", of="i", seconds=20, claim=Claim.OCCURRED)

    assert grouped(did, told=[may]) == [["b"]]
    assert grouped(replace(may, at=did.at), told=[replace(did, at=may.at)]) == []


def test_what_was_told_more_than_a_minute_ago_keeps_nothing_waiting() -> None:
    assert grouped(news("b", of="i", seconds=60), told=[news("a", of="i")]) == [["b"]]
