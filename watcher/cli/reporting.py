"""For people: what changed since somebody last looked."""

import json
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.alerting.review import mutes
from watcher.cli.alerts import reviewing, title_of
from watcher.cli.common import By, app, takes_settings, time_of
from watcher.clock import utc_now
from watcher.model.alerts import Kind, Reason
from watcher.model.listing import IncidentQuery, IncidentState
from watcher.model.review import ActionKind

if TYPE_CHECKING:
    from watcher.export.handover import HandoverRecord
    from watcher.model.language import IndicatorList
    from watcher.model.settings import Settings
    from watcher.ports import Database

_FIRST = timedelta(days=1)
"""How far back the first handover of a person tells."""

_SHOWN, _ALL = 30, 100_000


@app.command("handover")
@takes_settings("data", "indicators", "feeds", "config")
def hand_over(
    settings: "Settings",
    since: Annotated[
        str,
        typer.Option(
            "--since",
            help="Since this time or day (UTC), or a time ago such as 12h (default: your last handover).",
            show_default=False,
        ),
    ] = "",
    by: By = "",
) -> None:
    """Tell as Markdown what changed since your last handover, and remember this one."""
    from watcher.export.handover import changes_of, handover_text, prints_of

    listed, feeds = bootstrap.indicators_in_use(settings), bootstrap.feeds_in_use(settings)
    name = f"lists at the handover of {by.strip()}"
    prints = {
        "indicators": prints_of(listed.indicators),
        "entities": prints_of(listed.entities.values()),
        "feeds": prints_of(feeds),
    }
    with closing(bootstrap.read_store(settings)) as store:
        before = json.loads(store.noted(name) or "{}")
        changes = [line for what in before for line in changes_of(what, before[what], prints[what])]
        lists = changes if before else ["what changes in them is known from your next handover on"]
        record = _record_of(settings, store, by.strip(), time_of(since), listed, lists)
    with reviewing(settings, by) as reviewer:
        reviewer.hand_over(name, json.dumps(prints))
    typer.echo(handover_text(record), nl=False)


def _record_of(
    settings: "Settings",
    store: "Database",
    by: str,
    asked: datetime | None,
    listed: "IndicatorList",
    lists: list[str],
) -> "HandoverRecord":
    """Return what a handover to somebody tells; `lists` says what changed in the lists."""
    from watcher.board.view import nearby_days
    from watcher.export.handover import HandoverRecord
    from watcher.service.health import health_here

    now, actions = utc_now(), store.actions()
    last = next(
        (each.at for each in reversed(actions) if each.kind is ActionKind.HANDOVER and each.by == by), None
    )
    since = asked or last or now - _FIRST
    because = "as asked" if asked else "the last handover" if last else "there was no handover before"
    muted = mutes(actions, now)
    held = frozenset(muted) | {each.id for each in listed.indicators if each.category.value in muted}
    query = IncidentQuery(muted=held, alerted=None, since=since)
    unanswered = IncidentQuery(muted=held, state=IncidentState.NEW)
    recent = [each for each in actions if each.at >= since and each.kind is not ActionKind.HANDOVER]
    told = reversed(store.alerts(since=since, limit=_ALL))
    in_force, coming = nearby_days(listed.indicators, listed.calendars, now)
    return HandoverRecord(
        by=by,
        since=since,
        because=because,
        now=now,
        levels=store.levels(since),
        incidents=[
            each for each in reversed(store.incidents(query, limit=_ALL)) if each.incident.opened >= since
        ],
        waiting=store.incidents(unanswered, limit=_SHOWN),
        all_waiting=store.count_incidents(unanswered),
        muted=held,
        actions=recent,
        titles={each.target: title_of(each.target, store) for each in recent},
        feeds=[each for each in told if each.kind is Kind.COLLECTION and each.reason is not Reason.DIGEST],
        problems=health_here(settings, store, now).in_short,
        in_force=in_force,
        coming=coming,
        lists=lists,
    )
