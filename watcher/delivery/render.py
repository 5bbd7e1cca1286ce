"""An alert in; the line of the alert log, and a subject, a text and HTML for people out.

Everything that came from a feed is data. A field that is one line for people loses line breaks, terminal
escapes, bidi overrides and other invisible characters, and is cut; an address that is not http or https is
left out. What is left over in the JSON (ids, which must stay what they are) is escaped, so that a line is
always one line and safe to show in a terminal. HTML is a fragment without script, style or picture, in which
every word is escaped and only http and https addresses are links.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from itertools import groupby

from watcher.model.alerts import Alert, AlertItem, DigestEntry, Reason
from watcher.text.words import without_parts

_TITLE, _WHY, _WORD, _URL, _DETAIL = 300, 2000, 120, 2048, 10_000
_ITEMS_SHOWN = 10
_LEAST = 20
"""Fewer characters of a part that is cut say nothing."""

# CSI and OSC sequences whole, so that no "[31m" is left behind. The closing of an OSC is part of it.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[@-_]?"
)
_SPACES = re.compile(r"\s+")
_INVISIBLE = (  # controls, bidi
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# "<" too: a line that is pasted into a page opens no tag.
_UNSAFE_IN_JSON = re.compile(f"[<{_INVISIBLE}]")
_FOLLOWED = re.compile(r"https?://[^/?#:]", re.IGNORECASE)


def alert_line(alert: Alert) -> dict[str, object]:
    """Return the alert as the contract's log line; the added fields come last."""
    line: dict[str, object] = {
        "id": alert.id,
        "at": _stamp(alert.at),
        "kind": alert.kind.value,
        "reason": alert.reason.value,
        "indicator": alert.indicator,
        "category": alert.category,
        "severity": alert.severity.word,
        "claim": alert.claim.value if alert.claim else None,
        "level": alert.level.value,
        "incident": alert.incident,
        "title": one_line(alert.title, _TITLE),
        "why": one_line(alert.why, _WHY),
        "evidence": [one_line(words, _WORD) for words in alert.evidence],
        "origins": [one_line(origin, _WORD) for origin in alert.origins],
        "owners": alert.owners,
        "items": [_item_line(item) for item in alert.items],
    }
    if alert.entries:
        line["entries"] = [_entry_line(entry) for entry in alert.entries]
    if alert.only:
        line["only"] = alert.only
    return line | added_fields(alert)


def added_fields(alert: Alert) -> dict[str, str | int | list[str]]:
    """Return what the log line has beside the contract, without what is not known."""
    context = alert.context
    found: dict[str, str | int | list[str]] = {
        "indicator_title": _text(alert.indicator_title),
        "confidence": _confidence(alert),
        "indicators": _ids(context.indicators),
        "items_in_all": context.items_in_all,
        "step": context.step,
        "corroboration": _text(context.corroboration),
        "cues": _text(*context.cues),
        "timeline": _text(*context.timeline),
        "late": _text(context.late),
        "items_not_shown": alert.items_not_shown,
        "entries_not_shown": alert.entries_not_shown,
        "base_rate": _text(context.base_rate),
        "precision": _text(context.precision),
        "calendar": _text(*context.calendar),
        "against": _text(*context.against),
        "link": safe_link(context.link),
        "repeats": _text(alert.repeats),
        "mistakes": alert.mistakes,
        "feeds": _ids(alert.feeds),
        "subject": _text(alert.subject),
        "changes": _text(*map(str, alert.changes)),
        "because": _text(*alert.because),
        "incidents": _ids(alert.incidents),
    }
    # an alert of the board says so, also when no incident adds to it any more
    return {name: value for name, value in found.items() if value or (name == "incidents" and alert.subject)}


def alert_json(alert: Alert, also: Sequence[Alert] = ()) -> str:
    """Return the log line as JSON text: one line without its end, valid UTF-8, inert in a terminal.

    `told_with` has the lines of the alerts told with it, if there are any.
    """
    line = alert_line(alert) | ({"told_with": [alert_line(each) for each in also]} if also else {})
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE_IN_JSON.sub(_escaped, _SURROGATE.sub("\ufffd", text))


def subject(alert: Alert) -> str:
    """Return one line for a phone or a mail: how bad, what kind, what."""
    parts = one_line(alert.indicator_title or alert.indicator, _WORD), one_line(alert.title, _TITLE)
    line = f"[{alert.severity.word.upper()}] {': '.join(filter(None, parts))}"
    return line.replace("=?", "= ?")  # mail would decode `=?utf-8?q?…?=`, line breaks and all


