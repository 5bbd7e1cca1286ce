"""`alerts/EXAMPLE.md` is what the judge and the renderer make of three reports.

It is written anew by `python -m tests.test_example_alert`.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.builders import NOON, VOCABULARY, a_hit, a_list, an_item
from watcher.alerting.adjudicate import decide_all
from watcher.alerting.build import Situation
from watcher.delivery.render import alert_line, text
from watcher.incidents.correlate import correlate
from watcher.model.alerts import Alert, Hit, Incident
from watcher.model.review import TrackRecord

EXAMPLE = Path(__file__).parents[1] / "alerts" / "EXAMPLE.md"

LISTED = a_list("""
version: 1
calendars:
  party-day: {dates: ["10-10"]}
indicators:
  - id: icbm-launch
    title: ICBM launch
    category: provocation
    severity: critical
    why: The weapon that reaches furthest.
    match: {any: [icbm]}
    joins: {family: missile, by: happening, rung: 4, quiet: 24h}
    corroborate: {origins: 2, within: 6h}
""")
INDICATORS = {indicator.id: indicator for indicator in LISTED.indicators}
JOININGS = {indicator.id: indicator.joining for indicator in LISTED.indicators if indicator.joining}
RECORD = TrackRecord(
    since=NOON - timedelta(days=120), openings=10, last=NOON - timedelta(days=39), useful=7, noise=2
)


def a_real_looking_alert() -> Alert:
    """Return the second alert a desk would get of an ICBM launch, ten minutes into it."""
    wire = a_report(
        "N. Korea fires suspected ICBM toward East Sea: JCS",
        feed="wire-en",
        link="https://wire.example/2026/10/10/n-korea-fires-suspected-icbm",
        said=("n korea", "fires", "icbm"),
    )
    broadcaster = a_report(
        "North Korea ICBM may have landed outside EEZ, says Japan's Defense Ministry",
        feed="broadcaster-en",
        link="https://broadcaster.example/news/4711",
        minutes=4,
        said=("north korea", "icbm"),
    )
    daily = a_report(
        '합참 "북한, 동해상으로 ICBM 추정 미사일 발사"',
        feed="daily-ko",
        link="https://daily.example/nk/20261010-001",
        minutes=9,
        said=("북한", "icbm"),
    )
    first, _ = told((wire,), ())
    _, alert = told((broadcaster, daily), (first,))
    return alert


def a_report(title: str, *, feed: str, link: str, said: tuple[str, ...], minutes: float = 0) -> Hit:
    """Return a hit of the indicator in what a feed published two minutes before it was seen."""
    owner, _, language = feed.partition("-")
    item = an_item(
        title,
        feed=feed,
        owner=owner,
        language=language,
        minutes=minutes,
        published=NOON + timedelta(minutes=minutes - 2),
    )
    return replace(a_hit(replace(item, url=link), incident=None), evidence=said)


def told(hits: tuple[Hit, ...], known: tuple[Incident, ...]) -> tuple[Incident, Alert]:
    """Return the incident some hits make, and the alert of it, at the moment the last of them was seen."""
    correlated = correlate(hits, known, JOININGS, VOCABULARY)
    now = hits[-1].item.seen
    situation = Situation(
        now=now,
        indicators=INDICATORS,
        vocabulary=VOCABULARY,
        calendars=LISTED.calendars,
        records=dict.fromkeys(INDICATORS, RECORD),
        known=known,
    )
    (decided,) = decide_all(correlated.incidents, correlated.hits, situation)
    assert decided.alert
    return decided.incident, decided.alert


def example(alert: Alert) -> str:
    """Return the page that shows an alert."""
    line = json.dumps(alert_line(alert), ensure_ascii=False, indent=1)
    return f"""# What an alert looks like

A person reads it like this in a mail, a chat or a terminal:

```text
{text(alert).rstrip()}
```

The alert log, `alerts/2026-10-10.jsonl`, has it on one line:

```json
{line}
```

The feeds and addresses are invented. The renderer writes this page:
`python -m tests.test_example_alert` regenerates it, and a test fails when it is out of date.
"""


def test_the_example_is_what_the_renderer_writes() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example(a_real_looking_alert()), (
        "run: python -m tests.test_example_alert"
    )


if __name__ == "__main__":
    EXAMPLE.write_text(example(a_real_looking_alert()), encoding="utf-8")
