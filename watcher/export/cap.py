"""Alerts and closed incidents in, messages of the Common Alerting Protocol (OASIS CAP 1.2) out.

An alert is one message. The first about an incident has the type Alert, each later one Update with references
to those before it. A denial of what no second origin has confirmed cancels them, and so does the closing of
the incident. Alerts about the service itself have the status System, tests of a channel Test. A message is
one line, so that a stream of them can be split.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from watcher.atom import xml_text
from watcher.delivery.render import one_line, safe_link
from watcher.export.uri import absolute_uri
from watcher.match.languages import languages_of
from watcher.model.alerts import Alert, Confidence, Incident, Kind, Reason
from watcher.model.language import Claim, Severity
from watcher.text.fold import fold

_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_TITLE, _TEXT = 300, 10_000
_LANGUAGE = re.compile(r"[a-z]{2,8}")
_STATUS = {Kind.INCIDENT: "Actual", Kind.BOARD: "Actual", Kind.COLLECTION: "System", Kind.TEST: "Test"}
_SEVERITY = {
    Severity.CRITICAL: "Extreme",
    Severity.HIGH: "Severe",
    Severity.MEDIUM: "Moderate",
    Severity.LOW: "Minor",
    Severity.INFO: "Minor",
}
_URGENCY = {
    Claim.OCCURRED: "Immediate",
    Claim.IMMINENT: "Expected",
    Claim.THREATENED: "Future",
    Claim.HISTORICAL: "Past",
}
_CERTAINTY = {
    Claim.OCCURRED: "Likely",
    Claim.IMMINENT: "Likely",
    Claim.THREATENED: "Possible",
    Claim.SPECULATED: "Possible",
    Claim.DENIED: "Unlikely",
    Claim.HISTORICAL: "Observed",
}

_Element = tuple[str, str | Sequence["_Element"]]


def cap_alert(alert: Alert, earlier: Sequence[Alert], sender: str) -> str:
    """Return the message of an alert; `earlier` are those about the same incident before it, oldest first."""
    is_confirmed = alert.context.confidence is Confidence.CORROBORATED
    is_withdrawn = alert.reason is Reason.DENIED and not is_confirmed
    message_type = "Cancel" if is_withdrawn and earlier else "Update" if earlier else "Alert"
    incident = alert.incident if alert.kind is Kind.INCIDENT else ""
    certain = "Observed" if is_confirmed and alert.claim is Claim.OCCURRED else ""
    urgency = _URGENCY.get(alert.claim, "Unknown") if alert.claim else "Unknown"
    certainty = certain or (_CERTAINTY[alert.claim] if alert.claim else "Unknown")
    return _message(
        [
            ("identifier", alert.id),
            ("sender", sender),
            ("sent", _time(alert.at)),
            ("status", _STATUS[alert.kind]),
            ("msgType", message_type),
            ("scope", "Public"),
            *_about(alert.reason.value.replace("_", " "), earlier, incident, sender),
            ("info", _info(alert, urgency, certainty)),
        ]
    )


def cap_closing(incident: Incident, told: Sequence[Alert], sender: str) -> str:
    """Return the message that ends an incident; `told` are the alerts about it, oldest first."""
    closed = incident.closed or incident.updated
    return _message(
        [
            (
                "identifier",
                hashlib.sha256(f"{incident.id}\nclosed\n{_time(closed)}".encode()).hexdigest()[:20],
            ),
            ("sender", sender),
            ("sent", _time(closed)),
            ("status", "Actual"),
            ("msgType", "Cancel"),
            ("scope", "Public"),
            *_about("closed: nothing has joined it for long", told, incident.id, sender),
            ("info", _info(told[-1], "Past", "Unlikely" if incident.denied else "Observed")),
        ]
    )


def title_language(alert: Alert) -> str:
    """Return the language of a title as BCP 47 has it: by its script, else as the feed of that item says."""
    named = next((item.lang for item in alert.items if item.title == alert.title), "")
    found = languages_of(fold(alert.title), named)
    language = next((each for each in ("ko", "ja", "zh", "ru") if each in found), min(found, default=""))
    return language if _LANGUAGE.fullmatch(language) else "en"


def _about(note: str, earlier: Sequence[Alert], incident: str, sender: str) -> Iterator[_Element]:
    """Yield why there is a message, those that it refers to, and the incident that all are about."""
    yield "note", note
    if earlier:
        yield "references", " ".join(f"{sender},{each.id},{_time(each.at)}" for each in earlier)
    if incident:
        yield "incidents", f'"{incident}"' if re.search(r"\s", incident) else incident


def _info(alert: Alert, urgency: str, certainty: str) -> Sequence[_Element]:
    event = alert.indicator_title or alert.indicator or alert.kind.value
    sources = (f"{item.owner}: {item.title} {safe_link(item.url)}" for item in alert.items)
    known = {
        "confidence": alert.context.confidence.word if alert.context.confidence is not None else "",
        "claim": alert.claim.value if alert.claim else "",
        "level": alert.level.value,
        "origins": ", ".join(alert.origins),
        "owners": str(alert.owners),
    }
    links = filter(
        None, (absolute_uri(url) for url in (alert.context.link, *(item.url for item in alert.items)))
    )
    return [
        ("language", title_language(alert)),
        ("category", "Security" if alert.kind in (Kind.INCIDENT, Kind.BOARD) else "Other"),
        ("event", one_line(event, _TITLE)),
        ("urgency", urgency),
        ("severity", _SEVERITY[alert.severity]),
        ("certainty", certainty),
        *([("eventCode", _named("indicator", alert.indicator))] if alert.indicator else []),
        ("senderName", "provocation-watcher"),
        ("headline", one_line(alert.title, _TITLE)),
        ("description", one_line("; ".join((alert.why, *sources)), _TEXT)),
        *(("web", link) for link in list(links)[:1]),
        *(("parameter", _named(name, value)) for name, value in known.items() if value),
    ]


def _named(name: str, value: str) -> Sequence[_Element]:
    return [("valueName", f"provocation-watcher:{name}"), ("value", one_line(value, _TEXT))]


def _message(elements: Sequence[_Element]) -> str:
    root = ET.Element("alert", xmlns=_NAMESPACE)
    _fill(root, elements)
    return f'<?xml version="1.0" encoding="UTF-8"?>{ET.tostring(root, encoding="unicode")}\n'


def _fill(parent: ET.Element, elements: Sequence[_Element]) -> None:
    for name, inside in elements:
        child = ET.SubElement(parent, name)
        if isinstance(inside, str):
            child.text = xml_text(inside)
        else:
            _fill(child, inside)


def _time(at: datetime) -> str:
    """Return a time as section 3.3.2 has it: whole seconds, and -00:00 for UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"