def named(alert: Alert, also: Sequence[Alert]) -> str:
    """Return one line that names the alerts told with an alert, or an empty string when there are none."""
    return f"Also: {', '.join(_named(each, alert) for each in also)}" if also else ""


def text(alert: Alert, also: Sequence[Alert] = (), options: str = "") -> str:
    """Return the alert as plain text for people: what, why, on what grounds, and how to look further.

    `options` is what the command that it names needs to find the same data, as in ` --data demo`.
    """
    parts = [subject(alert), one_line(alert.why, _WHY), named(alert, also)]
    for severity, stories in _by_severity(alert):
        parts.append("\n".join([severity.upper(), *(f"- {title}\n  {course}" for title, course in stories)]))
    parts.append("\n".join(f"{name + ':':<11} {value}" for name, value in _facts(alert)))
    for number, (title, source, link) in enumerate(_shown(alert), start=1):
        parts.append("\n   ".join(filter(None, (f"{number}. {title}", source, link))))
    return "\n\n".join(filter(None, (*parts, _more(alert), _look_further(alert) + options))) + "\n"


def text_that_fits(alert: Alert, also: Sequence[Alert], fits: Callable[[str], bool]) -> str:
    """Return the alert as plain text for people, or as much of it as a service takes.

    `fits` says whether it takes a text, and whatever is shorter. What is left of the shortest is the headline
    with its severity, perhaps cut, and the way to look further, which names the id.
    """
    if fits(whole := text(alert, also)):
        return whole
    further = f"Shortened; all of it: watcher explain {one_line(alert.id, _TITLE)}"
    kept = _longest(subject(alert), fits, after=f"\n{further}")
    for part in whole.removesuffix("\n").split("\n\n")[1:-1]:
        longer = _longest(part, fits, before=f"{kept}\n\n")
        if not fits(longer):
            return kept
        kept = longer
        if not kept.endswith(part):
            return kept
    return kept


def _longest(words: str, fits: Callable[[str], bool], before: str = "", after: str = "") -> str:
    """Return the words between two others, or as many characters of them as fit there; a few in any case."""
    least, most = _LEAST, max(_LEAST, len(words))
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if fits(f"{before}{_cut(words, middle)}{after}") else (least, middle - 1)
    return f"{before}{_cut(words, least)}{after}"


def html(alert: Alert, also: Sequence[Alert] = ()) -> str:
    """Return the same as a piece of HTML that can stand in any page or mail."""
    parts = [f"<h2>{_escape(subject(alert))}</h2>"]
    parts += [f"<p>{_escape(one_line(alert.why, _WHY))}</p>"] if alert.why else []
    parts += [f"<p>{_escape(named(alert, also))}</p>"] if also else []
    for severity, stories in _by_severity(alert):
        lines = (f"<li>{_escape(title)}<br>{_escape(course)}</li>" for title, course in stories)
        parts += [f"<h3>{severity}</h3>", "<ul>", *lines, "</ul>"]
    parts.append("<dl>")
    for name, value in _facts(alert):
        parts.append(f"<dt>{name}</dt><dd>{_anchor(value) if name == 'Link' else _escape(value)}</dd>")
    parts.append("</dl>")
    items = [
        "<br>".join(filter(None, (_escape(title), _escape(source), _anchor(link))))
        for title, source, link in _shown(alert)
    ]
    parts += ["<ol>", *(f"<li>{item}</li>" for item in items), "</ol>"] if items else []
    parts += [f"<p>{_more(alert)}</p>"] if _more(alert) else []
    return "\n".join((*parts, f"<p>{_escape(_look_further(alert))}</p>")) + "\n"


def one_line(words: str, limit: int) -> str:
    """Return words on a line of at most `limit` characters, without anything that hides, reorders or acts."""
    if not words.isprintable():  # most are, and have only to be spaced
        spaced = _SPACES.sub(" ", _ESCAPES.sub("", words))
        words = _SURROGATE.sub("\ufffd", _HIDDEN.sub("", spaced))
    return _cut(" ".join(words.split()), limit)


