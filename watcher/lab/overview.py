"""What is stored of an alert, an incident or an item in, five lines for a person out.

What it is, why it alerted or did not, who says so, what kept it from more, and what to do next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watcher.alerting.review import review_lines
from watcher.delivery.render import one_line, subject
from watcher.lab.explain import Explanation
from watcher.model.alerts import BY_HAND, Alert, Confidence, Decision, Incident, Kind, Reason
from watcher.model.language import Claim
from watcher.model.news import Item
from watcher.model.review import Review

_LONGEST = 600
_PUBLISHERS = 5
_SILENCES = {
    Reason.SEEDING: "it was found at the first poll of a feed, and is in the first summary",
    Reason.LATE: "its feed had not been polled for long, and it is in a summary",
    Reason.BUDGET: "the day's budget of alerts of its severity was used up, and it is in a summary",
    Reason.MUTED: "it is muted",
    Reason.INHIBITED: "its items mainly report a graver incident that has alerted",
    Reason.NOTHING_NEW: "it adds nothing to its incident: no higher severity, claim, step or confirmation",
}
"""What the reasons without an alert of their own mean."""

_NOT_OF_NEWS = BY_HAND | {Reason.CLOSED}

_FOLLOWS = {
    Kind.BOARD: "watcher board",
    Kind.COLLECTION: "watcher status",
    Kind.TEST: "nothing",
}
"""What to do about an alert that is not about the news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """What `explain` was asked about, with what belongs to it.

    `alert` is the one asked about, or else the last one of the incident. `item` is set if an item was asked
    about; `incident` is then one that it joined, and `explained` says which indicators match it.
    """

    name: str
    review: Review
    alert: Alert | None = None
    incident: Incident | None = None
    item: Item | None = None
    decisions: Sequence[Decision] = ()
    explained: Sequence[Explanation] = ()
    options: str = ""
    """What a command needs beside its words to find the same data, as in ` --data demo`."""


def overview(stored: OnRecord) -> dict[str, str]:
    """Return the five lines by what they say: `what`, `why`, `sources`, `limits` and `next`."""
    lines = {
        "what": _what(stored),
        "why": _why(stored),
        "sources": _sources(stored),
        "limits": "; ".join(filter(None, dict.fromkeys(_limits(stored)))) or "nothing",
        "next": _next(stored),
    }
    return {name: one_line(text, _LONGEST) for name, text in lines.items()}


def _what(stored: OnRecord) -> str:
    if item := stored.item:
        return f"{item.title} ({item.owner}, seen {item.seen:%Y-%m-%d %H:%MZ})"
    if alert := stored.alert:
        claim = f", {alert.claim}" if alert.claim else ""
        return f"{subject(alert)} ({alert.at:%Y-%m-%d %H:%MZ}{claim})"
    if incident := stored.incident:
        what = f"[{incident.severity.word.upper()}] {incident.indicator}: {incident.title}"
        return f"{what} ({incident.opened:%Y-%m-%d %H:%MZ}, {incident.claim})"
    return stored.name


def _why(stored: OnRecord) -> str:
    if stored.alert and not stored.item:
        return f"{stored.alert.reason}: {stored.alert.why}"
    decision = _decision(stored)
    if decision is None:
        hits = [each.indicator for each in stored.explained if each.outcome == "hit"]
        return f"no alert: {' and '.join(hits) or 'no indicator'} matches it"
    if decision.alert:
        return f"alert {decision.alert}: {decision.reason}"
    return f"no alert ({decision.reason}): {_SILENCES.get(decision.reason, decision.reason)}"


def _decision(stored: OnRecord) -> Decision | None:
    """Return the decision that made an alert of the item or the incident, else the last that says why not."""
    about = [
        each
        for each in stored.decisions
        if each.reason not in _NOT_OF_NEWS and (not stored.item or each.item == stored.item.id)
    ]
    return next((each for each in about if each.alert), None) or (about[-1] if about else None)


def _sources(stored: OnRecord) -> str:
    if item := stored.item:
        carrier = f", passed on by {item.carrier}" if item.carrier else ""
        return f"{item.owner} (feed {item.feed}, grade {item.grade}{carrier})"
    alert, incident = stored.alert, stored.incident
    if alert and alert.kind is not Kind.INCIDENT:
        return "the watcher itself"
    # the incident has what came after the alert too, the alert only what was known then
    origins = sorted(alert.origins if alert else incident.origins if incident else ())
    owners = sorted({each.owner for each in alert.items} if alert else incident.owners if incident else ())
    named, shown = ", ".join(origins) or "no origin is named", owners[:_PUBLISHERS]
    others = (alert.owners if alert else len(owners)) - len(shown)
    more = f" and {others} more" if others > 0 else ""
    return f"{named}; published by {', '.join(shown)}{more}" if shown else named


def _limits(stored: OnRecord) -> Iterator[str]:
    """Yield what kept it from an alert, or the alert from being graver."""
    alert = stored.alert
    if stored.item or not alert:
        if decision := _decision(stored):
            yield decision.because
            if decision.reason is Reason.NOTHING_NEW and (known := stored.incident):
                level = f"{known.severity.word}, {known.claim} and {known.confidence.word}"
                yield f"its incident is {level} already"
        elif stored.explained and not any(each.outcome == "hit" for each in stored.explained):
            nearest = max(stored.explained, key=lambda each: (bool(each.cues), each.share))
            yield f"nearest is {nearest.indicator}: {nearest.because}"
        return
    if alert.kind is not Kind.INCIDENT:
        return
    if alert.context.confidence is Confidence.UNCONFIRMED:
        asked = f" ({alert.context.corroboration})" if alert.context.corroboration else ""
        yield f"unconfirmed{asked}"
    if alert.claim and alert.claim is not Claim.OCCURRED:
        cues = f" ({', '.join(alert.context.cues)})" if alert.context.cues else ""
        yield f"the claim is only {alert.claim}{cues}"
    yield from (f"against it: {each}" for each in alert.context.against)
    suppressed = (Reason.MUTED, Reason.INHIBITED, Reason.LATE, Reason.BUDGET)
    yield from (
        f"{each.reason}{f', {each.because}' if each.because else ''}"
        for each in stored.decisions
        if each.reason in suppressed
    )


def _next(stored: OnRecord) -> str:
    review, alert = stored.review, stored.alert
    if alert and not stored.item and alert.kind is not Kind.INCIDENT:
        return _FOLLOWS[alert.kind]
    if review.mute:
        return f"{review_lines(review)[-1]}; to end it: watcher unmute {review.mute.target}{stored.options}"
    if review.verdict:
        return f"nothing, {review_lines(review)[-1]}"
    if not alert:
        return f"if it should have alerted: watcher alerts verdict {stored.name} missed{stored.options}"
    if stored.item and (decision := _decision(stored)) and not decision.alert:
        return f"see the alert of its incident: watcher explain {alert.id}{stored.options}"
    verdict = f"watcher alerts verdict {alert.id} useful{stored.options} (or noise)"
    if review.acknowledgement:
        return f"{review_lines(review)[0]}; when you know what it was worth: {verdict}"
    return f"watcher alerts ack {alert.id}{stored.options}; when you know what it was worth: {verdict}"
