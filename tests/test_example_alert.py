"""`alerts/EXAMPLE.md` is what the renderer writes. Written anew by `python -m tests.test_example_alert`."""

import json
from dataclasses import replace
from pathlib import Path

from tests.builders import an_alert, an_alert_item
from watcher.judge.render import alert_line, text
from watcher.model.alerts import Alert, Reason

EXAMPLE = Path(__file__).parents[1] / "alerts" / "EXAMPLE.md"


def a_real_looking_alert() -> Alert:
    """Return the alert a desk would get ten minutes into an ICBM test."""
    items = (
        an_alert_item(
            "N. Korea fires suspected ICBM toward East Sea: JCS",
            feed="wire-en",
            owner="wire",
            url="https://wire.example/2026/10/10/n-korea-fires-suspected-icbm",
        ),
        replace(
            an_alert_item(
                "북한, 동해상으로 ICBM 추정 미사일 발사",
                feed="daily-ko",
                owner="daily",
                url="https://daily.example/nk/20261010-001",
                minutes=4,
            ),
            lang="ko",
        ),
        an_alert_item(
            "Missile fired by North Korea may have landed outside EEZ, Japan says",
            feed="broadcaster-en",
            owner="broadcaster",
            url="https://broadcaster.example/news/4711",
            minutes=9,
        ),
    )
    alert = an_alert(
        items[0].title,
        alert_id="5c1f0a9be07d4f4e8a61",
        at=items[-1].seen,
        why="A second origin says so: ICBM test, occurred according to japan-mod, jcs; it says n korea, fires, icbm.",
        evidence=("n korea", "fires", "icbm"),
        items=items,
        details={"indicator_title": "ICBM test", "confidence": "corroborated", "calendar": "party-day today"},
    )
    return replace(alert, reason=Reason.CORROBORATED, origins=("japan-mod", "jcs"), owners=3)


def example(alert: Alert) -> str:
    """Return the page that shows an alert."""
    line = json.dumps(alert_line(alert), ensure_ascii=False, indent=1)
    return f"""# What an alert looks like

As a person reads it, in a mail, a chat or a terminal:

```text
{text(alert).rstrip()}
```

As it stands in the alert log, `alerts/2026-10-10.jsonl` (there on one line):

```json
{line}
```

The feeds and addresses are made up. This page is what the renderer writes: `python -m tests.test_example_alert` writes it anew, and a
test fails when it is out of date.
"""


def test_the_example_is_what_the_renderer_writes() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example(a_real_looking_alert()), "run: python -m tests.test_example_alert"


if __name__ == "__main__":
    EXAMPLE.write_text(example(a_real_looking_alert()), encoding="utf-8")