def _cut(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def safe_link(url: str) -> str:
    """Return the address if a person can safely follow it; half an address or a `javascript:` one is none."""
    clean = one_line(url, _URL + 1)
    return clean if len(clean) <= _URL and _FOLLOWED.match(clean) else ""


def _named(other: Alert, alert: Alert) -> str:
    """Return how a message names another alert: its headline only where it is another one."""
    reason = "" if other.reason is Reason.NEW else f", {other.reason.value.replace('_', ' ')}"
    headline = "" if other.title == alert.title else f": {one_line(other.title, _TITLE)}"
    return f"{one_line(other.indicator, _WORD)} ({other.severity.word}{reason}){headline}"


def _item_line(item: AlertItem) -> dict[str, object]:
    return _plain(item) | {"title": one_line(item.title, _TITLE), "url": safe_link(item.url)}


def _entry_line(entry: DigestEntry) -> dict[str, object]:
    return _plain(entry) | {
        "indicator": one_line(entry.indicator, _WORD),
        "severity": entry.severity.word,
        "title": one_line(entry.title, _TITLE),
        "alerts": list(entry.alerts),
    }


def _plain(value: AlertItem | DigestEntry) -> dict[str, object]:
    """Return the fields of a value, times as text."""
    found = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: _stamp(each) if isinstance(each, datetime) else each for name, each in found}


def _text(*lines: str) -> str:
    return one_line("; ".join(lines), _DETAIL)


def _ids(ids: Sequence[str]) -> list[str]:
    return one_line(" ".join(ids), _DETAIL).split()


def _confidence(alert: Alert) -> str:
    return "" if alert.context.confidence is None else alert.context.confidence.word


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] not in "<\x7f" else f"\\u{ord(found[0]):04x}"


def _facts(alert: Alert) -> list[tuple[str, str]]:
    """Return what is known of the alert, each on one line, without what is not known."""
    context, owners = alert.context, sorted({one_line(item.owner, _WORD) for item in alert.items})
    others = alert.owners - len(owners)
    carried = f"{', '.join(owners)} and {others} more" if others > 0 else ", ".join(owners)
    facts = [
        ("Claim", alert.claim.value if alert.claim else ""),
        ("Reason", alert.reason.value.replace("_", " ")),
        ("Level", alert.level.value),
        ("Confidence", _confidence(alert)),
        ("Calendar", one_line("; ".join(context.calendar), _WHY)),
        ("Timeline", one_line("; ".join(context.timeline), _WHY)),
        ("Base rate", one_line(context.base_rate, _WHY)),
        ("Precision", one_line(context.precision, _WHY)),
        ("Against", one_line("; ".join(context.against), _WHY)),
        ("Late", one_line(context.late, _WHY)),
        ("Hit by", ", ".join(one_line(words, _WORD) for words in without_parts(alert.evidence))),
        ("Origins", ", ".join(one_line(origin, _WORD) for origin in alert.origins)),
        ("Owners", carried if owners else ""),
        ("When", _clock(alert.at)),
        ("Link", safe_link(context.link)),
        ("Alert", one_line(alert.id, _TITLE)),
    ]
    return [(name, value) for name, value in facts if value]


def _shown(alert: Alert) -> Iterator[tuple[str, str, str]]:
    """Yield title, source and link of the items that people are shown."""
    for item in alert.items[:_ITEMS_SHOWN]:
        published = f"published {_clock(item.published)}, " if item.published else ""
        source = f"{one_line(item.owner, _WORD)} ({one_line(item.feed, _WORD)})"
        seen = f"{published}seen {_clock(item.seen)}"
        yield one_line(item.title, _TITLE), f"{source}, {seen}", safe_link(item.url)


def _by_severity(alert: Alert) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the stories of a digest by severity, each with its title and its course."""
    for severity, entries in groupby(alert.entries, key=lambda entry: entry.severity):
        yield severity.word, [(_headline(entry), _course(entry)) for entry in entries]


def _headline(entry: DigestEntry) -> str:
    return f"{one_line(entry.indicator, _WORD)}: {one_line(entry.title, _TITLE)}"


def _course(entry: DigestEntry) -> str:
    since = f"s since {_clock(entry.first)}" if len(entry.alerts) > 1 else ""
    last = f"{entry.reason.value.replace('_', ' ')}, {_clock(entry.last)}"
    return f"{last}; {len(entry.alerts)} alert{since}; watcher explain {one_line(entry.alerts[-1], _TITLE)}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _escape(text: str) -> str:
    from html import escape  # noqa: PLC0415 - with it come 0.3 MB of entities, for those who send mail

    return escape(text)


def _anchor(url: str) -> str:
    """Return a link that shows where it goes, or nothing."""
    link = _escape(safe_link(url))
    return f'<a href="{link}" rel="noopener noreferrer nofollow">{link}</a>' if link else ""


def _more(alert: Alert) -> str:
    left = len(alert.items) - _ITEMS_SHOWN
    return f"... and {left} more" if left > 0 else ""


def _look_further(alert: Alert) -> str:
    return f"Look further: watcher explain {one_line(alert.id, _TITLE)}"
