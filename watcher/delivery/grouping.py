"""What a channel is due and was told lately in, messages out: which alert speaks, and which are told with it.

One headline is one message, however many indicators it hits, and so are the alerts about one incident within
a minute. A rise of the board is told with the alert whose incident caused it. The gravest alert speaks.
Summaries, digests, repeats and alerts about the watcher itself are always messages of their own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.incidents.correlate import claim_rank
from watcher.model.alerts import ALERT_LOG, Alert, Delivery, Kind, Reason
from watcher.model.language import Severity

MINUTE = timedelta(minutes=1)
"""How far apart two alerts of one message are, at most."""

SAME_ROUND = timedelta(minutes=5)
"""How long after an alert the board may rise for it: it is assessed when the round of polls is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Deliveries that are one message, the one that speaks first.

    With `told_with`, the id of an alert that the channel has, there is nothing left to send. `not_before` is
    when to send it.
    """

    deliveries: tuple[Delivery, ...]
    told_with: str = ""
    not_before: datetime | None = None

    @property
    def also(self) -> tuple[Alert, ...]:
        """The alerts that are told with it."""
        return tuple(each.alert for each in self.deliveries[1:])


def messages(due: Sequence[Delivery], told: Sequence[Alert]) -> Iterator[Message]:
    """Yield the messages of what one channel is due, in the order of the first alert of each.

    `told` are the alerts that the channel has had lately. The alert log gets every alert by itself. A rise of
    the board that is no graver than the alert that caused it, and comes after that was sent, adds nothing to
    it. Another alert about what was told less than a minute ago waits for the end of that minute, so that all
    that follows is one message, unless it is graver.
    """
    for group in _groups(due):
        speaker = max(group, key=lambda each: (each.alert.severity, each.alert.kind is not Kind.BOARD))
        deliveries = (speaker, *(each for each in group if each is not speaker))
        alert = speaker.alert
        had = [] if speaker.channel == ALERT_LOG else [each for each in told if _belong(each, alert)]
        if not had or _gravity(alert) > max(map(_gravity, had)):
            yield Message(deliveries=deliveries)
        elif alert.kind is Kind.BOARD:
            yield Message(deliveries=deliveries, told_with=had[-1].id)
        else:
            yield Message(deliveries=deliveries, not_before=max(each.at for each in had) + MINUTE)


def _gravity(alert: Alert) -> tuple[Severity, int]:
    """Return what makes an alert graver than another: its severity, then what is claimed."""
    return alert.severity, claim_rank(alert.claim) if alert.claim else -1


def since(due: Iterable[Delivery]) -> datetime:
    """Return from when on it matters what the channel was told."""
    return min(each.alert.at for each in due) - SAME_ROUND


def _groups(due: Iterable[Delivery]) -> list[list[Delivery]]:
    """Return the deliveries, those together that belong to the first of a group or to what belongs to it."""
    groups: list[list[Delivery]] = []
    for delivery in due:
        fitting = [group for group in groups if _fits(delivery, group)]
        if fitting:
            max(fitting, key=lambda group: max(each.alert.severity for each in group)).append(delivery)
        else:
            groups.append([delivery])
    return groups


def _fits(delivery: Delivery, group: Sequence[Delivery]) -> bool:
    alert, first = delivery.alert, group[0].alert
    in_time = alert.kind is Kind.BOARD or abs(alert.at - first.at) < MINUTE
    return delivery.channel != ALERT_LOG and in_time and any(_belong(each.alert, alert) for each in group)


def _belong(earlier: Alert, later: Alert) -> bool:
    """Say whether an alert belongs to the message of an earlier one.

    It does if it is about the same item or incident and of the same minute, or is the rise of the board that
    the earlier one caused.
    """
    if not _is_news(earlier):
        return False
    if later.kind is Kind.BOARD:
        caused = later.reason is Reason.LEVEL_ROSE and earlier.incident in later.incidents
        return caused and timedelta(0) <= later.at - earlier.at < SAME_ROUND
    same = earlier.incident == later.incident or not _items(earlier).isdisjoint(_items(later))
    return _is_news(later) and same and abs(later.at - earlier.at) < MINUTE


def _is_news(alert: Alert) -> bool:
    """Say whether an alert is about one incident, and for all channels."""
    return alert.kind is Kind.INCIDENT and not alert.incidents and not alert.only


def _items(alert: Alert) -> set[str]:
    return {item.id for item in alert.items}
