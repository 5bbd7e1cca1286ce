"""What changed since somebody last looked in, a Markdown text for whoever takes over out.

Words of feeds and of reviewers are one line each, without markup of their own.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from watcher.export.markdown import markdown_text
from watcher.model.alerts import Alert
from watcher.model.board import LevelChange
from watcher.model.language import SubjectKind
from watcher.model.listing import ListedIncident
from watcher.model.review import Action, ActionKind
from watcher.text.numbers import counted

_LONGEST, _MOST = 160, 40

Prints = Mapping[str, str]
"""Of each thing of a list, by its id, a number that changes when it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRecord:
    """What a handover tells of, from `since` to `now`.

    `incidents` were opened since, `waiting` are the newest of `all_waiting` that nobody has answered; `muted`
    names what is muted. `actions` come oldest first, `titles` are those of their targets. `feeds` are the
    alerts about feeds and the watcher itself, the oldest first, `problems` what needs a person now. `lists`
    says what changed in the lists.
    """

    by: str
    since: datetime
    because: str
    now: datetime
    levels: Sequence[LevelChange]
    incidents: Sequence[ListedIncident]
    waiting: Sequence[ListedIncident]
    all_waiting: int
    muted: Collection[str]
    actions: Sequence[Action]
    titles: Mapping[str, str]
    feeds: Sequence[Alert]
    problems: Sequence[str]
    in_force: Sequence[str]
    coming: Sequence[str]
    lists: Sequence[str]


def handover_text(record: HandoverRecord) -> str:
    """Return the handover as Markdown."""
    silent = [each for each in record.incidents if not each.incident.told]
    sections: list[tuple[str, list[str]]] = [
        ("Levels that rose or fell", list(_levels(record.levels))),
        (
            "New incidents",
            [
                *_at_most(_incident(each, record.muted) for each in record.incidents if each.incident.told),
                *([f"{counted(len(silent), 'other incident')} made no alert"] if silent else []),
            ],
        ),
        (
            "Awaiting an answer",
            [
                *(_incident(each, record.muted) for each in record.waiting),
                *_more(record.all_waiting - len(record.waiting)),
            ],
        ),
        ("Answers", _at_most(_answer(each, record.titles) for each in record.actions)),
        (
            "Feeds and the watcher itself",
            [*_at_most(map(_of_feeds, record.feeds)), *map(_now, record.problems)],
        ),
        (
            "Days to come",
            [*(f"now: {_plain(each)}" for each in record.in_force), *map(_plain, record.coming)],
        ),
        ("Lists", list(map(_plain, record.lists))),
    ]
    lines = [
        f"# Handover to {_plain(record.by)}",
        "",
        f"From {_clock(record.since)} ({_plain(record.because)}) to {_clock(record.now)}.",
    ]
    for title, found in sections:
        lines += ["", f"## {title}", "", *(f"- {each}" for each in found or ["nothing"])]
    return "\n".join(lines) + "\n"


def prints_of(things: Iterable[Any]) -> Prints:
    """Return the prints of indicators or feeds; where an indicator is written makes no difference."""
    return {
        str(each.id): sha256(
            json.dumps(_compared(each), sort_keys=True, default=_stable).encode()
        ).hexdigest()[:8]
        for each in things
    }


def changes_of(name: str, before: Prints, after: Prints) -> Iterator[str]:
    """Yield what was added to a list, what went, and what has changed, in a sentence each."""
    for what, found in (
        ("added", after.keys() - before.keys()),
        ("removed", before.keys() - after.keys()),
        ("changed", {each for each in after.keys() & before.keys() if after[each] != before[each]}),
    ):
        if found:
            yield f"{name} {what}: {', '.join(sorted(found))}"


def _levels(changes: Sequence[LevelChange]) -> Iterator[str]:
    """Yield for each subject from which level to which it went in all, and why it changed last."""
    for _, found in groupby(sorted(changes, key=_subject), key=_subject):
        course = list(found)
        before, last, name = course[0].before, course[-1], _plain(course[-1].subject.word)
        if before is last.level:
            yield f"{name}: {before}, as before, after {counted(len(course), 'change')}"
            continue
        why = f": {_plain('; '.join(last.because))}" if last.because else ""
        yield f"**{name}**: {before} to **{last.level}** at {_clock(last.since)}{why}"


def _subject(change: LevelChange) -> tuple[int, str]:
    """Order by subject: the problem, then categories, then indicators."""
    return list(SubjectKind).index(change.subject.kind), change.subject.name


def _incident(listed: ListedIncident, muted: Collection[str]) -> str:
    incident, review = listed.incident, listed.review
    if incident.id in muted or incident.indicator in muted:
        state = "muted"
    elif review.verdict:
        state = f"judged {review.verdict.value} by {_plain(review.verdict.by)}"
    elif listed.answered and review.acknowledgement:
        state = f"acknowledged by {_plain(review.acknowledgement.by)}"
    else:
        state = "**new**"
    closed = ", closed" if incident.closed else ""
    claimed = f"{incident.claim}, {incident.confidence.word}, {counted(incident.items, 'report')}"
    return (
        f"{_clock(incident.opened)} **{incident.severity.word}** {_plain(incident.title)} "
        f"({incident.indicator}: {claimed}; {state}{closed}) `{incident.id}`"
    )


def _answer(action: Action, titles: Mapping[str, str]) -> str:
    done = {ActionKind.OVERRIDE: "set level", ActionKind.VERDICT: "judged"}.get(
        action.kind, action.kind.value
    )
    value = f" {_plain(', '.join(action.value.splitlines()))}" if action.value else ""
    until = f" until {_clock(action.until)}" if action.until else ""
    why = f": {_plain(action.why)}" if action.why else ""
    about = titles.get(action.target) or action.target
    return f"{_clock(action.at)} {_plain(action.by)} {done}{value}{until}, {_plain(about)}{why}"


def _of_feeds(alert: Alert) -> str:
    return f"{_clock(alert.at)} {alert.reason.replace('_', ' ')}: {_plain(alert.title)}"


def _now(problem: str) -> str:
    return f"now: {_plain(problem)}"


def _at_most(found: Iterable[str]) -> list[str]:
    every = list(found)
    return [*every[-_MOST:], *_more(len(every) - _MOST)]


def _more(count: int) -> list[str]:
    return [f"and {count} more"] if count > 0 else []


def _plain(words: str) -> str:
    return markdown_text(words, _LONGEST)


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _compared(thing: Any) -> dict[str, Any]:
    """Return the fields that tell one thing from another, without where it is written."""
    compared = {each.name for each in fields(thing) if each.compare} - {"place", "changed"}
    return {name: value for name, value in asdict(thing).items() if name in compared}


def _stable(value: object) -> object:
    """Return what JSON holds of a value; sets in order, so that equal values are equal texts."""
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)
